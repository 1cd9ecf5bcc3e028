//! Clauses for which the engine has operators of their own: sweeps over the nodes within reach, joins of
//! patterns that do not hang together, relationships that are bound already, patterns with more relationships
//! than all orders of are compared, and queries within queries.

use super::generate::{Generator, Kind, Scope};
use super::tree::{
    Aggregate, Clause, Compare, Direction, Expr, Group, Link, Logic, Math, Mode, NodePattern, OfQuery,
    Pattern, Projection, Quantifier, Query, RelationshipPattern, Selector, Single,
};

impl Generator<'_> {
    /// A repetition without names between two nodes: what it reaches may be all that is asked.
    pub(super) fn reach_clause(&mut self, is_optional: bool) -> Clause {
        let pattern = self.reach();
        let filter = self.choices.once_in(4).then(|| self.filter(1));
        Clause::Match { is_optional, patterns: vec![pattern], filter }
    }

    fn reach(&mut self) -> Pattern {
        let any = Some(Selector::Any(1));
        let selector = self.choices.pick(&[None, None, None, any, Some(Selector::Shortest(1))]);
        let mode = self.choices.pick(&[None, Some(Mode::Walk), Some(Mode::Trail), Some(Mode::Walk), None]);
        let start = self.end(None);
        let (least, most) = self.choices.pick(&[
            (1, None),
            (0, None),
            (2, Some(3)),
            (1, Some(2)),
            (0, Some(2)),
            (2, None),
            (1, Some(3)),
            (3, Some(4)),
            (2, Some(2)),
            (0, Some(1)),
        ]);
        let most = if mode == Some(Mode::Walk) { most.or(Some(4)) } else { most };
        let quantifier = Quantifier { least, most, is_legacy: false };
        let mut relationship = self.relationship();
        let link = match self.choices.once_in(3) {
            true => {
                let node = |generator: &mut Self| NodePattern {
                    labels: generator.labels(5),
                    ..NodePattern::default()
                };
                let (start, end) = (node(self), node(self));
                Link::Group(Group { start, hops: vec![(relationship, end)], filter: None, quantifier })
            }
            false => {
                relationship.quantifier = Some(quantifier);
                Link::Relationship(relationship)
            }
        };
        let end = self.end(start.variable.clone());
        Pattern { variable: None, selector, mode, is_function: false, start, links: vec![(link, end)] }
    }

    /// A named node, known or new; `other` is the other end's variable.
    fn end(&mut self, other: Option<String>) -> NodePattern {
        let known = self.of_kind(&Kind::Node);
        let variable = match other {
            Some(other) if self.choices.once_in(6) => other,
            _ if !known.is_empty() && self.choices.below(2) == 1 => self.choices.pick(&known),
            _ => self.new_node(),
        };
        let labels = self.labels(6);
        NodePattern { variable: Some(variable), labels, ..NodePattern::default() }
    }

    fn new_node(&mut self) -> String {
        let name = self.fresh("a");
        self.scope.push((name.clone(), Kind::Node));
        name
    }

    /// A projection for which it does not matter how often a row comes.
    pub(super) fn set_projection(&mut self) -> (Projection, Scope) {
        let known: Scope = self.scope.iter().filter(|(_, kind)| kind.is_determined()).cloned().collect();
        let (mut items, mut scope) = (Vec::new(), Scope::new());
        let is_distinct = self.choices.below(2) == 0;
        let n_keys = if is_distinct { 1 + self.choices.below(2) } else { self.choices.below(2) };
        for _ in 0..n_keys {
            let (name, kind) = self.choices.pick(&known);
            if !items.iter().any(|(_, other)| *other == name) {
                items.push((Expr::Variable(name.clone()), name.clone()));
                scope.push((name, kind));
            }
        }
        if !is_distinct {
            let (variable, kind) = self.choices.pick(&known);
            let name = self.fresh("x");
            let argument = Expr::Variable(variable);
            let (aggregate, argument, kind) = match (self.choices.below(3), kind) {
                (1, Kind::Node | Kind::Relationship) => {
                    (Aggregate::Max, Expr::Property(Box::new(argument), "n"), Kind::Int)
                }
                (2, kind) => (Aggregate::Collect, argument, Kind::Bag(Box::new(kind))),
                _ => (Aggregate::Count, argument, Kind::Int),
            };
            let is_distinct = aggregate != Aggregate::Max;
            let item = Expr::Aggregate { aggregate, is_distinct, argument: Some(Box::new(argument)) };
            items.push((item, name.clone()));
            scope.push((name, kind));
        }
        let projection =
            Projection { is_star: false, is_distinct, items, order: Vec::new(), skip: None, limit: None };
        (projection, scope)
    }

    /// Patterns that do not hang together but by equalities.
    pub(super) fn join_clause(&mut self, is_optional: bool) -> Clause {
        let mut groups: Vec<Vec<String>> = Vec::new();
        let mut patterns = Vec::new();
        for no in 0..self.choices.pick(&[2, 2, 3]) {
            let mut names = vec![self.new_node()];
            let mut start = NodePattern { variable: names.first().cloned(), ..NodePattern::default() };
            start.labels = self.labels(6);
            if no > 0 && self.choices.once_in(5) {
                let other = self.choices.pick(&groups.concat());
                start.properties = vec![("n", Expr::Property(Box::new(Expr::Variable(other)), "n"))];
            }
            let mut links = Vec::new();
            for _ in 0..self.choices.pick(&[0, 1, 1, 2]) {
                let mut relationship = self.relationship();
                if self.choices.below(2) == 0 {
                    let name = self.fresh("r");
                    self.scope.push((name.clone(), Kind::Relationship));
                    names.push(name.clone());
                    relationship.variable = Some(name);
                }
                let variable = self.new_node();
                names.push(variable.clone());
                let node = NodePattern { variable: Some(variable), ..NodePattern::default() };
                links.push((Link::Relationship(relationship), node));
            }
            groups.push(names);
            patterns.push(plain(start, links));
        }
        let mut filter = self.equality(&groups[0], &groups[1]);
        for _ in 0..self.choices.below(3) {
            let more = match self.choices.below(3) {
                0 => self.filter(1),
                _ => {
                    let (a, b) = (self.choices.pick(&groups), self.choices.pick(&groups));
                    self.equality(&a, &b)
                }
            };
            filter = Expr::Logic(Logic::And, Box::new(filter), Box::new(more));
        }
        Clause::Match { is_optional, patterns, filter: Some(filter) }
    }

    fn equality(&mut self, a: &[String], b: &[String]) -> Expr {
        let (a, b) = (self.choices.pick(a), self.choices.pick(b));
        let first = self.key_of(&a);
        let second = match self.choices.below(2) {
            0 => self.key_of(&b),
            _ => renamed(&first, &b),
        };
        Expr::Compare(Box::new(first), vec![(Compare::Equal, second)])
    }

    /// What a join may compare: also nulls, NaN, and numbers of both kinds.
    fn key_of(&mut self, variable: &str) -> Expr {
        let property = |name| Expr::Property(Box::new(Expr::Variable(variable.to_owned())), name);
        match self.choices.below(10) {
            0 => property("m"),
            1 => property("l"),
            2 => property("f"),
            3 => property("z"),
            4 => property("s"),
            5 => Expr::List(vec![property("n"), property("z")]),
            6 => Expr::Math(Math::Add, Box::new(property("n")), Box::new(Expr::Int(1))),
            7 => property("no"),
            _ => property("n"),
        }
    }

    /// A relationship that was found before stands in a pattern again.
    pub(super) fn bound_clause(&mut self, is_optional: bool) -> Clause {
        let known = self.of_kind(&Kind::Relationship);
        let is_walk = self.choices.once_in(4);
        let mut used: Vec<String> = Vec::new();
        let mut patterns = Vec::new();
        for _ in 0..1 + self.choices.below(2) {
            let start = self.end(None);
            let mut links = Vec::new();
            for _ in 0..1 + self.choices.below(2) {
                let mut relationship = self.relationship();
                let free: Vec<String> =
                    known.iter().filter(|name| is_walk || !used.contains(name)).cloned().collect();
                if !free.is_empty() && self.choices.below(3) > 0 {
                    let name = self.choices.pick(&free);
                    used.push(name.clone());
                    relationship.variable = Some(name);
                } else if used.is_empty() || self.choices.below(2) == 0 {
                    let name = self.fresh("r");
                    self.scope.push((name.clone(), Kind::Relationship));
                    used.push(name.clone());
                    relationship.variable = Some(name);
                } else if is_walk {
                    // Walks may go along one relationship twice.
                    relationship.variable = Some(self.choices.pick(&used));
                }
                links.push((Link::Relationship(relationship), self.end(start.variable.clone())));
            }
            let mode = is_walk.then_some(Mode::Walk);
            patterns.push(Pattern { mode, ..plain(start, links) });
        }
        let filter = self.choices.once_in(4).then(|| self.filter(1));
        Clause::Match { is_optional, patterns, filter }
    }

    /// More relationships than the planner compares all orders of; for graphs with one or two.
    pub(super) fn long_clause(&mut self) -> Clause {
        let mut patterns = Vec::new();
        let mut n_links = 11 + self.choices.below(3);
        while n_links > 0 {
            let n_taken = n_links.min(3 + self.choices.below(10));
            n_links -= n_taken;
            let start = self.end(None);
            let mut links = Vec::new();
            let mut is_quantified = false;
            for _ in 0..n_taken {
                let direction = self.choices.pick(&[Direction::Out, Direction::In, Direction::Both]);
                let mut relationship = RelationshipPattern {
                    variable: None,
                    kinds: Vec::new(),
                    direction,
                    properties: Vec::new(),
                    filter: None,
                    quantifier: None,
                };
                if !is_quantified && self.choices.once_in(6) {
                    is_quantified = true;
                    relationship.quantifier = Some(Quantifier { least: 0, most: Some(1), is_legacy: false });
                }
                let node = match self.choices.below(3) {
                    0 => self.end(start.variable.clone()),
                    _ => NodePattern::default(),
                };
                links.push((Link::Relationship(relationship), node));
            }
            patterns.push(Pattern { mode: Some(Mode::Walk), ..plain(start, links) });
        }
        let filter = self.choices.once_in(4).then(|| self.filter(1));
        Clause::Match { is_optional: false, patterns, filter }
    }

    /// `CALL (…) { … }`
    pub(super) fn call_clause(&mut self) -> Clause {
        let is_optional = self.choices.once_in(3);
        let before = self.scope.clone();
        let imports = self.choices.below(4).ne(&0).then(|| {
            let kept: Vec<String> = before.iter().map(|(name, _)| name.clone()).collect();
            kept.into_iter().filter(|_| self.choices.below(4) > 0).collect::<Vec<String>>()
        });
        self.scope.retain(|(name, _)| imports.as_ref().is_none_or(|names| names.contains(name)));
        let n_columns = 1 + self.choices.below(2);
        let (body, columns) = self.body(n_columns);
        self.scope = before;
        self.scope.extend(columns);
        Clause::Call { is_optional, imports, body }
    }

    /// A whole query within an expression.
    pub(super) fn of_query(&mut self, what: OfQuery) -> Expr {
        let before = self.scope.clone();
        // A list is made of one column.
        let n_columns = if what == OfQuery::Collect { 1 } else { 1 + self.choices.below(2) };
        let (body, _) = self.body(n_columns);
        self.scope = before;
        Expr::OfQuery(what, Box::new(body))
    }

    /// A query within another, which sees all variables in scope throughout, and its columns.
    fn body(&mut self, n_columns: usize) -> (Query, Scope) {
        let outer = std::mem::replace(&mut self.outer, self.scope.clone());
        let (is_risky, n_nested) = (std::mem::take(&mut self.is_risky), self.n_nested);
        self.n_nested += 1;
        let visible = self.scope.clone();
        let columns: Scope = (0..n_columns)
            .map(|_| (self.fresh("c"), self.choices.pick(&[Kind::Int, Kind::Text, Kind::Node, Kind::Ints])))
            .collect();
        let n_parts = self.choices.pick(&[1, 1, 1, 2]);
        let mut parts = Vec::new();
        for _ in 0..n_parts {
            self.scope.clone_from(&visible);
            let mut clauses = Vec::new();
            for _ in 0..self.choices.pick(&[1, 0, 1, 2]) {
                clauses.push(self.clause(clauses.is_empty()));
            }
            let returns = self.returns_as(&columns, n_parts == 1);
            parts.push(Single { clauses, returns });
        }
        self.n_nested = n_nested;
        self.is_risky = is_risky;
        self.outer = outer;
        let is_all = self.choices.below(2) == 1;
        (Query { parts, is_all, is_terse: true }, columns)
    }

    fn returns_as(&mut self, columns: &Scope, may_cut: bool) -> Projection {
        let is_aggregating = self.choices.once_in(3);
        let item = |generator: &mut Self, (name, kind): &(String, Kind)| {
            let expr = match kind {
                Kind::Int if is_aggregating => generator.count(),
                kind => generator.expr(kind, 1),
            };
            (expr, name.clone())
        };
        let items = columns.iter().map(|column| item(self, column)).collect();
        let is_distinct = self.choices.once_in(4);
        let mut projection =
            Projection { is_star: false, is_distinct, items, order: Vec::new(), skip: None, limit: None };
        if may_cut && self.choices.once_in(3) && self.order_all(&mut projection, columns) {
            projection.skip = self.choices.once_in(3).then(|| self.choices.below(2));
            projection.limit = Some(self.choices.below(3));
        }
        projection
    }

    fn count(&mut self) -> Expr {
        let known: Scope = self.scope.iter().filter(|(_, kind)| kind.is_determined()).cloned().collect();
        let argument = match known.is_empty() || self.choices.below(2) == 0 {
            true => None,
            false => Some(Box::new(Expr::Variable(self.choices.pick(&known).0))),
        };
        let is_distinct = argument.is_some() && self.choices.below(2) == 0;
        Expr::Aggregate { aggregate: Aggregate::Count, is_distinct, argument }
    }
}

fn plain(start: NodePattern, links: Vec<(Link, NodePattern)>) -> Pattern {
    Pattern { variable: None, selector: None, mode: None, is_function: false, start, links }
}

/// The same of another variable.
fn renamed(expr: &Expr, variable: &str) -> Expr {
    let again = |inner: &Expr| Box::new(renamed(inner, variable));
    match expr {
        Expr::Variable(_) => Expr::Variable(variable.to_owned()),
        Expr::Property(owner, name) => Expr::Property(again(owner), name),
        Expr::Math(math, a, b) => Expr::Math(*math, again(a), again(b)),
        Expr::List(items) => Expr::List(items.iter().map(|item| renamed(item, variable)).collect()),
        other => other.clone(),
    }
}
