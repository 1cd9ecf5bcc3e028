//! Binding of path patterns, for `MATCH` and for `CREATE`.

use super::expression::labels_of;
use super::{Binder, Kind, already_bound};
use crate::error::{Detail, Error, Result, Span};
use crate::model::time::{DAY_MICROS, SECOND_MICROS};
use crate::query::ast::{self, BinaryOp, DurationExpr, ExprKind, Name, PatternElement, TimeUnit};
use crate::query::expr::Expr;
use crate::query::plan::{
    Chrono, Cost, Count, CreateNode, CreatePath, CreateRelationship, Length, Part, Pattern, Same, Selector,
    Shape, Start,
};

/// A variable of a pattern while the pattern is bound.
struct Bound {
    name: String,
    part: usize,
    /// The repetitions around it.
    inside: Vec<usize>,
}

/// A variable inside a repetition, which is a list outside of it.
struct Listed {
    name: String,
    kind: Kind,
    list: usize,
    /// The repetitions around it.
    inside: Vec<usize>,
}

impl Binder<'_> {
    /// Binds a path pattern; gives it with conditions on what it finds.
    pub(super) fn pattern(&mut self, pattern: &ast::PathPattern) -> Result<(Pattern, Vec<Expr>)> {
        let search = &pattern.search;
        let cost = self.cost(search.selector.as_ref())?;
        let is_walk = search.mode == Some(ast::PathMode::Walk);
        let mut builder = Builder { is_walk, ..Builder::default() };
        let shape = self.shape(&pattern.elements, &mut builder)?;
        // Inside, a group's variables are single; outside, they are lists.
        for listed in std::mem::take(&mut builder.lists) {
            let kind = listed.kind.list();
            self.scope.insert(listed.name, super::Variable { slot: listed.list, kind });
        }
        let path = match &pattern.variable {
            Some(name) => {
                self.refuse_rebinding(name);
                Some(self.declare(&name.text, Kind::Path))
            }
            None => None,
        };
        let selector = search.selector.as_ref().map(selector_of);
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
            cost,
            chrono,
            probe: None,
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

    /// What stands after `COST`. It sees what was bound before the pattern, and its own variable.
    fn cost(&mut self, selector: Option<&ast::Selector>) -> Result<Option<Box<Cost>>> {
        let Some(ast::Selector::Cheapest(_, variable, value)) = selector else { return Ok(None) };
        let (slot, hidden) = self.shadow(variable, Kind::Relationship);
        let bound = self
            .refuse_kind(value, |kind| kind == Kind::Number, "a number as the cost")
            .and_then(|()| self.expression(value));
        self.unshadow(variable, hidden);
        Ok(Some(Box::new(Cost { slot, value: bound?, span: value.span })))
    }

    /// Nodes, steps and groups in turn. What stands in a group that does not repeat stands
    /// in the path itself.
    fn shape(&mut self, elements: &[PatternElement], builder: &mut Builder) -> Result<Vec<Shape>> {
        let is_inlined = |at: Option<usize>| match at.and_then(|at| elements.get(at)) {
            Some(PatternElement::Group(group)) => group.quantifier.is_none(),
            _ => false,
        };
        let mut shape = Vec::new();
        for (i, element) in elements.iter().enumerate() {
            match element {
                PatternElement::Node(node) => {
                    // Such a group has nodes of its own at its ends.
                    let is_beside_one = is_inlined(i.checked_sub(1)) || is_inlined(i.checked_add(1));
                    if !(node.is_implied() && is_beside_one) {
                        shape.push(Shape::Node(self.node(node, builder)?));
                    }
                }
                PatternElement::Relationship(hop) => shape.push(match &hop.quantifier {
                    None => Shape::Hop(self.hop(hop, builder)?),
                    Some(quantifier) => self.repeated_hop(hop, quantifier, builder)?,
                }),
                PatternElement::Group(group) => self.group(group, builder, &mut shape)?,
            }
        }
        Ok(shape)
    }

    fn repeated_hop(
        &mut self,
        hop: &ast::RelationshipPattern,
        quantifier: &ast::Quantifier,
        builder: &mut Builder,
    ) -> Result<Shape> {
        builder.enter();
        let (before, after) = (builder.anything(), builder.anything());
        let hop = match self.list_of(hop, quantifier) {
            Some(list) => self.listed_hop(hop, list, builder)?,
            None => self.hop(hop, builder)?,
        };
        self.leave(builder);
        let body = vec![Shape::Node(before), Shape::Hop(hop), Shape::Node(after)];
        Ok(Shape::Repeat { body, min: quantifier.min, max: quantifier.max })
    }

    fn group(
        &mut self,
        group: &ast::GroupPattern,
        builder: &mut Builder,
        shape: &mut Vec<Shape>,
    ) -> Result<()> {
        if group.quantifier.is_some() {
            builder.enter();
        }
        let first_list = builder.lists.len();
        let mut body = self.shape(&group.elements, builder)?;
        if let Some(filter) = &group.filter {
            body.push(Shape::Filter(self.group_filter(filter, first_list, builder)?));
        }
        match &group.quantifier {
            None => shape.append(&mut body),
            Some(quantifier) => {
                self.leave(builder);
                shape.push(Shape::Repeat { body, min: quantifier.min, max: quantifier.max });
            }
        }
        Ok(())
    }

    /// `WHERE` at the end of parentheses. It sees the variables of repetitions inside them as lists.
    fn group_filter(
        &mut self,
        filter: &ast::Expr,
        first_list: usize,
        builder: &mut Builder,
    ) -> Result<usize> {
        let lists = &builder.lists[first_list..];
        let inner = lists.iter().filter(|listed| listed.inside != builder.inside);
        let variable = |listed: &Listed| super::Variable { slot: listed.list, kind: listed.kind.list() };
        let inner: Vec<_> = inner.map(|listed| (listed.name.clone(), variable(listed))).collect();
        self.scope.extend(inner.iter().cloned());
        let filters = self.condition(filter)?.conjuncts();
        for (name, _) in &inner {
            self.scope.remove(name);
        }
        builder.parts.push(Part { filters, ..Part::default() });
        Ok(builder.parts.len() - 1)
    }

    /// Leaves a repetition: until the whole pattern is matched, its variables have no lists yet.
    fn leave(&mut self, builder: &mut Builder) {
        for listed in builder.lists.iter().filter(|listed| listed.inside.starts_with(&builder.inside)) {
            self.scope.remove(&listed.name);
        }
        builder.inside.pop();
    }

    fn node(&mut self, node: &ast::NodePattern, builder: &mut Builder) -> Result<usize> {
        let (slot, list, same_as) = self.pattern_variable(node.variable.as_ref(), Kind::Node, builder)?;
        let wait = node.wait.as_ref().map(|wait| self.length(wait)).transpose()?;
        let at = builder.parts.len();
        builder.parts.push(Part {
            slot,
            list,
            same_as,
            wait,
            labels: node.labels.as_ref().map(labels_of),
            ..Part::default()
        });
        self.conditions(node.properties.as_ref(), node.filter.as_deref(), builder, at)?;
        Ok(at)
    }

    fn hop(&mut self, hop: &ast::RelationshipPattern, builder: &mut Builder) -> Result<usize> {
        let (slot, list, same_as) =
            self.pattern_variable(hop.variable.as_ref(), Kind::Relationship, builder)?;
        let at = builder.parts.len();
        let labels = hop.types.as_ref().map(labels_of);
        builder.parts.push(Part { slot, list, same_as, labels, direction: hop.direction, ..Part::default() });
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
        let at = self.hop(&ast::RelationshipPattern { variable: None, ..hop.clone() }, builder)?;
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
                let bound = self.expression(value)?;
                let part = &mut builder.parts[at];
                match part.slot.filter(|slot| bound.variables().contains(slot)) {
                    // `(a {name: a.alias})`: the element has to be there before the value is.
                    Some(slot) => part.filters.push(property_equals(slot, key, bound, value.span)),
                    None => part.properties.push((key.text.clone(), bound)),
                }
            }
        }
        if let Some(filter) = filter {
            let filters = self.condition(filter)?.conjuncts();
            builder.parts[at].filters.extend(filters);
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
    ) -> Result<(Option<usize>, Option<usize>, Option<Same>)> {
        let Some(name) = name else { return Ok((None, None, None)) };
        if let Some(earlier) = builder.bound.iter().find(|bound| bound.name == name.text) {
            refuse_other_repetition(name, &earlier.inside, &builder.inside)?;
            self.check_kind(name, kind)?;
            if kind == Kind::Relationship && !builder.is_walk {
                let message = format!("relationship `{}` stands twice in one path", name.text);
                return Err(Error::syntax(name.span, message)
                    .detail(Detail::RelationshipUniquenessViolation)
                    .hint(
                        "only WALK crosses a relationship twice; give one of them another name".to_owned(),
                    ));
            }
            return Ok((builder.parts[earlier.part].slot, None, Some(Same::Part(earlier.part))));
        }
        let is_repeated = !builder.inside.is_empty();
        if let Some(variable) = self.scope.get(&name.text).copied() {
            self.used.borrow_mut().insert(variable.slot);
            self.check_kind(name, kind)?;
            if is_repeated {
                return Err(already_bound(name).hint("inside a repetition choose a new name".to_owned()));
            }
            builder.bind(name);
            return Ok((Some(variable.slot), None, Some(Same::Row(variable.slot))));
        }
        let slot = self.declare(&name.text, kind);
        builder.bind(name);
        if !is_repeated {
            return Ok((Some(slot), None, None));
        }
        let list = self.slot(&name.text);
        let inside = builder.inside.clone();
        builder.lists.push(Listed { name: name.text.clone(), kind, list, inside });
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
#[derive(Default)]
struct Builder {
    parts: Vec<Part>,
    bound: Vec<Bound>,
    lists: Vec<Listed>,
    /// Whether a relationship may be crossed twice.
    is_walk: bool,
    /// Columns of lists, each with the variable of a list that it has to be equal to.
    equal: Vec<(usize, usize)>,
    /// The repetitions around what is bound now, by number.
    inside: Vec<usize>,
    n_repetitions: usize,
}

impl Builder {
    /// A node part without conditions.
    fn anything(&mut self) -> usize {
        self.parts.push(Part::default());
        self.parts.len() - 1
    }

    /// Enters a repetition.
    fn enter(&mut self) {
        self.inside.push(self.n_repetitions);
        self.n_repetitions += 1;
    }

    /// Notes that the next part is where a variable stands first.
    fn bind(&mut self, name: &Name) {
        let (part, inside) = (self.parts.len(), self.inside.clone());
        self.bound.push(Bound { name: name.text.clone(), part, inside });
    }
}

/// A variable stands for one thing, or for one in each repetition.
fn refuse_other_repetition(name: &Name, earlier: &[usize], here: &[usize]) -> Result<()> {
    if earlier == here {
        return Ok(());
    }
    let where_else = match earlier.starts_with(here) || here.starts_with(earlier) {
        true => "inside and outside of a repetition",
        false => "in two repetitions",
    };
    Err(Error::syntax(name.span, format!("`{}` stands {where_else}", name.text))
        .detail(Detail::VariableTypeConflict)
        .hint("choose another name, and compare the two in WHERE".to_owned()))
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

fn selector_of(selector: &ast::Selector) -> Selector {
    let count = |count: &ast::Count| match count {
        ast::Count::Literal(k) => Count::Literal(*k),
        ast::Count::Parameter(name) => Count::Parameter(name.text.clone(), name.span),
    };
    match selector {
        ast::Selector::All => Selector::All,
        ast::Selector::Any(k) => Selector::Any(count(k)),
        ast::Selector::AllShortest => Selector::ShortestGroups(Count::Literal(1)),
        ast::Selector::Shortest(k) => Selector::Shortest(count(k)),
        ast::Selector::ShortestGroups(k) => Selector::ShortestGroups(count(k)),
        ast::Selector::Strongest(k) => Selector::Strongest(count(k)),
        ast::Selector::Earliest(k) => Selector::Earliest(count(k)),
        ast::Selector::Latest(k) => Selector::Latest(count(k)),
        ast::Selector::Fastest(k) => Selector::Fastest(count(k)),
        ast::Selector::Cheapest(k, ..) => Selector::Cheapest(count(k)),
    }
}

/// The condition that a property of a variable has a value.
fn property_equals(slot: usize, key: &Name, value: Expr, span: Span) -> Expr {
    let property = Expr::Property(Box::new(Expr::Var(slot)), key.text.clone(), key.span);
    Expr::Binary(BinaryOp::Equal, Box::new(property), Box::new(value), span)
}
