//! Statements as text: Cypher as openCypher 9 and GQL spell it, with all parentheses or only the necessary ones.

use std::fmt::Write as _;

use super::tree::{
    Aggregate, Clause, Compare, Direction, Expr, Function, Graph, Group, Labels, Link, Logic, Math, Mode,
    NodePattern, OfQuery, Pattern, Projection, Properties, Property, Quantifier, Quantity, Query,
    RelationshipPattern, Selector, Single, Subquery, TextTest,
};

/// How tightly an expression binds; a looser one within a tighter one needs parentheses.
mod binds {
    pub(super) const OR: u8 = 1;
    pub(super) const XOR: u8 = 2;
    pub(super) const AND: u8 = 3;
    pub(super) const NOT: u8 = 4;
    pub(super) const COMPARE: u8 = 5;
    pub(super) const ADD: u8 = 6;
    pub(super) const MULTIPLY: u8 = 7;
    pub(super) const UNARY: u8 = 8;
    pub(super) const POSTFIX: u8 = 9;
}

/// One statement that creates the graph; empty for an empty graph.
pub(crate) fn graph_text(graph: &Graph) -> String {
    let mut parts = Vec::new();
    for (no, node) in graph.nodes.iter().enumerate() {
        let labels: String = node.labels.iter().map(|label| format!(":{label}")).collect();
        parts.push(format!("(n{no}{labels} {{no: {no}{}}})", properties_text(&node.properties)));
    }
    for (no, relationship) in graph.relationships.iter().enumerate() {
        let properties = properties_text(&relationship.properties);
        let (start, end, kind) = (relationship.start, relationship.end, relationship.kind);
        parts.push(format!("(n{start})-[:{kind} {{no: {no}{properties}}}]->(n{end})"));
    }
    match parts.is_empty() {
        true => String::new(),
        false => format!("CREATE {}", parts.join(", ")),
    }
}

fn properties_text(properties: &Properties) -> String {
    properties.iter().map(|(name, value)| format!(", {name}: {}", property_text(value))).collect()
}

fn property_text(value: &Property) -> String {
    match value {
        Property::Bool(value) => value.to_string(),
        Property::Int(value) => value.to_string(),
        Property::Float(value) if value.is_nan() => "0.0 / 0.0".to_owned(),
        Property::Float(value) => format!("{value:?}"),
        Property::Text(value) => format!("'{value}'"),
        Property::List(values) => format!("{values:?}"),
    }
}

pub(crate) fn query_text(query: &Query) -> String {
    Printer { is_terse: query.is_terse }.query(query)
}

struct Printer {
    is_terse: bool,
}

impl Printer {
    fn query(&self, query: &Query) -> String {
        let word = if query.is_all { " UNION ALL " } else { " UNION " };
        query.parts.iter().map(|part| self.single(part)).collect::<Vec<_>>().join(word)
    }

    fn single(&self, single: &Single) -> String {
        let mut clauses: Vec<String> = single.clauses.iter().map(|clause| self.clause(clause)).collect();
        clauses.push(self.projection("RETURN", &single.returns));
        clauses.join(" ")
    }

    fn clause(&self, clause: &Clause) -> String {
        match clause {
            Clause::Match { is_optional, patterns, filter } => {
                let word = if *is_optional { "OPTIONAL MATCH" } else { "MATCH" };
                format!("{word} {}{}", self.patterns(patterns), self.filter(filter.as_ref()))
            }
            Clause::With { projection, filter } => {
                format!("{}{}", self.projection("WITH", projection), self.filter(filter.as_ref()))
            }
            Clause::Unwind { list, variable } => format!("UNWIND {} AS {variable}", self.expr(list)),
            Clause::Call { is_optional, imports, body } => {
                let word = if *is_optional { "OPTIONAL CALL" } else { "CALL" };
                let imports = imports.as_ref().map_or("*".to_owned(), |names| names.join(", "));
                format!("{word} ({imports}) {{ {} }}", self.query(body))
            }
        }
    }

    fn filter(&self, filter: Option<&Expr>) -> String {
        filter.map_or(String::new(), |filter| format!(" WHERE {}", self.expr(filter)))
    }

    fn projection(&self, word: &str, projection: &Projection) -> String {
        let mut text = word.to_owned();
        if projection.is_distinct {
            text.push_str(" DISTINCT");
        }
        let star = projection.is_star.then(|| "*".to_owned());
        let items = projection.items.iter().map(|(expr, name)| match expr {
            Expr::Variable(variable) if variable == name => name.clone(),
            _ => format!("{} AS {name}", self.expr(expr)),
        });
        write!(text, " {}", star.into_iter().chain(items).collect::<Vec<_>>().join(", ")).expect("a text");
        let order = projection
            .order
            .iter()
            .map(|(expr, descends)| format!("{}{}", self.expr(expr), if *descends { " DESC" } else { "" }));
        let order = order.collect::<Vec<_>>().join(", ");
        if !order.is_empty() {
            write!(text, " ORDER BY {order}").expect("a text");
        }
        if let Some(skip) = projection.skip {
            write!(text, " SKIP {skip}").expect("a text");
        }
        if let Some(limit) = projection.limit {
            write!(text, " LIMIT {limit}").expect("a text");
        }
        text
    }

    fn patterns(&self, patterns: &[Pattern]) -> String {
        patterns.iter().map(|pattern| self.pattern(pattern)).collect::<Vec<_>>().join(", ")
    }

    fn pattern(&self, pattern: &Pattern) -> String {
        let variable = pattern.variable.as_ref().map_or(String::new(), |variable| format!("{variable} = "));
        let (before, after) = match pattern.selector {
            None => (String::new(), ""),
            Some(Selector::All) => ("ALL ".to_owned(), ""),
            Some(Selector::Any(1)) => ("ANY ".to_owned(), ""),
            Some(Selector::Any(k)) => (format!("ANY {k} "), ""),
            Some(Selector::AllShortest) => ("ALL SHORTEST ".to_owned(), ""),
            Some(Selector::Shortest(1)) => ("ANY SHORTEST ".to_owned(), ""),
            Some(Selector::Shortest(k)) => (format!("SHORTEST {k} "), ""),
            Some(Selector::ShortestGroups(k)) => (format!("SHORTEST {k} "), "GROUPS "),
        };
        if pattern.is_function {
            let name = match pattern.selector {
                Some(Selector::AllShortest) => "allShortestPaths",
                _ => "shortestPath",
            };
            return format!("{variable}{name}({})", self.path(pattern));
        }
        let mode = match pattern.mode {
            None => "",
            Some(Mode::Walk) => "WALK ",
            Some(Mode::Trail) => "TRAIL ",
            Some(Mode::Acyclic) => "ACYCLIC ",
            Some(Mode::Simple) => "SIMPLE ",
        };
        format!("{variable}{before}{mode}{after}{}", self.path(pattern))
    }

    fn path(&self, pattern: &Pattern) -> String {
        let mut text = self.node(&pattern.start);
        for (link, node) in &pattern.links {
            match link {
                Link::Relationship(relationship) => text.push_str(&self.relationship(relationship)),
                Link::Group(group) => text.push_str(&self.group(group)),
            }
            text.push_str(&self.node(node));
        }
        text
    }

    fn node(&self, node: &NodePattern) -> String {
        let labels =
            node.labels.as_ref().map_or(String::new(), |labels| format!(":{}", labels_text(labels, 0)));
        let start = format!("{}{labels}", node.variable.as_deref().unwrap_or(""));
        format!("({})", self.tail(start, &node.properties, node.filter.as_deref()))
    }

    /// Adds the properties and the condition to what a node or relationship pattern begins with.
    fn tail(&self, start: String, properties: &[(&str, Expr)], filter: Option<&Expr>) -> String {
        let mut parts = vec![start];
        if !properties.is_empty() {
            parts.push(self.map(properties));
        }
        if let Some(filter) = filter {
            parts.push(format!("WHERE {}", self.expr(filter)));
        }
        parts.retain(|part| !part.is_empty());
        parts.join(" ")
    }

    fn map(&self, entries: &[(&str, Expr)]) -> String {
        let entries = entries.iter().map(|(name, value)| format!("{name}: {}", self.expr(value)));
        format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
    }

    fn relationship(&self, relationship: &RelationshipPattern) -> String {
        let mut inner = relationship.variable.clone().unwrap_or_default();
        if !relationship.kinds.is_empty() {
            write!(inner, ":{}", relationship.kinds.join("|")).expect("a text");
        }
        let mut after = String::new();
        match &relationship.quantifier {
            Some(quantifier) if quantifier.is_legacy => inner.push_str(&legacy_text(quantifier)),
            Some(quantifier) => after = quantifier_text(quantifier),
            None => {}
        }
        let inner = self.tail(inner, &relationship.properties, relationship.filter.as_deref());
        let inner = if inner.is_empty() { inner } else { format!("[{inner}]") };
        match relationship.direction {
            Direction::Out => format!("-{inner}->{after}"),
            Direction::In => format!("<-{inner}-{after}"),
            Direction::Both => format!("-{inner}-{after}"),
        }
    }

    fn group(&self, group: &Group) -> String {
        let mut text = self.node(&group.start);
        for (relationship, node) in &group.hops {
            text.push_str(&self.relationship(relationship));
            text.push_str(&self.node(node));
        }
        let filter = self.filter(group.filter.as_deref());
        format!(" ({text}{filter}){} ", quantifier_text(&group.quantifier))
    }

    fn expr(&self, expr: &Expr) -> String {
        self.within(expr, 0)
    }

    /// The expression within one that binds as tightly as `least`.
    fn within(&self, expr: &Expr, least: u8) -> String {
        let (text, binds) = self.bare(expr);
        let is_simple = matches!(expr, Expr::Variable(_) | Expr::Int(_) | Expr::Text(_) | Expr::Property(..));
        match binds < least || (!self.is_terse && least > 0 && !is_simple) {
            true => format!("({text})"),
            false => text,
        }
    }

    /// The expression and how tightly it binds.
    fn bare(&self, expr: &Expr) -> (String, u8) {
        match expr {
            Expr::Not(inner) => (format!("NOT {}", self.within(inner, binds::NOT)), binds::NOT),
            Expr::Logic(logic, a, b) => {
                let (word, level) = match logic {
                    Logic::And => ("AND", binds::AND),
                    Logic::Or => ("OR", binds::OR),
                    Logic::Xor => ("XOR", binds::XOR),
                };
                (format!("{} {word} {}", self.within(a, level), self.within(b, level)), level)
            }
            Expr::Compare(first, rest) => {
                let mut text = self.within(first, binds::ADD);
                for (compare, operand) in rest {
                    let sign = match compare {
                        Compare::Equal => "=",
                        Compare::Unequal => "<>",
                        Compare::Less => "<",
                        Compare::LessEqual => "<=",
                        Compare::Greater => ">",
                        Compare::GreaterEqual => ">=",
                    };
                    write!(text, " {sign} {}", self.within(operand, binds::ADD)).expect("a text");
                }
                (text, binds::COMPARE)
            }
            Expr::Math(math, a, b) => self.math(*math, a, b),
            Expr::Minus(inner) => (format!("-{}", self.within(inner, binds::POSTFIX)), binds::UNARY),
            Expr::IsNull(inner) => {
                (format!("{} IS NULL", self.within(inner, binds::POSTFIX)), binds::COMPARE)
            }
            Expr::IsNotNull(inner) => {
                (format!("{} IS NOT NULL", self.within(inner, binds::POSTFIX)), binds::COMPARE)
            }
            Expr::In(item, list) => (self.infix(item, "IN", list), binds::COMPARE),
            Expr::TextTest(test, a, b) => {
                let word = match test {
                    TextTest::StartsWith => "STARTS WITH",
                    TextTest::EndsWith => "ENDS WITH",
                    TextTest::Contains => "CONTAINS",
                };
                (self.infix(a, word, b), binds::COMPARE)
            }
            Expr::HasLabels(node, labels) => {
                (format!("{}:{}", self.within(node, binds::POSTFIX), labels_text(labels, 1)), binds::COMPARE)
            }
            Expr::Int(number) if *number < 0 => (number.to_string(), binds::UNARY),
            Expr::Float(number) if *number < 0.0 => (format!("{number:?}"), binds::UNARY),
            _ => (self.atom(expr), binds::POSTFIX),
        }
    }

    fn infix(&self, a: &Expr, word: &str, b: &Expr) -> String {
        format!("{} {word} {}", self.within(a, binds::POSTFIX), self.within(b, binds::POSTFIX))
    }

    fn math(&self, math: Math, a: &Expr, b: &Expr) -> (String, u8) {
        let (sign, level) = match math {
            Math::Add => ("+", binds::ADD),
            Math::Subtract => ("-", binds::ADD),
            Math::Multiply => ("*", binds::MULTIPLY),
            Math::Divide => ("/", binds::MULTIPLY),
            Math::Remainder => ("%", binds::MULTIPLY),
            // Which side of two powers goes first is not tested: parentheses on both sides.
            Math::Power => return (self.power(a, b), binds::UNARY),
        };
        // From the left: what is on the right binds more tightly.
        (format!("{} {sign} {}", self.within(a, level), self.within(b, level + 1)), level)
    }

    fn power(&self, a: &Expr, b: &Expr) -> String {
        format!("{} ^ {}", self.within(a, binds::POSTFIX), self.within(b, binds::POSTFIX))
    }

    fn atom(&self, expr: &Expr) -> String {
        match expr {
            Expr::Null => "null".to_owned(),
            Expr::Bool(value) => value.to_string(),
            Expr::Int(number) => number.to_string(),
            Expr::Float(number) => format!("{number:?}"),
            Expr::Text(text) => format!("'{text}'"),
            Expr::List(items) => format!("[{}]", self.list(items)),
            Expr::Map(entries) => self.map(entries),
            Expr::Parameter(name) => format!("${name}"),
            Expr::Variable(name) => name.clone(),
            Expr::Property(owner, name) => format!("{}.{name}", self.within(owner, binds::POSTFIX)),
            Expr::Index(list, at) => format!("{}[{}]", self.within(list, binds::POSTFIX), self.expr(at)),
            Expr::Slice(list, from, to) => {
                let side =
                    |side: &Option<Box<Expr>>| side.as_ref().map_or(String::new(), |side| self.expr(side));
                format!("{}[{}..{}]", self.within(list, binds::POSTFIX), side(from), side(to))
            }
            Expr::Case { subject, whens, otherwise } => {
                let mut text = "CASE".to_owned();
                if let Some(subject) = subject {
                    write!(text, " {}", self.expr(subject)).expect("a text");
                }
                for (when, then) in whens {
                    write!(text, " WHEN {} THEN {}", self.expr(when), self.expr(then)).expect("a text");
                }
                if let Some(otherwise) = otherwise {
                    write!(text, " ELSE {}", self.expr(otherwise)).expect("a text");
                }
                format!("{text} END")
            }
            Expr::Call(function, arguments) => {
                format!("{}({})", function_name(*function), self.list(arguments))
            }
            Expr::Comprehension { variable, list, filter, map } => {
                let filter = self.filter(filter.as_deref());
                let map = map.as_ref().map_or(String::new(), |map| format!(" | {}", self.expr(map)));
                format!("[{variable} IN {}{filter}{map}]", self.expr(list))
            }
            Expr::Quantified { quantity, variable, list, filter } => {
                let word = match quantity {
                    Quantity::All => "all",
                    Quantity::Any => "any",
                    Quantity::None => "none",
                    Quantity::Single => "single",
                };
                format!("{word}({variable} IN {} WHERE {})", self.expr(list), self.expr(filter))
            }
            Expr::Reduce { total, start, variable, list, step } => {
                let (start, list, step) = (self.expr(start), self.expr(list), self.expr(step));
                format!("reduce({total} = {start}, {variable} IN {list} | {step})")
            }
            Expr::OfQuery(what, query) => {
                let query = self.query(query);
                match what {
                    OfQuery::Exists => format!("EXISTS {{ {query} }}"),
                    OfQuery::Count => format!("COUNT {{ {query} }}"),
                    OfQuery::Collect => format!("size(COLLECT {{ {query} }})"),
                }
            }
            Expr::Exists(subquery) => format!("EXISTS {{ {} }}", self.subquery(subquery)),
            Expr::Count(subquery) => format!("COUNT {{ {} }}", self.subquery(subquery)),
            Expr::Predicate(pattern) => self.path(pattern),
            Expr::PatternList { pattern, filter, map, is_subquery } => {
                let (pattern, filter) = (self.pattern(pattern), self.filter(filter.as_deref()));
                let map = self.expr(map);
                match is_subquery {
                    true => format!("size(COLLECT {{ MATCH {pattern}{filter} RETURN {map} }})"),
                    false => format!("size([{pattern}{filter} | {map}])"),
                }
            }
            Expr::Aggregate { aggregate, is_distinct, argument } => {
                let name = match aggregate {
                    Aggregate::Count => "count",
                    Aggregate::Sum => "sum",
                    Aggregate::Min => "min",
                    Aggregate::Max => "max",
                    Aggregate::Avg => "avg",
                    Aggregate::Collect => "collect",
                };
                let distinct = if *is_distinct { "DISTINCT " } else { "" };
                let argument = argument.as_ref().map_or("*".to_owned(), |argument| self.expr(argument));
                format!("{name}({distinct}{argument})")
            }
            _ => unreachable!("an operator is not an atom"),
        }
    }

    fn list(&self, items: &[Expr]) -> String {
        items.iter().map(|item| self.expr(item)).collect::<Vec<_>>().join(", ")
    }

    fn subquery(&self, subquery: &Subquery) -> String {
        let word = if subquery.is_spelled { "MATCH " } else { "" };
        format!("{word}{}{}", self.patterns(&subquery.patterns), self.filter(subquery.filter.as_ref()))
    }
}

/// `|` binds most loosely, then `&`, then `!`.
fn labels_text(labels: &Labels, least: u8) -> String {
    let (text, binds) = match labels {
        Labels::One(label) => ((*label).to_owned(), 3),
        Labels::Any => ("%".to_owned(), 3),
        Labels::Not(inner) => (format!("!{}", labels_text(inner, 3)), 2),
        Labels::And(a, b) => (format!("{}&{}", labels_text(a, 1), labels_text(b, 1)), 1),
        Labels::Or(a, b) => (format!("{}|{}", labels_text(a, 0), labels_text(b, 0)), 0),
        Labels::Colons(a, b) => (format!("{a}:{b}"), 0),
    };
    if binds < least { format!("({text})") } else { text }
}

fn legacy_text(quantifier: &Quantifier) -> String {
    match (quantifier.least, quantifier.most) {
        (1, None) => "*".to_owned(),
        (least, None) => format!("*{least}.."),
        (least, Some(most)) if least == most => format!("*{least}"),
        (1, Some(most)) => format!("*..{most}"),
        (least, Some(most)) => format!("*{least}..{most}"),
    }
}

fn quantifier_text(quantifier: &Quantifier) -> String {
    match (quantifier.least, quantifier.most) {
        (0, None) => "*".to_owned(),
        (1, None) => "+".to_owned(),
        (least, None) => format!("{{{least},}}"),
        (0, Some(1)) => "?".to_owned(),
        (0, Some(most)) => format!("{{,{most}}}"),
        (least, Some(most)) if least == most => format!("{{{least}}}"),
        (least, Some(most)) => format!("{{{least},{most}}}"),
    }
}

fn function_name(function: Function) -> &'static str {
    match function {
        Function::Abs => "abs",
        Function::Coalesce => "coalesce",
        Function::EndNode => "endNode",
        Function::Head => "head",
        Function::Keys => "keys",
        Function::Labels => "labels",
        Function::Last => "last",
        Function::Left => "left",
        Function::Length => "length",
        Function::Nodes => "nodes",
        Function::Properties => "properties",
        Function::Range => "range",
        Function::Relationships => "relationships",
        Function::Replace => "replace",
        Function::Reverse => "reverse",
        Function::Right => "right",
        Function::Sign => "sign",
        Function::Size => "size",
        Function::Split => "split",
        Function::StartNode => "startNode",
        Function::Substring => "substring",
        Function::Tail => "tail",
        Function::ToFloat => "toFloat",
        Function::ToInteger => "toInteger",
        Function::ToLower => "toLower",
        Function::ToString => "toString",
        Function::ToUpper => "toUpper",
        Function::Trim => "trim",
        Function::Type => "type",
    }
}
