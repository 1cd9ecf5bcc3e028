//! Path patterns: nodes, relationships, groups and how often they repeat.

use super::super::ast::{
    Count, Direction, DurationExpr, Expr, ExprKind, GroupPattern, LabelExpr, Name, NodePattern, PathMode,
    PathPattern, PatternElement, Quantifier, RelationshipPattern, Search, Selector,
};
use super::super::lexer::TokenKind;
use super::Parser;
use crate::error::{Detail, Error, Result, Span};
use crate::paths::NESTING_MAX;

impl Parser<'_> {
    /// A path pattern of `MATCH`.
    pub(super) fn matched_pattern(&mut self) -> Result<PathPattern> {
        let pattern = self.path_pattern()?;
        check_matched(&pattern.elements, &pattern.search)?;
        Ok(pattern)
    }

    /// A path pattern of `CREATE`.
    pub(super) fn created_pattern(&mut self) -> Result<PathPattern> {
        let pattern = self.path_pattern()?;
        let search = pattern.search.span;
        let searched = (search.start < search.end).then_some(search);
        refuse(searched, Detail::InvalidSearch, "a search has no meaning in CREATE")?;
        pattern.elements.iter().try_for_each(|element| check_created(element, "CREATE"))?;
        pattern.elements.iter().try_for_each(check_directed)?;
        Ok(pattern)
    }

    /// A path pattern of `MERGE`, whose relationships need no direction.
    pub(super) fn merged_pattern(&mut self) -> Result<PathPattern> {
        let pattern = self.path_pattern()?;
        let search = pattern.search.span;
        let searched = (search.start < search.end).then_some(search);
        refuse(searched, Detail::InvalidSearch, "a search has no meaning in MERGE")?;
        pattern.elements.iter().try_for_each(|element| check_created(element, "MERGE"))?;
        check_matched(&pattern.elements, &pattern.search)?;
        Ok(pattern)
    }

    /// A path pattern as a condition, with nothing before it.
    pub(super) fn plain_pattern(&mut self) -> Result<PathPattern> {
        let start = self.here();
        let elements = self.path()?;
        let search = Search::default();
        check_matched(&elements, &search)?;
        Ok(PathPattern { variable: None, search, elements, span: self.span_from(start) })
    }

    fn path_pattern(&mut self) -> Result<PathPattern> {
        let start = self.here();
        let variable = match self.is_name_ahead(0) && self.is_ahead(1, "=") {
            true => Some(self.variable()?),
            false => None,
        };
        if variable.is_some() {
            self.expect("=")?;
        }
        if self.is_one_of(&["shortestPath", "allShortestPaths"]) && self.is_ahead(1, "(") {
            return self.shortest_path(variable);
        }
        let search = self.search()?;
        let elements = self.path()?;
        Ok(PathPattern { variable, search, elements, span: self.span_from(start) })
    }

    /// `shortestPath((a)-[:T*]->(b))` and `allShortestPaths`, Cypher 9's way.
    pub(super) fn shortest_path(&mut self, variable: Option<Name>) -> Result<PathPattern> {
        let start = self.here();
        let selector = match self.is_word("shortestPath") {
            true => Selector::Shortest(Count::Literal(1)),
            false => Selector::AllShortest,
        };
        self.next += 1;
        self.expect("(")?;
        let elements = self.path()?;
        let [PatternElement::Node(_), PatternElement::Relationship(_), PatternElement::Node(_)] =
            &elements[..]
        else {
            let message = "expected one relationship between two nodes in shortestPath()";
            return Err(Error::syntax(self.span_from(start), message)
                .hint("write ANY SHORTEST before a longer pattern".to_owned()));
        };
        self.expect(")")?;
        let span = self.span_from(start);
        let search = Search { selector: Some(selector), legacy: true, span, ..Search::default() };
        check_matched(&elements, &search)?;
        Ok(PathPattern { variable, search, elements, span })
    }

    /// A path, in which a `|` is part of labels and types, whatever it means around the path.
    fn path(&mut self) -> Result<Vec<PatternElement>> {
        let outside = std::mem::replace(&mut self.bar_ends, false);
        let elements = self.elements();
        self.bar_ends = outside;
        elements
    }

    /// Nodes and steps in turn.
    fn elements(&mut self) -> Result<Vec<PatternElement>> {
        let mut elements = Vec::new();
        loop {
            if self.group_follows() {
                let group = self.nested(Self::group)?;
                push_step(&mut elements, group.span, PatternElement::Group(group));
            } else if let Some(PatternElement::Node(_)) = elements.last() {
                let hint = "write -->, -- or -[:TYPE]-> between them, or a comma for another path".to_owned();
                return Err(self.unexpected("a relationship between two nodes").hint(hint));
            } else {
                elements.push(PatternElement::Node(self.node()?));
            }
            if self.is("-") || self.is("<") {
                let relationship = self.relationship()?;
                push_step(&mut elements, relationship.span, PatternElement::Relationship(relationship));
            } else if !self.is("(") {
                break;
            }
        }
        if !matches!(elements.last(), Some(PatternElement::Node(_))) {
            elements.push(anonymous(self.before().start));
        }
        if self.is("{") || self.is("+") || self.is("*") || self.is("?") {
            let hint = "only relationships and paths in parentheses repeat".to_owned();
            return Err(self.unexpected("the end of the pattern").hint(hint));
        }
        Ok(unwrap(elements))
    }

    /// Whether the bracket that stands next opens a path and not a node.
    fn group_follows(&self) -> bool {
        let named = usize::from(self.is_name_ahead(1) && !self.is_word_ahead(1, "WHERE"));
        let path_follows = self.is_ahead(1 + named, "(") || (named == 1 && self.is_ahead(2, "="));
        self.is("(") && path_follows
    }

    fn group(&mut self) -> Result<GroupPattern> {
        let start = self.here();
        self.expect("(")?;
        if self.is_name_ahead(0) {
            return Err(match self.is_ahead(1, "=") {
                true => Error::syntax(self.here(), "a part of a path cannot have a name")
                    .hint("name the whole path, as in p = (a)-->(b)".to_owned()),
                false => Error::syntax(self.here(), "a part of a path cannot have a search of its own")
                    .detail(Detail::InvalidSearch)
                    .hint("write it before the whole path".to_owned()),
            });
        }
        let elements = self.path()?;
        let filter = self.filter()?.map(Box::new);
        self.expect(")")?;
        let quantifier = self.quantifier()?;
        let group = GroupPattern { elements, filter, quantifier, span: self.span_from(start) };
        check_group(&group)?;
        Ok(group)
    }

    fn node(&mut self) -> Result<NodePattern> {
        let start = self.here();
        if !self.take("(") {
            return Err(self.unexpected("a node pattern such as (n:Label)"));
        }
        let wait_follows = self.is_word("WAIT") && self.is_ahead(1, "<=");
        let variable = match self.is_name_ahead(0) && !wait_follows && !self.is_one_of(&["WHERE", "IS"]) {
            true => Some(self.node_variable()?),
            false => None,
        };
        let labels = match self.take(":") || self.take_word("IS") {
            true => Some(self.labels()?),
            false => None,
        };
        let wait = self.wait()?;
        let properties = self.properties()?;
        if self.is_word("WAIT") {
            return Err(self.unexpected("')'").hint("write WAIT before the properties".to_owned()));
        }
        let filter = self.filter()?.map(Box::new);
        self.expect(")")?;
        Ok(NodePattern { variable, labels, wait, properties, filter, span: self.span_from(start) })
    }

    fn node_variable(&mut self) -> Result<Name> {
        let variable = self.variable()?;
        let next_word = self.word_ahead(0).filter(|_| !self.is_one_of(&["WAIT", "WHERE", "IS", "RETURN"]));
        match next_word {
            Some(word) => Err(self.unexpected("')'").hint(format!("write :{word} if it is a label"))),
            None => Ok(variable),
        }
    }

    fn properties(&mut self) -> Result<Option<Expr>> {
        match self.peek() {
            Some(TokenKind::Symbol("{")) => self.map().map(Some),
            Some(TokenKind::Parameter(name)) => {
                let (kind, span) = (ExprKind::Parameter(name.clone()), self.here());
                self.next += 1;
                Ok(Some(Expr { kind, span }))
            }
            _ => Ok(None),
        }
    }

    fn relationship(&mut self) -> Result<RelationshipPattern> {
        let start = self.here();
        let incoming = self.take("<");
        self.expect("-")?;
        let mut relationship = RelationshipPattern {
            variable: None,
            types: None,
            direction: Direction::Either,
            properties: None,
            filter: None,
            quantifier: None,
            span: start,
        };
        if self.take("[") {
            self.relationship_inside(&mut relationship)?;
        } else if !self.is("-") {
            let hint = "write --, --> or <-- for any relationship".to_owned();
            return Err(self.unexpected("'-' or '['").hint(hint));
        }
        self.expect("-")?;
        let outgoing = self.take(">");
        relationship.direction = match (incoming, outgoing) {
            (true, false) => Direction::Incoming,
            (false, true) => Direction::Outgoing,
            _ => Direction::Either,
        };
        let star = relationship.quantifier;
        if let Some(quantifier) = self.quantifier()? {
            if star.is_some() {
                return Err(Error::syntax(quantifier.span, "the relationship already has a quantifier")
                    .hint("write it once: inside the brackets, or behind the arrow".to_owned()));
            }
            relationship.quantifier = Some(quantifier);
        }
        relationship.span = self.span_from(start);
        Ok(relationship)
    }

    /// What stands in the brackets of a relationship, up to and with the closing one.
    fn relationship_inside(&mut self, relationship: &mut RelationshipPattern) -> Result<()> {
        if self.is_name_ahead(0) && !self.is_one_of(&["WHERE", "IS"]) {
            relationship.variable = Some(self.variable()?);
        }
        if self.take(":") || self.take_word("IS") {
            relationship.types = Some(self.labels()?);
        }
        if self.is("..") || matches!(self.peek(), Some(TokenKind::Int(_))) {
            return Err(self
                .unexpected("']' or '*'")
                .detail(Detail::InvalidRelationshipPattern)
                .hint("write * before the bounds, as in [:TYPE*1..3]".to_owned()));
        }
        if self.is("*") {
            relationship.quantifier = Some(self.star()?);
        }
        relationship.properties = self.properties()?;
        if self.is_word("WAIT") {
            return Err(self.unexpected("']'").hint("WAIT belongs in a node".to_owned()));
        }
        relationship.filter = self.filter()?.map(Box::new);
        self.expect("]")
    }

    /// Cypher 9's `*m..n`; bounds the wrong way round match nothing there, and so they do here.
    fn star(&mut self) -> Result<Quantifier> {
        let start = self.here();
        self.expect("*")?;
        let first = self.bound()?;
        if self.is("-") {
            return Err(self
                .unexpected("a whole number from 0")
                .detail(Detail::InvalidRelationshipPattern)
                .hint("how often a relationship repeats cannot be negative".to_owned()));
        }
        let (min, max) = match self.take("..") {
            true => (first.unwrap_or(1), self.bound()?),
            false => (first.unwrap_or(1), first),
        };
        Ok(Quantifier { min, max, legacy: true, span: self.span_from(start) })
    }

    fn quantifier(&mut self) -> Result<Option<Quantifier>> {
        let start = self.here();
        let (min, max) = if self.take("*") {
            (0, None)
        } else if self.take("+") {
            (1, None)
        } else if self.take("?") {
            (0, Some(1))
        } else if self.take("{") {
            self.braces()?
        } else {
            return Ok(None);
        };
        let span = self.span_from(start);
        match max {
            Some(max) if max < min => {
                Err(Error::syntax(span, format!("the upper bound {max} is less than the lower bound {min}"))
                    .hint(format!("write {{{max},{min}}}")))
            }
            _ => Ok(Some(Quantifier { min, max, legacy: false, span })),
        }
    }

    /// The bounds of `{n}`, `{m,n}`, `{m,}` and `{,n}`, after the first brace.
    fn braces(&mut self) -> Result<(u32, Option<u32>)> {
        let first = self.bound()?;
        let comma = self.take(",");
        let second = if comma { self.bound()? } else { first };
        if first.is_none() && second.is_none() {
            return Err(self.unexpected("a whole number").hint("write bounds such as {1,3}".to_owned()));
        }
        if self.is("..") {
            return Err(self.unexpected("','").hint("write {1,3} for one to three times".to_owned()));
        }
        self.expect("}")?;
        Ok((first.unwrap_or(0), second))
    }

    fn bound(&mut self) -> Result<Option<u32>> {
        let Some(TokenKind::Int(number)) = self.peek() else { return Ok(None) };
        let Ok(bound) = u32::try_from(*number) else {
            return Err(Error::syntax(self.here(), format!("the bound {number} is too large"))
                .detail(Detail::IntegerOverflow)
                .hint(format!("the greatest is {}; leave it out for no bound", u32::MAX)));
        };
        self.next += 1;
        Ok(Some(bound))
    }

    /// A label expression, after its first colon.
    pub(super) fn labels(&mut self) -> Result<LabelExpr> {
        self.operand(Self::labels_any)
    }

    fn labels_any(&mut self) -> Result<LabelExpr> {
        let mut operands = vec![self.operand(Self::labels_all)?];
        while !self.bar_ends && self.take("|") {
            self.take(":");
            operands.push(self.operand(Self::labels_all)?);
        }
        self.balanced(operands, |left, right| LabelExpr::Or(Box::new(left), Box::new(right)))
    }

    fn labels_all(&mut self) -> Result<LabelExpr> {
        let mut operands = vec![self.operand(Self::label)?];
        while self.take("&") || self.take(":") {
            operands.push(self.operand(Self::label)?);
        }
        self.balanced(operands, |left, right| LabelExpr::And(Box::new(left), Box::new(right)))
    }

    fn label(&mut self) -> Result<LabelExpr> {
        let start = self.here();
        if self.take("!") {
            return Ok(LabelExpr::Not(Box::new(self.nested(Self::label)?)));
        }
        if self.take("%") {
            return Ok(LabelExpr::Any(start));
        }
        if self.take("(") {
            let outside = std::mem::replace(&mut self.bar_ends, false);
            let labels = self.nested(Self::labels)?;
            self.bar_ends = outside;
            self.expect(")")?;
            return Ok(labels);
        }
        self.name("a label or a type").map(LabelExpr::Name)
    }
}

/// Adds a step, and before it an anonymous node where none stands.
fn push_step(elements: &mut Vec<PatternElement>, span: Span, step: PatternElement) {
    if !matches!(elements.last(), Some(PatternElement::Node(_))) {
        elements.push(anonymous(span.start));
    }
    elements.push(step);
}

fn anonymous(at: usize) -> PatternElement {
    let span = Span::new(at, at);
    PatternElement::Node(NodePattern {
        variable: None,
        labels: None,
        wait: None,
        properties: None,
        filter: None,
        span,
    })
}

/// A path without the parentheses around the whole of it, which change nothing.
fn unwrap(mut elements: Vec<PatternElement>) -> Vec<PatternElement> {
    match &mut elements[..] {
        [PatternElement::Node(before), PatternElement::Group(group), PatternElement::Node(after)]
            if before.is_implied()
                && after.is_implied()
                && group.quantifier.is_none()
                && group.filter.is_none() =>
        {
            std::mem::take(&mut group.elements)
        }
        _ => elements,
    }
}

fn check_group(group: &GroupPattern) -> Result<()> {
    if group.quantifier.is_none() {
        return Ok(());
    }
    if hops_min(&group.elements) == 0 {
        return Err(Error::syntax(group.span, "a path that repeats needs a relationship")
            .hint("one that is always there: not `?`, `*` or `{0,…}`, as in ((a)-->(b)){2}".to_owned()));
    }
    if 1 + nesting(&group.elements) > NESTING_MAX {
        let message = format!("repetitions stand in repetitions at most {NESTING_MAX} deep");
        return Err(Error::syntax(group.span, message).detail(Detail::LimitExceeded));
    }
    Ok(())
}

/// How many relationships a path has at least.
fn hops_min(elements: &[PatternElement]) -> u64 {
    let times = |quantifier: Option<Quantifier>| quantifier.map_or(1, |quantifier| u64::from(quantifier.min));
    let of_element = |element: &PatternElement| match element {
        PatternElement::Node(_) => 0,
        PatternElement::Relationship(relationship) => times(relationship.quantifier),
        PatternElement::Group(group) => times(group.quantifier).saturating_mul(hops_min(&group.elements)),
    };
    elements.iter().map(of_element).fold(0, u64::saturating_add)
}

/// How deep repetitions stand in repetitions.
fn nesting(elements: &[PatternElement]) -> usize {
    let of_element = |element: &PatternElement| match element {
        PatternElement::Node(_) => 0,
        PatternElement::Relationship(relationship) => usize::from(relationship.quantifier.is_some()),
        PatternElement::Group(group) => usize::from(group.quantifier.is_some()) + nesting(&group.elements),
    };
    elements.iter().map(of_element).max().unwrap_or(0)
}

/// What only `MATCH` asks of a pattern.
fn check_matched(elements: &[PatternElement], search: &Search) -> Result<()> {
    elements.iter().try_for_each(|element| match element {
        PatternElement::Node(node) => {
            check_wait(node.wait.as_ref(), search)?;
            check_properties(node.properties.as_ref())
        }
        PatternElement::Relationship(relationship) => {
            check_bounded(relationship.quantifier, search)?;
            check_properties(relationship.properties.as_ref())
        }
        PatternElement::Group(group) => {
            check_bounded(group.quantifier, search)?;
            check_matched(&group.elements, search)
        }
    })
}

fn check_wait(wait: Option<&DurationExpr>, search: &Search) -> Result<()> {
    match wait {
        Some(wait) if !search.is_chronological() => {
            Err(Error::syntax(wait.span(), "WAIT needs a chronological path")
                .detail(Detail::InvalidSearch)
                .hint("write CHRONOLOGICAL before the path".to_owned()))
        }
        _ => Ok(()),
    }
}

/// There are endless walks through every cycle.
fn check_bounded(quantifier: Option<Quantifier>, search: &Search) -> Result<()> {
    let endless =
        search.mode == Some(PathMode::Walk) && matches!(search.selector, None | Some(Selector::All));
    match quantifier {
        Some(Quantifier { max: None, span, .. }) if endless => {
            Err(Error::syntax(span, "there may be endlessly many walks")
                .detail(Detail::InvalidSearch)
                .hint("write an upper bound such as {1,8}, or a selector such as ANY SHORTEST".to_owned()))
        }
        _ => Ok(()),
    }
}

fn check_properties(properties: Option<&Expr>) -> Result<()> {
    match properties {
        Some(Expr { kind: ExprKind::Parameter(name), span }) => {
            Err(Error::syntax(*span, "a parameter cannot stand for all properties in MATCH")
                .detail(Detail::InvalidParameterUse)
                .hint(format!("write {{key: ${name}.key}}")))
        }
        _ => Ok(()),
    }
}

/// What only `CREATE` and `MERGE` ask of a pattern: it says exactly what is to exist.
fn check_created(element: &PatternElement, clause: &str) -> Result<()> {
    match element {
        PatternElement::Node(node) => {
            let wait = node.wait.as_ref().map(DurationExpr::span);
            refuse(wait, Detail::InvalidSearch, &format!("WAIT has no meaning in {clause}"))?;
            let filter = node.filter.as_ref().map(|filter| filter.span);
            refuse(filter, Detail::UnexpectedSyntax, &format!("WHERE has no meaning in {clause}"))?;
            let labels = node.labels.as_ref().is_some_and(|labels| !is_plain(labels)).then_some(node.span);
            refuse(labels, Detail::UnexpectedSyntax, &format!("expected labels such as :A:B in {clause}"))
        }
        PatternElement::Relationship(relationship) => {
            let filter = relationship.filter.as_ref().map(|filter| filter.span);
            let repeats = relationship.quantifier.map(|quantifier| quantifier.span);
            refuse(repeats, Detail::CreatingVarLength, &format!("nothing repeats in {clause}"))
                .map_err(|error| error.hint("write each relationship and the node between".to_owned()))?;
            refuse(filter, Detail::UnexpectedSyntax, &format!("WHERE has no meaning in {clause}"))
        }
        PatternElement::Group(group) => {
            let message = format!("a path in parentheses has no meaning in {clause}");
            refuse(Some(group.span), Detail::UnexpectedSyntax, &message)
        }
    }
}

fn check_directed(element: &PatternElement) -> Result<()> {
    match element {
        PatternElement::Relationship(relationship) => {
            let directed = relationship.direction != Direction::Either;
            match directed {
                true => Ok(()),
                false => {
                    let message = "expected a direction for a relationship in CREATE";
                    Err(Error::syntax(relationship.span, message)
                        .detail(Detail::RequiresDirectedRelationship)
                        .hint("write an arrow to one side: -[:TYPE]-> or <-[:TYPE]-".to_owned()))
                }
            }
        }
        _ => Ok(()),
    }
}

fn refuse(span: Option<Span>, detail: Detail, message: &str) -> Result<()> {
    span.map_or(Ok(()), |span| Err(Error::syntax(span, message).detail(detail)))
}

fn is_plain(labels: &LabelExpr) -> bool {
    match labels {
        LabelExpr::Name(_) => true,
        LabelExpr::And(left, right) => is_plain(left) && is_plain(right),
        _ => false,
    }
}
