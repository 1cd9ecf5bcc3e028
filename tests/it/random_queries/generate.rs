//! Graphs and statements from bytes: small, correctly typed, and free of what the language leaves open.
//!
//! What is left out on purpose: orders that nobody promises (a list that is collected is a [`Kind::Bag`]),
//! choices between equals (a path that a selector picks among ties has a length and nothing else), and errors
//! anywhere but in the last projection, where every row is evaluated by every engine.

use super::choices::Choices;
use super::tree::{
    Aggregate, Clause, Expr, Graph, Math, Node, Projection, Properties, Property, Query, Relationship, Single,
};

/// What an expression gives, or null.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Bool,
    Int,
    Float,
    Text,
    /// Booleans, integers, texts and lists of integers.
    Any,
    Ints,
    Texts,
    Node,
    Relationship,
    Path,
    Nodes,
    Relationships,
    /// A list in no particular order.
    Bag(Box<Self>),
    /// A path of which only the length is determined.
    Lengthy,
    /// A path of which nothing is determined.
    Opaque,
}

impl Kind {
    /// What a list of this kind holds.
    pub(super) fn item(&self) -> Option<Self> {
        match self {
            Self::Ints => Some(Self::Int),
            Self::Texts => Some(Self::Text),
            Self::Nodes => Some(Self::Node),
            Self::Relationships => Some(Self::Relationship),
            Self::Bag(item) => Some((**item).clone()),
            _ => None,
        }
    }

    /// Whether equal values of the kind are the same, whoever computes them.
    pub(super) fn is_determined(&self) -> bool {
        !matches!(self, Self::Bag(_) | Self::Lengthy | Self::Opaque)
    }

    /// Whether ORDER BY puts different values of the kind in a promised order.
    fn is_ordered(&self) -> bool {
        matches!(self, Self::Bool | Self::Int | Self::Text | Self::Any | Self::Ints | Self::Texts)
    }
}

const SCALARS: [Kind; 7] = [Kind::Int, Kind::Text, Kind::Bool, Kind::Int, Kind::Any, Kind::Float, Kind::Ints];

pub(super) type Scope = Vec<(String, Kind)>;

/// A case: a graph and a statement about it.
pub(crate) fn case(bytes: &[u8]) -> (Graph, Query, Vec<String>) {
    let mut choices = Choices::new(bytes);
    let graph = graph(&mut choices);
    let mut generator = Generator {
        choices,
        scope: Vec::new(),
        outer: Scope::new(),
        is_tiny: (1..=2).contains(&graph.relationships.len()),
        n_nested: 0,
        n_names: 0,
        is_risky: false,
        may_be_pattern: false,
        may_group: true,
    };
    let (query, bags) = generator.query();
    (graph, query, bags)
}

fn graph(choices: &mut Choices<'_>) -> Graph {
    let n_nodes = choices.pick(&[1, 2, 3, 4, 5, 3, 4, 3, 4, 0]);
    let labels: [&[&str]; 5] = [&[], &["A"], &["B"], &["A", "B"], &["A"]];
    let nodes = (0..n_nodes)
        .map(|_| Node { labels: choices.pick(&labels).to_vec(), properties: properties(choices) })
        .collect();
    let n_relationships = if n_nodes == 0 { 0 } else { choices.pick(&[0, 1, 2, 3, 4, 5, 6, 4, 5, 6]) };
    let relationships = (0..n_relationships).map(|_| Relationship {
        start: choices.below(n_nodes),
        end: choices.below(n_nodes),
        kind: choices.pick(&["R", "S"]),
        properties: properties(choices),
    });
    Graph { relationships: relationships.collect(), nodes }
}

fn properties(choices: &mut Choices<'_>) -> Properties {
    let mut properties = Vec::new();
    let mut add = |choices: &mut Choices<'_>, name, values: &[Property]| {
        if choices.below(3) > 0 {
            properties.push((name, choices.pick(values)));
        }
    };
    let texts = [Property::Text("a"), Property::Text("ab"), Property::Text("B"), Property::Text("")];
    let lists = [Property::List(vec![]), Property::List(vec![1]), Property::List(vec![2, 1])];
    let mixed = [Property::Int(1), Property::Text("a"), Property::Bool(true), Property::List(vec![1, 2])];
    add(choices, "n", &[Property::Int(0), Property::Int(1), Property::Int(2), Property::Int(-1)]);
    add(choices, "s", &texts);
    add(choices, "f", &[Property::Float(0.5), Property::Float(1.0), Property::Float(-1.5)]);
    add(choices, "b", &[Property::Bool(true), Property::Bool(false)]);
    add(choices, "l", &lists);
    add(choices, "m", &mixed);
    add(choices, "z", &[Property::Float(f64::NAN), Property::Int(1), Property::Float(1.0), Property::Int(0)]);
    properties
}

pub(super) struct Generator<'c> {
    pub(super) choices: Choices<'c>,
    pub(super) scope: Scope,
    /// The variables of the queries around the one that is made.
    pub(super) outer: Scope,
    /// Whether the graph has so few relationships that a long pattern has few ways.
    is_tiny: bool,
    /// How many queries are around the one that is made.
    pub(super) n_nested: usize,
    n_names: usize,
    /// Whether an expression may fail.
    pub(super) is_risky: bool,
    /// Whether a pattern may be the condition that is made next.
    pub(super) may_be_pattern: bool,
    /// Whether a pattern may have parenthesised paths.
    pub(super) may_group: bool,
}

impl Generator<'_> {
    pub(super) fn fresh(&mut self, letters: &str) -> String {
        self.n_names += 1;
        format!("{letters}{}", self.n_names)
    }

    /// The variables of a kind.
    pub(super) fn of_kind(&self, kind: &Kind) -> Vec<String> {
        self.scope.iter().filter(|(_, other)| other == kind).map(|(name, _)| name.clone()).collect()
    }

    fn query(&mut self) -> (Query, Vec<String>) {
        let n_parts = self.choices.pick(&[1, 1, 1, 1, 1, 1, 2, 3]);
        let kinds: Vec<Kind> = (0..1 + self.choices.below(2))
            .map(|_| self.choices.pick(&[Kind::Int, Kind::Text, Kind::Bool, Kind::Ints]))
            .collect();
        let (mut parts, mut bags) = (Vec::new(), Vec::new());
        for _ in 0..n_parts {
            self.scope.clear();
            let mut clauses = Vec::new();
            for _ in 0..self.choices.pick(&[1, 1, 2, 1, 2, 3]) {
                clauses.push(self.clause(clauses.is_empty()));
            }
            let returns = match n_parts {
                1 => {
                    let is_known = self.scope.iter().any(|(_, kind)| kind.is_determined());
                    let (projection, scope) = match is_known && self.choices.once_in(4) {
                        true => self.set_projection(),
                        false => self.projection(true),
                    };
                    bags = scope
                        .into_iter()
                        .filter(|(_, kind)| matches!(kind, Kind::Bag(_)))
                        .map(|(name, _)| name)
                        .collect();
                    projection
                }
                _ => self.returns_of(&kinds),
            };
            parts.push(Single { clauses, returns });
        }
        let (is_all, is_terse) = (self.choices.below(2) == 1, self.choices.below(2) == 0);
        (Query { parts, is_all, is_terse }, bags)
    }

    /// One part of a UNION.
    fn returns_of(&mut self, kinds: &[Kind]) -> Projection {
        let items =
            kinds.iter().enumerate().map(|(no, kind)| (self.expr(kind, 2), format!("c{no}"))).collect();
        let is_distinct = self.choices.once_in(4);
        Projection { is_star: false, is_distinct, items, order: Vec::new(), skip: None, limit: None }
    }

    /// Whether a whole query may stand within what is made.
    pub(super) fn may_nest(&mut self) -> bool {
        self.n_nested < 2 && self.choices.below(2) == 0
    }

    pub(super) fn clause(&mut self, is_first: bool) -> Clause {
        let is_optional = !is_first && self.choices.once_in(3);
        match self.choices.below(16) {
            0..5 => {
                let is_plain = is_first && self.choices_are_plain();
                self.match_clause(is_plain)
            }
            5 if !is_first => self.match_clause(false),
            5 | 6 => self.unwind(),
            10 if self.is_tiny && self.choices.once_in(4) => self.long_clause(),
            10 | 11 => self.reach_clause(is_optional),
            12 => self.join_clause(is_optional),
            13 => self.bound_clause(is_optional),
            14 if self.n_nested < 2 => self.call_clause(),
            _ if is_first => self.match_clause(true),
            _ => self.with(),
        }
    }

    /// Mostly plain first clauses, so that there are rows to go on with.
    fn choices_are_plain(&mut self) -> bool {
        self.choices.below(4) > 0
    }

    fn unwind(&mut self) -> Clause {
        let kind = self.choices.pick(&[
            Kind::Ints,
            Kind::Texts,
            Kind::Any,
            Kind::Nodes,
            Kind::Relationships,
            Kind::Ints,
        ]);
        let bags: Scope =
            self.scope.iter().filter(|(_, kind)| matches!(kind, Kind::Bag(_))).cloned().collect();
        let (list, item) = if !bags.is_empty() && self.choices.below(2) == 0 {
            let (name, kind) = self.choices.pick(&bags);
            (Expr::Variable(name), kind.item().expect("a bag has items"))
        } else if kind == Kind::Any {
            let items = (0..self.choices.below(5)).map(|_| self.expr(&Kind::Any, 1)).collect();
            (Expr::List(items), Kind::Any)
        } else {
            (self.expr(&kind, 2), kind.item().expect("a list has items"))
        };
        let variable = self.fresh("x");
        self.scope.push((variable.clone(), item));
        Clause::Unwind { list, variable }
    }

    fn with(&mut self) -> Clause {
        if !self.scope.is_empty() && self.choices.once_in(6) {
            let kind = self.choices.pick(&SCALARS);
            let (expr, name) = (self.expr(&kind, 2), self.fresh("x"));
            self.scope.push((name.clone(), kind));
            let projection = Projection {
                is_star: true,
                is_distinct: false,
                items: vec![(expr, name)],
                order: Vec::new(),
                skip: None,
                limit: None,
            };
            let filter = self.choices.once_in(3).then(|| self.filter(2));
            return Clause::With { projection, filter };
        }
        let (projection, scope) = self.projection(false);
        self.scope = scope;
        let outer = self.outer.iter().filter(|(name, _)| !self.scope.iter().any(|(other, _)| other == name));
        let outer: Scope = outer.cloned().collect();
        self.scope.extend(outer);
        let filter = self.choices.once_in(3).then(|| self.filter(2));
        Clause::With { projection, filter }
    }

    /// A projection and what it makes visible.
    fn projection(&mut self, is_last: bool) -> (Projection, Scope) {
        let is_aggregating = self.choices.once_in(3);
        let mut items: Vec<(Expr, String)> = Vec::new();
        let mut scope = Scope::new();
        let limits_are_wanted = self.choices.once_in(4);
        self.is_risky = is_last && !limits_are_wanted && self.choices.once_in(5);
        for _ in 0..1 + self.choices.below(3) {
            let (expr, kind) = self.item(!is_aggregating);
            let name = match &expr {
                Expr::Variable(name) if self.choices.below(4) > 0 => name.clone(),
                _ => self.fresh("x"),
            };
            if !items.iter().any(|(_, other)| *other == name) {
                items.push((expr, name.clone()));
                scope.push((name, kind));
            }
        }
        if is_aggregating {
            items.truncate(self.choices.below(3));
            scope.truncate(items.len());
            for _ in 0..1 + self.choices.below(2) {
                let (expr, kind) = self.aggregate(is_last, &items, &scope);
                let name = self.fresh("x");
                items.push((expr, name.clone()));
                scope.push((name, kind));
            }
        }
        self.is_risky = false;
        let is_determined = scope.iter().all(|(_, kind)| kind.is_determined());
        let is_distinct = is_determined && self.choices.once_in(5);
        let mut projection =
            Projection { is_star: false, is_distinct, items, order: Vec::new(), skip: None, limit: None };
        if self.choices.once_in(3) {
            self.order(&mut projection, &scope, is_aggregating || is_distinct);
        }
        if limits_are_wanted && (is_last || self.order_all(&mut projection, &scope)) {
            projection.skip = self.choices.once_in(2).then(|| self.choices.below(3));
            projection.limit = self.choices.once_in(2).then(|| self.choices.below(5));
        }
        (projection, scope)
    }

    /// Orders by some of the columns, or by what was visible before.
    fn order(&mut self, projection: &mut Projection, scope: &Scope, is_closed: bool) {
        for _ in 0..1 + self.choices.below(2) {
            let before = self.scope.clone();
            let key = if !is_closed && self.choices.once_in(3) {
                // A name that the projection gives anew means the new value.
                self.scope.retain(|(name, _)| !scope.iter().any(|(other, _)| other == name));
                self.scope.extend(scope.iter().cloned());
                self.expr(&Kind::Int, 2)
            } else {
                let columns: Vec<_> = scope.iter().filter(|(_, kind)| kind.is_ordered()).collect();
                if columns.is_empty() {
                    return;
                }
                Expr::Variable(self.choices.pick(&columns).0.clone())
            };
            self.scope = before;
            let descends = self.choices.below(3) == 1;
            projection.order.push((key, descends));
        }
    }

    /// Orders by every column, so that SKIP and LIMIT leave no choice. False if that cannot be.
    pub(super) fn order_all(&mut self, projection: &mut Projection, scope: &Scope) -> bool {
        let mut order = Vec::new();
        for (name, kind) in scope {
            let variable = Expr::Variable(name.clone());
            let key = match kind {
                Kind::Node | Kind::Relationship => Expr::Property(Box::new(variable), "no"),
                kind if kind.is_ordered() => variable,
                _ => return false,
            };
            order.push((key, self.choices.below(3) == 1));
        }
        projection.order.extend(order);
        true
    }

    /// An item that is no aggregate.
    fn item(&mut self, may_be_bag: bool) -> (Expr, Kind) {
        if self.is_risky && self.choices.below(2) == 0 {
            let math = self.choices.pick(&[Math::Divide, Math::Remainder, Math::Add]);
            let large = if math == Math::Add { Expr::Int(i64::MAX) } else { self.expr(&Kind::Int, 1) };
            return (Expr::Math(math, Box::new(large), Box::new(self.expr(&Kind::Int, 2))), Kind::Int);
        }
        let variables: Scope = self
            .scope
            .iter()
            .filter(|(_, kind)| kind.is_determined() || (may_be_bag && matches!(kind, Kind::Bag(_))))
            .cloned()
            .collect();
        if !variables.is_empty() && self.choices.below(3) > 0 {
            let (name, kind) = self.choices.pick(&variables);
            return (Expr::Variable(name), kind);
        }
        let kind = self.choices.pick(&SCALARS);
        (self.expr(&kind, 3), kind)
    }

    fn aggregate(&mut self, is_last: bool, keys: &[(Expr, String)], scope: &Scope) -> (Expr, Kind) {
        let determined: Scope = self.scope.iter().filter(|(_, kind)| kind.is_determined()).cloned().collect();
        let (argument, kind) = match determined.is_empty() || self.choices.below(2) == 0 {
            true => {
                let kind = self.choices.pick(&SCALARS);
                (self.expr(&kind, 2), kind)
            }
            false => {
                let (name, kind) = self.choices.pick(&determined);
                (Expr::Variable(name), kind)
            }
        };
        let is_distinct = self.choices.once_in(3);
        let of = |aggregate, argument| Expr::Aggregate {
            aggregate,
            is_distinct,
            argument: Some(Box::new(argument)),
        };
        let (expr, kind) = match (self.choices.below(6), kind) {
            (1, _) => (of(Aggregate::Count, argument), Kind::Int),
            (2, kind) => (of(Aggregate::Collect, argument), Kind::Bag(Box::new(kind))),
            (3, kind @ (Kind::Int | Kind::Text | Kind::Bool | Kind::Any | Kind::Ints | Kind::Float)) => {
                (of(Aggregate::Min, argument), kind)
            }
            (4, kind @ (Kind::Int | Kind::Text | Kind::Bool | Kind::Any | Kind::Ints | Kind::Float)) => {
                (of(Aggregate::Max, argument), kind)
            }
            (5, Kind::Int) if is_last && self.choices.once_in(3) => {
                (of(Aggregate::Avg, argument), Kind::Float)
            }
            (5, Kind::Int) => (of(Aggregate::Sum, argument), Kind::Int),
            // An average of floats depends on their order, a little; nothing is computed from it.
            (5, Kind::Float) if is_last => (of(Aggregate::Avg, argument), Kind::Float),
            _ => (
                Expr::Aggregate { aggregate: Aggregate::Count, is_distinct: false, argument: None },
                Kind::Int,
            ),
        };
        self.around(expr, kind, keys, scope)
    }

    /// Sometimes an expression around an aggregate, with a grouping key or a constant.
    fn around(&mut self, expr: Expr, kind: Kind, keys: &[(Expr, String)], scope: &Scope) -> (Expr, Kind) {
        if matches!(kind, Kind::Bag(_)) && self.choices.once_in(3) {
            return (Expr::Call(super::tree::Function::Size, vec![expr]), Kind::Int);
        }
        if kind != Kind::Int || !self.choices.once_in(4) {
            return (expr, kind);
        }
        let pairs = keys.iter().zip(scope);
        let keys: Vec<&Expr> = pairs
            .filter(|((expr, _), (_, kind))| matches!(expr, Expr::Variable(_)) && *kind == Kind::Int)
            .map(|((expr, _), _)| expr)
            .collect();
        let other = match keys.is_empty() {
            true => Expr::Int(1),
            false => self.choices.pick(&keys).clone(),
        };
        (Expr::Math(Math::Add, Box::new(expr), Box::new(other)), Kind::Int)
    }
}
