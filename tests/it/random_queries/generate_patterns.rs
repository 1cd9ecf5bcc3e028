//! Patterns from bytes.

use super::generate::{Generator, Kind, Scope};
use super::tree::{
    Clause, Direction, Expr, Group, Labels, Link, Mode, NodePattern, Pattern, Quantifier,
    RelationshipPattern, Selector, Subquery,
};

impl Generator<'_> {
    pub(super) fn match_clause(&mut self, is_plain: bool) -> Clause {
        let is_optional = !is_plain && self.choices.once_in(4);
        let before = self.scope.clone();
        let n_patterns = self.choices.pick(&[1, 1, 2, 1, 1, 2, 1, 3]);
        let mut patterns = Vec::new();
        let mut repeated = Scope::new();
        let mut used = Vec::new();
        for _ in 0..n_patterns {
            let pattern = self.pattern(n_patterns == 1, n_patterns, &mut repeated, &mut used);
            patterns.push(pattern);
        }
        // The lists of repeated variables are there once all patterns are.
        self.scope.extend(repeated);
        let filter = self.choices.once_in(3).then(|| {
            let depth = self.choices.pick(&[1, 3, 2]);
            self.filter(depth)
        });
        debug_assert!(self.scope.starts_with(&before), "a clause only adds variables");
        Clause::Match { is_optional, patterns, filter }
    }

    /// A pattern; its variables are visible afterwards, those in `repeated` only after the clause.
    fn pattern(
        &mut self,
        is_alone: bool,
        n_patterns: usize,
        repeated: &mut Scope,
        used: &mut Vec<String>,
    ) -> Pattern {
        let selector = self.choices.once_in(5).then(|| self.selector(is_alone)).flatten();
        let mode = self
            .choices
            .once_in(6)
            .then(|| self.choices.pick(&[Mode::Trail, Mode::Walk, Mode::Acyclic, Mode::Simple]));
        // Which of equal paths is chosen is open, so nothing on the way has a name.
        let is_open = matches!(selector, Some(Selector::Any(_) | Selector::Shortest(_)));
        let is_chosen = selector.is_some_and(|selector| selector != Selector::All);
        let is_named = self.choices.below(5) > 0;
        let start = self.node(is_named, is_chosen);
        let n_links = match n_patterns {
            1 => self.choices.pick(&[1, 0, 2, 1, 3]),
            _ => self.choices.pick(&[1, 0, 1, 2]),
        };
        let n_links = if is_chosen { n_links.clamp(1, 2) } else { n_links };
        let mut links: Vec<(Link, NodePattern)> = Vec::new();
        let mut is_quantified = false;
        for no in 0..n_links {
            let may_quantify = !is_chosen || !is_quantified;
            let link = self.link(may_quantify, is_chosen, is_open, mode, repeated, used);
            let is_repeated = match &link {
                Link::Relationship(relationship) => relationship.quantifier.is_some(),
                Link::Group(_) => true,
            };
            let is_end = no + 1 == n_links;
            let node = match is_open && !is_end {
                true => NodePattern { labels: self.labels(5), ..NodePattern::default() },
                false => self.node(is_end, is_chosen),
            };
            is_quantified |= is_repeated;
            links.push((link, node));
        }
        let variable = self.choices.once_in(3).then(|| self.fresh("p"));
        if let Some(variable) = &variable {
            let kind = match selector {
                Some(Selector::Any(_)) => Kind::Opaque,
                Some(Selector::Shortest(_)) => Kind::Lengthy,
                _ => Kind::Path,
            };
            repeated.push((variable.clone(), kind));
        }
        let mut pattern = Pattern { variable, selector, mode, is_function: false, start, links };
        pattern.is_function = may_be_function(&pattern) && self.choices.below(2) == 1;
        pattern
    }

    fn selector(&mut self, is_alone: bool) -> Option<Selector> {
        let k = 1 + self.choices.below(3);
        let determined = [Selector::All, Selector::AllShortest, Selector::ShortestGroups(k)];
        let open = [Selector::Shortest(k), Selector::Any(k), Selector::Shortest(1), Selector::AllShortest];
        Some(if is_alone && self.choices.below(2) == 0 {
            self.choices.pick(&open)
        } else {
            self.choices.pick(&determined)
        })
    }

    /// A node pattern. `is_fresh`: not a variable that is bound (an inner node of a chosen path).
    fn node(&mut self, is_named: bool, is_inner: bool) -> NodePattern {
        let known = self.of_kind(&Kind::Node);
        let mut is_new = false;
        let variable = if !known.is_empty() && (is_named || !is_inner) && self.choices.below(3) == 1 {
            Some(self.choices.pick(&known))
        } else if is_named || self.choices.below(2) == 0 {
            is_new = true;
            Some(self.fresh("a"))
        } else {
            None
        };
        if is_new {
            self.scope.push((variable.clone().expect("it is named"), Kind::Node));
        }
        let labels = self.labels(8);
        let properties = self.wanted();
        let filter = variable.as_ref().filter(|_| self.choices.once_in(14)).cloned();
        let filter = filter.map(|variable| Box::new(self.about(&variable)));
        NodePattern { variable, labels, properties, filter }
    }

    /// A condition that is likely to be about the variable.
    fn about(&mut self, variable: &str) -> Expr {
        let own = Expr::Variable(variable.to_owned());
        let operand = |generator: &mut Self| match generator.choices.below(3) {
            0 => generator.expr(&Kind::Int, 1),
            1 => Expr::Int(1),
            _ => Expr::Property(Box::new(own.clone()), "no"),
        };
        let compared = operand(self);
        let compare = self.compare();
        let property = Expr::Property(Box::new(Expr::Variable(variable.to_owned())), "n");
        Expr::Compare(Box::new(property), vec![(compare, compared)])
    }

    pub(super) fn labels(&mut self, once_in: usize) -> Option<Labels> {
        let one = |label| Box::new(Labels::One(label));
        self.choices.once_in(once_in).then(|| {
            self.choices.pick(&[
                Labels::One("A"),
                Labels::One("B"),
                Labels::Not(one("A")),
                Labels::And(one("A"), one("B")),
                Labels::Or(one("A"), one("B")),
                Labels::Colons("A", "B"),
                Labels::Any,
                Labels::Not(Box::new(Labels::Any)),
                Labels::And(one("B"), Box::new(Labels::Not(one("A")))),
                Labels::Not(Box::new(Labels::Or(one("A"), one("B")))),
                Labels::Not(Box::new(Labels::And(one("A"), one("B")))),
                Labels::Or(Box::new(Labels::And(one("A"), one("B"))), Box::new(Labels::Not(one("B")))),
            ])
        })
    }

    /// A property map; now and then none of its values can be met.
    fn wanted(&mut self) -> Vec<(&'static str, Expr)> {
        if !self.choices.once_in(12) {
            return Vec::new();
        }
        let (name, kind) =
            self.choices.pick(&[("n", Kind::Int), ("s", Kind::Text), ("b", Kind::Bool), ("m", Kind::Any)]);
        vec![(name, self.expr(&kind, 1))]
    }

    fn link(
        &mut self,
        may_quantify: bool,
        is_chosen: bool,
        is_open: bool,
        mode: Option<Mode>,
        repeated: &mut Scope,
        used: &mut Vec<String>,
    ) -> Link {
        if may_quantify && self.may_group && self.choices.once_in(6) {
            return Link::Group(self.group(is_open, mode, repeated));
        }
        let quantifier = (may_quantify && self.choices.once_in(3)).then(|| self.quantifier(mode, true));
        let known: Vec<String> =
            self.of_kind(&Kind::Relationship).into_iter().filter(|name| !used.contains(name)).collect();
        let mut relationship = self.relationship();
        if is_open || self.choices.below(2) == 0 {
            relationship.quantifier = quantifier;
            return Link::Relationship(relationship);
        }
        if quantifier.is_none() && !is_chosen && !known.is_empty() && self.choices.once_in(4) {
            let name = self.choices.pick(&known);
            used.push(name.clone());
            relationship.variable = Some(name);
            return Link::Relationship(relationship);
        }
        let name = self.fresh("r");
        relationship.variable = Some(name.clone());
        let before = self.scope.len();
        self.scope.push((name.clone(), Kind::Relationship));
        // The legacy star may not carry a condition of its own here: its variable is the list.
        if !quantifier.is_some_and(|quantifier| quantifier.is_legacy) && self.choices.once_in(6) {
            relationship.filter = Some(Box::new(self.about(&name)));
        }
        if quantifier.is_some() {
            self.scope.truncate(before);
            repeated.push((name, Kind::Relationships));
        } else {
            used.push(name);
        }
        relationship.quantifier = quantifier;
        Link::Relationship(relationship)
    }

    /// A relationship pattern without a variable.
    pub(super) fn relationship(&mut self) -> RelationshipPattern {
        RelationshipPattern {
            variable: None,
            kinds: self.choices.pick(&[vec![], vec!["R"], vec!["S"], vec!["R", "S"], vec![], vec![]]),
            direction: self.choices.pick(&[Direction::Out, Direction::In, Direction::Both]),
            properties: if self.choices.once_in(3) { self.wanted() } else { Vec::new() },
            filter: None,
            quantifier: None,
        }
    }

    fn quantifier(&mut self, mode: Option<Mode>, may_be_legacy: bool) -> Quantifier {
        let (least, most) = self.choices.pick(&[
            (1, Some(2)),
            (0, Some(1)),
            (1, None),
            (2, Some(2)),
            (0, Some(2)),
            (0, None),
            (1, Some(3)),
            (2, None),
        ]);
        // Walks without an end are refused.
        let most = if mode == Some(Mode::Walk) { most.or(Some(3)) } else { most };
        Quantifier { least, most, is_legacy: may_be_legacy && self.choices.below(2) == 1 }
    }

    fn group(&mut self, is_open: bool, mode: Option<Mode>, repeated: &mut Scope) -> Group {
        let before = self.scope.len();
        let mut inner = Scope::new();
        let mut node = |generator: &mut Self| {
            let mut pattern = NodePattern { labels: generator.labels(6), ..NodePattern::default() };
            if !is_open && generator.choices.below(2) == 0 {
                let name = generator.fresh("g");
                generator.scope.push((name.clone(), Kind::Node));
                inner.push((name.clone(), Kind::Nodes));
                if generator.choices.once_in(6) {
                    pattern.filter = Some(Box::new(generator.about(&name)));
                }
                pattern.variable = Some(name);
            }
            pattern
        };
        let start = node(self);
        let mut hops = Vec::new();
        let mut names = Vec::new();
        for _ in 0..1 + self.choices.below(2) {
            let mut relationship = self.relationship();
            if !is_open && self.choices.below(2) == 0 {
                let name = self.fresh("r");
                self.scope.push((name.clone(), Kind::Relationship));
                names.push(name.clone());
                relationship.variable = Some(name);
            }
            let end = node(self);
            hops.push((relationship, end));
        }
        let filter = self.choices.once_in(3).then(|| Box::new(self.filter(2)));
        self.scope.truncate(before);
        repeated.extend(inner);
        repeated.extend(names.into_iter().map(|name| (name, Kind::Relationships)));
        Group { start, hops, filter, quantifier: self.quantifier(mode, false) }
    }

    /// Patterns with a condition, within an expression: what they bind is not seen outside.
    pub(super) fn subquery(&mut self) -> Subquery {
        let before = self.scope.clone();
        let n_patterns = self.choices.pick(&[1, 1, 1, 2]);
        let (mut repeated, mut used) = (Scope::new(), Vec::new());
        let patterns = (0..n_patterns).map(|_| self.pattern(false, 2, &mut repeated, &mut used)).collect();
        self.scope.extend(repeated);
        let filter = self.choices.once_in(2).then(|| self.filter(1));
        self.scope = before;
        Subquery { patterns, filter, is_spelled: self.choices.below(2) == 0 }
    }

    /// A pattern of bound nodes and anonymous relationships, from one of the nodes.
    pub(super) fn predicate(&mut self, from: String) -> Pattern {
        let known = self.of_kind(&Kind::Node);
        let mut links = Vec::new();
        for _ in 0..1 + self.choices.below(2) {
            let mut relationship = self.relationship();
            if links.is_empty() && self.choices.once_in(4) {
                let quantifier = self.quantifier(None, true);
                relationship.quantifier = Some(Quantifier { is_legacy: true, ..quantifier });
            }
            let variable = self.choices.once_in(3).then(|| self.choices.pick(&known));
            links.push((
                Link::Relationship(relationship),
                NodePattern { variable, labels: self.labels(4), ..NodePattern::default() },
            ));
        }
        let start = NodePattern { variable: Some(from), ..NodePattern::default() };
        Pattern { variable: None, selector: None, mode: None, is_function: false, start, links }
    }

    /// `size([pattern WHERE … | …])`.
    pub(super) fn pattern_list(&mut self) -> Expr {
        let before = self.scope.clone();
        let (mut repeated, mut used) = (Scope::new(), Vec::new());
        self.may_group = false;
        let mut pattern = self.pattern(false, 2, &mut repeated, &mut used);
        self.may_group = true;
        // A comprehension wants a relationship in its pattern, and knows no selectors or modes.
        (pattern.selector, pattern.mode, pattern.is_function) = (None, None, false);
        if pattern.links.is_empty() {
            pattern.links.push((Link::Relationship(self.relationship()), NodePattern::default()));
        }
        // The path is there once the pattern is found, and not while it is looked for.
        self.scope.extend(repeated);
        let filter = self.choices.once_in(3).then(|| Box::new(self.filter(1)));
        let map = Box::new(self.expr(&Kind::Int, 1));
        self.scope = before;
        let is_subquery = self.choices.below(2) == 1;
        Expr::PatternList { pattern: Box::new(pattern), filter, map, is_subquery }
    }
}

/// Whether `shortestPath()` or `allShortestPaths()` says the same. What they say about conditions
/// on the path is another matter, so the path and its relationships have no names.
fn may_be_function(pattern: &Pattern) -> bool {
    let is_shortest = matches!(pattern.selector, Some(Selector::Shortest(1) | Selector::AllShortest));
    let is_one_star = match pattern.links.as_slice() {
        [(Link::Relationship(relationship), _)] => {
            let is_short = |quantifier: &Quantifier| quantifier.is_legacy && quantifier.least < 2;
            relationship.variable.is_none() && relationship.quantifier.as_ref().is_some_and(is_short)
        }
        _ => false,
    };
    is_shortest && is_one_star && pattern.mode.is_none() && pattern.variable.is_none()
}
