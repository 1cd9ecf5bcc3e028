//! Binding of path patterns, for `MATCH` and for `CREATE`.

use super::expression::labels_of;
use super::{Binder, Kind, already_bound};
use crate::error::{Detail, Error, Result, Span};
use crate::model::time::{DAY_MICROS, SECOND_MICROS};
use crate::query::ast::{self, DurationExpr, ExprKind, Name, PatternElement, TimeUnit};
use crate::query::expr::Expr;
use crate::query::plan::{
    Chrono, Count, CreateNode, CreatePath, CreateRelationship, Length, Part, Pattern, Same, Selector, Shape,
    Start,
};

/// A variable of a pattern while the pattern is bound.
struct Bound {
    name: String,
    part: usize,
}

impl Binder<'_> {
    /// Binds a path pattern; gives it with conditions on what it finds.
    pub(super) fn pattern(&mut self, pattern: &ast::PathPattern) -> Result<(Pattern, Vec<Expr>)> {
        let is_walk = pattern.search.mode == Some(ast::PathMode::Walk);
        let mut builder =
            Builder { parts: Vec::new(), bound: Vec::new(), lists: Vec::new(), is_walk, equal: Vec::new() };
        let mut shape = Vec::new();
        for element in &pattern.elements {
            shape.push(self.element_of_pattern(element, &mut builder)?);
            // Until the whole pattern is matched, a repeated variable has no list yet.
            for (name, _) in &builder.lists {
                self.scope.remove(name);
            }
        }
        // Inside, a group's variables are single; outside, they are lists.
        for (name, slot) in std::mem::take(&mut builder.lists) {
            self.scope.insert(name, super::Variable { slot, kind: Kind::Value });
        }
        let path = match &pattern.variable {
            Some(name) => {
                self.refuse_rebinding(name);
                Some(self.declare(&name.text, Kind::Path))
            }
            None => None,
        };
        let search = &pattern.search;
        let selector =
            search.selector.as_ref().map(|selector| selector_of(selector, search.span)).transpose()?;
        if let Some(name) = search.selector.as_ref().and_then(ast::Selector::parameter) {
            self.parameter(&name.text, name.span);
        }
        let chrono = search.chrono.as_ref().map(|chrono| self.chrono(chrono)).transpose()?;
        let chrono = chrono.or_else(|| search.is_chronological().then(Chrono::default));
        let equality = |(a, b): &(usize, usize)| {
            let (a, b) = (Box::new(Expr::Var(*a)), Box::new(Expr::Var(*b)));
            Expr::Binary(ast::BinaryOp::Equal, a, b, pattern.span)
        };
        let conditions = builder.equal.iter().map(equality).collect();
        let bound = Pattern {
            path,
            shape,
            parts: builder.parts,
            selector,
            chrono,
            mode: search.mode,
            start: Start::AllNodes,
            span: pattern.span,
        };
        Ok((bound, conditions))
    }

    fn chrono(&mut self, chrono: &ast::Chrono) -> Result<Chrono> {
        let wait = chrono.wait.as_ref().map(|wait| self.length(wait)).transpose()?;
        let within = chrono.within.as_ref().map(|within| self.length(within)).transpose()?;
        Ok(Chrono { strict: chrono.strict, certainly: chrono.certainly, wait, within })
    }

    fn length(&mut self, duration: &DurationExpr) -> Result<Length> {
        match duration {
            DurationExpr::Units(count, unit, span) => {
                let micros =
                    i64::try_from(*count).ok().and_then(|count| count.checked_mul(unit_micros(*unit)));
                micros.map(Length::Micros).ok_or_else(|| too_long(*span))
            }
            DurationExpr::Value(value) => Ok(Length::Value(self.expression(value)?, value.span)),
        }
    }

    fn element_of_pattern(&mut self, element: &PatternElement, builder: &mut Builder) -> Result<Shape> {
        match element {
            PatternElement::Node(node) => Ok(Shape::Node(self.node(node, builder, false)?)),
            PatternElement::Relationship(hop) => match &hop.quantifier {
                None => Ok(Shape::Hop(self.hop(hop, builder, false)?)),
                Some(quantifier) => {
                    let nodes = vec![builder.anything(), builder.anything()];
                    let hops = vec![match self.list_of(hop, quantifier) {
                        Some(list) => self.listed_hop(hop, list, builder)?,
                        None => self.hop(hop, builder, true)?,
                    }];
                    Ok(repeat(nodes, hops, None, quantifier))
                }
            },
            PatternElement::Group(group) => self.group(group, builder),
        }
    }

    fn group(&mut self, group: &ast::GroupPattern, builder: &mut Builder) -> Result<Shape> {
        let Some(quantifier) = &group.quantifier else {
            return Err(Error::syntax(
                group.span,
                "parentheses with WHERE and no quantifier are not built yet",
            )
            .detail(Detail::NotBuilt)
            .hint("write the condition into the WHERE after the pattern".to_owned()));
        };
        let (mut nodes, mut hops) = (Vec::new(), Vec::new());
        for element in &group.elements {
            match element {
                PatternElement::Node(node) => nodes.push(self.node(node, builder, true)?),
                PatternElement::Relationship(hop) if hop.quantifier.is_none() => {
                    hops.push(self.hop(hop, builder, true)?);
                }
                PatternElement::Relationship(_) | PatternElement::Group(_) => {
                    return Err(Error::syntax(
                        group.span,
                        "a quantifier within a quantified path is not built yet",
                    )
                    .detail(Detail::NotBuilt));
                }
            }
        }
        let filter = match &group.filter {
            Some(filter) => {
                let filters = self.condition(filter)?.conjuncts();
                builder.parts.push(Part { filters, ..any_part() });
                Some(builder.parts.len() - 1)
            }
            None => None,
        };
        Ok(repeat(nodes, hops, filter, quantifier))
    }

    fn node(&mut self, node: &ast::NodePattern, builder: &mut Builder, grouped: bool) -> Result<usize> {
        let (slot, list, same_as) =
            self.pattern_variable(node.variable.as_ref(), Kind::Node, builder, grouped)?;
        let wait = node.wait.as_ref().map(|wait| self.length(wait)).transpose()?;
        let at = builder.parts.len();
        builder.parts.push(Part {
            slot,
            list,
            same_as,
            wait,
            labels: node.labels.as_ref().map(labels_of),
            ..any_part()
        });
        self.conditions(node.properties.as_ref(), node.filter.as_deref(), builder, at)?;
        Ok(at)
    }

    fn hop(&mut self, hop: &ast::RelationshipPattern, builder: &mut Builder, grouped: bool) -> Result<usize> {
        let (slot, list, same_as) =
            self.pattern_variable(hop.variable.as_ref(), Kind::Relationship, builder, grouped)?;
        let at = builder.parts.len();
        let labels = hop.types.as_ref().map(labels_of);
        builder.parts.push(Part { slot, list, same_as, labels, direction: hop.direction, ..any_part() });
        self.conditions(hop.properties.as_ref(), hop.filter.as_deref(), builder, at)?;
        Ok(at)
    }

    /// The variable of Cypher 9's `[rs*]`, where it is there already: a list of relationships.
    fn list_of(&self, hop: &ast::RelationshipPattern, quantifier: &ast::Quantifier) -> Option<usize> {
        let variable = self.scope.get(&hop.variable.as_ref()?.text)?;
        let may_be_list = matches!(variable.kind, Kind::List(_) | Kind::Value);
        (quantifier.legacy && may_be_list).then_some(variable.slot)
    }

    /// A hop whose matches are to be those of a list.
    fn listed_hop(
        &mut self,
        hop: &ast::RelationshipPattern,
        list: usize,
        builder: &mut Builder,
    ) -> Result<usize> {
        self.used.borrow_mut().insert(list);
        let at = self.hop(&ast::RelationshipPattern { variable: None, ..hop.clone() }, builder, true)?;
        let (slot, own_list) = (self.slot("relationship"), self.slot("relationships"));
        (builder.parts[at].slot, builder.parts[at].list) = (Some(slot), Some(own_list));
        builder.equal.push((own_list, list));
        Ok(at)
    }

    fn conditions(
        &mut self,
        properties: Option<&ast::Expr>,
        filter: Option<&ast::Expr>,
        builder: &mut Builder,
        at: usize,
    ) -> Result<()> {
        if let Some(properties) = properties {
            let ExprKind::Map(entries) = &properties.kind else {
                return Err(Error::syntax(properties.span, "expected a map such as {name: 'Rajin'}")
                    .detail(Detail::InvalidParameterUse));
            };
            for (key, value) in entries {
                self.properties.insert(key.text.clone());
                let value = self.expression(value)?;
                builder.parts[at].properties.push((key.text.clone(), value));
            }
        }
        if let Some(filter) = filter {
            builder.parts[at].filters = self.condition(filter)?.conjuncts();
        }
        Ok(())
    }

    /// Where a pattern's variable lives: its column, the column of its list, and
    /// where it stood before.
    fn pattern_variable(
        &mut self,
        name: Option<&Name>,
        kind: Kind,
        builder: &mut Builder,
        grouped: bool,
    ) -> Result<(Option<usize>, Option<usize>, Option<Same>)> {
        let Some(name) = name else { return Ok((None, None, None)) };
        if let Some(earlier) = builder.bound.iter().find(|bound| bound.name == name.text) {
            let part = &builder.parts[earlier.part];
            if grouped != part.list.is_some() {
                return Err(Error::syntax(
                    name.span,
                    format!("`{}` stands inside and outside of a repetition", name.text),
                )
                .detail(Detail::VariableTypeConflict));
            }
            let slot = part.slot;
            self.check_kind(name, kind)?;
            if kind == Kind::Relationship && !builder.is_walk {
                let message = format!("relationship `{}` stands twice in one path", name.text);
                return Err(Error::syntax(name.span, message)
                    .detail(Detail::RelationshipUniquenessViolation)
                    .hint(
                        "only WALK crosses a relationship twice; give one of them another name".to_owned(),
                    ));
            }
            return Ok((slot, None, Some(Same::Part(earlier.part))));
        }
        if let Some(variable) = self.scope.get(&name.text).copied() {
            self.used.borrow_mut().insert(variable.slot);
            self.check_kind(name, kind)?;
            if grouped {
                return Err(already_bound(name).hint("inside a repetition choose a new name".to_owned()));
            }
            builder.bound.push(Bound { name: name.text.clone(), part: builder.parts.len() });
            return Ok((Some(variable.slot), None, Some(Same::Row(variable.slot))));
        }
        let slot = self.declare(&name.text, kind);
        builder.bound.push(Bound { name: name.text.clone(), part: builder.parts.len() });
        if !grouped {
            return Ok((Some(slot), None, None));
        }
        let list = self.slot(&name.text);
        builder.lists.push((name.text.clone(), list));
        Ok((Some(slot), Some(list), None))
    }

    fn check_kind(&mut self, name: &Name, kind: Kind) -> Result<()> {
        let variable = self.variable(&name.text, name.span);
        if variable.kind == kind || variable.kind == Kind::Value {
            return Ok(());
        }
        Err(Error::syntax(
            name.span,
            format!("`{}` is {} and cannot stand for {}", name.text, variable.kind.word(), kind.word()),
        )
        .detail(Detail::VariableTypeConflict)
        .hint("choose another name".to_owned()))
    }

    pub(super) fn create_path(&mut self, pattern: &ast::PathPattern) -> Result<CreatePath> {
        let (mut nodes, mut relationships) = (Vec::new(), Vec::new());
        for element in &pattern.elements {
            match element {
                PatternElement::Node(node) => {
                    nodes.push(self.create_node(node, pattern.elements.len() == 1)?);
                }
                PatternElement::Relationship(hop) => relationships.push(self.create_relationship(hop)?),
                PatternElement::Group(group) => {
                    return Err(Error::syntax(group.span, "CREATE cannot have a parenthesised path"));
                }
            }
        }
        let path = match &pattern.variable {
            Some(name) => {
                self.refuse_rebinding(name);
                Some(self.declare(&name.text, Kind::Path))
            }
            None => None,
        };
        Ok(CreatePath { path, nodes, relationships })
    }

    fn create_node(&mut self, node: &ast::NodePattern, alone: bool) -> Result<CreateNode> {
        let existing = node.variable.as_ref().and_then(|name| self.scope.get(&name.text).copied());
        if let (Some(variable), Some(name)) = (existing, &node.variable) {
            self.check_kind(name, Kind::Node)?;
            if alone || node.labels.is_some() || node.properties.is_some() {
                return Err(already_bound(name).hint("change a node that is there with SET".to_owned()));
            }
            let slot = variable.slot;
            return Ok(CreateNode { slot, new: false, labels: vec![], properties: None, span: node.span });
        }
        let properties =
            node.properties.as_ref().map(|properties| self.expression(properties)).transpose()?;
        let labels = match node.labels.as_ref().map(labels_of) {
            None => Vec::new(),
            Some(labels)
                if labels.names().len() == labels.required().len() && !labels.required().is_empty() =>
            {
                labels.required().into_iter().map(str::to_owned).collect()
            }
            Some(_) => {
                return Err(Error::syntax(node.span, "a new node needs plain labels, such as :Vessel:Asset"));
            }
        };
        let slot = match &node.variable {
            Some(name) => self.declare(&name.text, Kind::Node),
            None => self.slot("node"),
        };
        Ok(CreateNode { slot, new: true, labels, properties, span: node.span })
    }

    fn create_relationship(&mut self, hop: &ast::RelationshipPattern) -> Result<CreateRelationship> {
        if let Some(name) = hop.variable.as_ref().filter(|name| self.scope.contains_key(&name.text)) {
            return Err(already_bound(name));
        }
        let properties = hop.properties.as_ref().map(|properties| self.expression(properties)).transpose()?;
        let Some(crate::query::expr::Labels::Name(kind)) = hop.types.as_ref().map(labels_of) else {
            return Err(untyped(hop));
        };
        let backwards = match hop.direction {
            // MERGE needs no direction, and creates from left to right where there is none.
            ast::Direction::Outgoing | ast::Direction::Either => false,
            ast::Direction::Incoming => true,
        };
        let slot = match &hop.variable {
            Some(name) => self.declare(&name.text, Kind::Relationship),
            None => self.slot("relationship"),
        };
        Ok(CreateRelationship { slot, kind, backwards, properties, span: hop.span })
    }
}

/// A pattern while it is bound.
struct Builder {
    parts: Vec<Part>,
    bound: Vec<Bound>,
    /// Group variables with the columns of their lists.
    lists: Vec<(String, usize)>,
    /// Whether a relationship may be crossed twice.
    is_walk: bool,
    /// Columns of lists, each with the variable of a list that it has to be equal to.
    equal: Vec<(usize, usize)>,
}

impl Builder {
    /// A node part without conditions.
    fn anything(&mut self) -> usize {
        self.parts.push(any_part());
        self.parts.len() - 1
    }
}

fn any_part() -> Part {
    Part {
        slot: None,
        list: None,
        same_as: None,
        labels: None,
        properties: Vec::new(),
        filters: Vec::new(),
        wait: None,
        direction: ast::Direction::Either,
    }
}

fn repeat(nodes: Vec<usize>, hops: Vec<usize>, filter: Option<usize>, quantifier: &ast::Quantifier) -> Shape {
    Shape::Repeat { nodes, hops, filter, min: quantifier.min, max: quantifier.max }
}

/// The error for a relationship that is to be created with no type or several.
fn untyped(hop: &ast::RelationshipPattern) -> Error {
    let message = "expected exactly one type for a new relationship";
    let hint = match (&hop.types, &hop.variable) {
        (None, Some(name)) => format!("write [:{}] if that is the type", name.text),
        (None, None) => "write the type as in -[:CALLED_AT]->".to_owned(),
        (Some(_), _) => "create one relationship for each type".to_owned(),
    };
    Error::syntax(hop.span, message).detail(Detail::NoSingleRelationshipType).hint(hint)
}

fn too_long(span: Span) -> Error {
    Error::syntax(span, "the duration is too long").detail(Detail::NumberOutOfRange)
}

fn unit_micros(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Weeks => 7 * DAY_MICROS,
        TimeUnit::Days => DAY_MICROS,
        TimeUnit::Hours => 3600 * SECOND_MICROS,
        TimeUnit::Minutes => 60 * SECOND_MICROS,
        TimeUnit::Seconds => SECOND_MICROS,
    }
}

fn selector_of(selector: &ast::Selector, span: Span) -> Result<Selector> {
    let count = |count: &ast::Count| match count {
        ast::Count::Literal(k) => Count::Literal(*k),
        ast::Count::Parameter(name) => Count::Parameter(name.text.clone(), name.span),
    };
    Ok(match selector {
        ast::Selector::All => Selector::All,
        ast::Selector::Any(k) => Selector::Any(count(k)),
        ast::Selector::AllShortest => Selector::ShortestGroups(Count::Literal(1)),
        ast::Selector::Shortest(k) => Selector::Shortest(count(k)),
        ast::Selector::ShortestGroups(k) => Selector::ShortestGroups(count(k)),
        ast::Selector::Strongest(k) => Selector::Strongest(count(k)),
        ast::Selector::Earliest(k) => Selector::Earliest(count(k)),
        ast::Selector::Latest(k) => Selector::Latest(count(k)),
        ast::Selector::Fastest(k) => Selector::Fastest(count(k)),
        ast::Selector::Cheapest(..) => {
            return Err(Error::syntax(span, "CHEAPEST is not built yet").detail(Detail::NotBuilt));
        }
    })
}
