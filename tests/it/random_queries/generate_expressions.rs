//! Expressions from bytes, each of the kind asked for (or null).

use super::generate::{Generator, Kind};
use super::tree::{Compare, Expr, Function, Logic, Math, OfQuery, Quantity, TextTest};

fn boxed(expr: Expr) -> Box<Expr> {
    Box::new(expr)
}

impl Generator<'_> {
    /// An expression of the kind, at most `depth` operators deep.
    pub(super) fn expr(&mut self, kind: &Kind, depth: usize) -> Expr {
        let may_be_pattern = std::mem::take(&mut self.may_be_pattern);
        if depth == 0 || self.choices.below(4) == 0 {
            return self.leaf(kind);
        }
        match self.choices.below(24) {
            0 => self.safely(|generator| generator.case(kind, depth - 1)),
            1 => self.safely(|generator| {
                let arguments = vec![generator.expr(kind, depth - 1), generator.expr(kind, depth - 1)];
                Expr::Call(Function::Coalesce, arguments)
            }),
            _ => match kind {
                Kind::Bool => self.safely(|generator| {
                    generator.may_be_pattern = may_be_pattern;
                    generator.condition(depth - 1)
                }),
                Kind::Int => self.int(depth - 1),
                Kind::Float => self.float(depth - 1),
                Kind::Text => self.text(depth - 1),
                Kind::Ints | Kind::Texts | Kind::Nodes | Kind::Relationships => self.list(kind, depth - 1),
                Kind::Any => {
                    let kind = self.choices.pick(&[Kind::Int, Kind::Text, Kind::Bool, Kind::Ints]);
                    self.expr(&kind, depth - 1)
                }
                _ => self.leaf(kind),
            },
        }
    }

    pub(super) fn compare(&mut self) -> Compare {
        self.choices.pick(&[
            Compare::Equal,
            Compare::Less,
            Compare::Unequal,
            Compare::GreaterEqual,
            Compare::Greater,
            Compare::LessEqual,
        ])
    }

    /// What may not be evaluated at all must not be able to fail.
    fn safely<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> T {
        let is_risky = std::mem::take(&mut self.is_risky);
        let made = make(self);
        self.is_risky = is_risky;
        made
    }

    fn case(&mut self, kind: &Kind, depth: usize) -> Expr {
        let is_simple = self.choices.below(2) == 0;
        let subject = is_simple.then(|| boxed(self.expr(&Kind::Int, depth)));
        let whens = (0..1 + self.choices.below(2))
            .map(|_| {
                let when = self.expr(if is_simple { &Kind::Int } else { &Kind::Bool }, depth);
                (when, self.expr(kind, depth))
            })
            .collect();
        let otherwise = (self.choices.below(2) == 0).then(|| boxed(self.expr(kind, depth)));
        Expr::Case { subject, whens, otherwise }
    }

    /// A variable, a property, a parameter or a constant.
    fn leaf(&mut self, kind: &Kind) -> Expr {
        let variables = self.of_kind(kind);
        if !variables.is_empty() && self.choices.below(2) == 0 {
            return Expr::Variable(self.choices.pick(&variables));
        }
        let property = match kind {
            Kind::Int => self.choices.pick(&["n", "no"]),
            Kind::Text => "s",
            Kind::Float => "f",
            Kind::Bool => "b",
            Kind::Ints => "l",
            Kind::Any => "m",
            _ => "",
        };
        let owners = [self.of_kind(&Kind::Node), self.of_kind(&Kind::Relationship)].concat();
        if !property.is_empty() && !owners.is_empty() && self.choices.below(4) > 0 {
            return Expr::Property(boxed(Expr::Variable(self.choices.pick(&owners))), property);
        }
        self.constant(kind)
    }

    fn constant(&mut self, kind: &Kind) -> Expr {
        if self.choices.once_in(16) {
            return Expr::Null;
        }
        match kind {
            Kind::Bool => Expr::Bool(self.choices.below(2) == 0),
            Kind::Int => match self.choices.below(6) {
                5 => Expr::Parameter("two"),
                4 => Expr::Int(-1),
                number => Expr::Int(number as i64),
            },
            Kind::Float => self.choices.pick(&[
                Expr::Float(0.5),
                Expr::Float(2.0),
                Expr::Float(-1.5),
                Expr::Parameter("half"),
            ]),
            Kind::Text => self.choices.pick(&[
                Expr::Text("a"),
                Expr::Text(""),
                Expr::Text("B"),
                Expr::Parameter("word"),
            ]),
            Kind::Ints => self.choices.pick(&[
                Expr::List(vec![Expr::Int(1), Expr::Int(2)]),
                Expr::List(vec![]),
                Expr::List(vec![Expr::Int(2), Expr::Int(0), Expr::Int(2)]),
                Expr::Call(Function::Range, vec![Expr::Int(0), Expr::Int(2)]),
                Expr::List(vec![Expr::Int(1), Expr::Null]),
            ]),
            Kind::Texts => self.choices.pick(&[
                Expr::List(vec![Expr::Text("a"), Expr::Text("b")]),
                Expr::List(vec![]),
                Expr::List(vec![Expr::Text("ab"), Expr::Null, Expr::Text("ab")]),
            ]),
            Kind::Any => self.choices.pick(&[
                Expr::Int(1),
                Expr::Text("a"),
                Expr::Bool(true),
                Expr::List(vec![Expr::Int(1), Expr::Int(2)]),
            ]),
            Kind::Nodes | Kind::Relationships => {
                let item = kind.item().expect("a list has items");
                let names = self.of_kind(&item);
                Expr::List(names.into_iter().take(2).map(Expr::Variable).collect())
            }
            _ => Expr::Null,
        }
    }

    /// What WHERE asks: here alone a pattern may stand as a condition.
    pub(super) fn filter(&mut self, depth: usize) -> Expr {
        self.may_be_pattern = true;
        let filter = self.expr(&Kind::Bool, depth);
        self.may_be_pattern = false;
        filter
    }

    fn condition(&mut self, depth: usize) -> Expr {
        let is_condition = std::mem::take(&mut self.may_be_pattern);
        match self.choices.below(16) {
            0..3 => self.comparison(depth),
            3 => {
                self.may_be_pattern = is_condition;
                Expr::Not(boxed(self.expr(&Kind::Bool, depth)))
            }
            4..7 => {
                let logic = self.choices.pick(&[Logic::And, Logic::Or, Logic::Xor]);
                self.may_be_pattern = is_condition;
                let a = boxed(self.expr(&Kind::Bool, depth));
                self.may_be_pattern = is_condition;
                let b = boxed(self.expr(&Kind::Bool, depth));
                Expr::Logic(logic, a, b)
            }
            7 => {
                let kind = self.choices.pick(&[Kind::Int, Kind::Text, Kind::Any, Kind::Node]);
                let inner = boxed(self.expr(&kind, depth));
                if self.choices.below(2) == 0 { Expr::IsNull(inner) } else { Expr::IsNotNull(inner) }
            }
            8 => self.membership(depth),
            9 => {
                let test = self.choices.pick(&[TextTest::StartsWith, TextTest::EndsWith, TextTest::Contains]);
                Expr::TextTest(
                    test,
                    boxed(self.expr(&Kind::Text, depth)),
                    boxed(self.expr(&Kind::Text, depth)),
                )
            }
            10 => match self.node_expr() {
                Some(node) => Expr::HasLabels(boxed(node), self.labels(1).expect("labels are asked for")),
                None => self.comparison(depth),
            },
            11 => self.quantified(depth),
            12 if depth > 0 && self.may_nest() => self.of_query(OfQuery::Exists),
            12 if depth > 0 => Expr::Exists(boxed_subquery(self)),
            13 => match self.of_kind(&Kind::Node) {
                nodes if nodes.is_empty() || !is_condition => self.comparison(depth),
                nodes => {
                    let from = self.choices.pick(&nodes);
                    Expr::Predicate(Box::new(self.predicate(from)))
                }
            },
            14 => {
                let (a, b) = (self.of_kind(&Kind::Node), self.of_kind(&Kind::Node));
                match a.is_empty() {
                    true => self.comparison(depth),
                    false => {
                        let (a, b) = (self.choices.pick(&a), self.choices.pick(&b));
                        let compare = self.choices.pick(&[Compare::Equal, Compare::Unequal]);
                        Expr::Compare(boxed(Expr::Variable(a)), vec![(compare, Expr::Variable(b))])
                    }
                }
            }
            _ => self.comparison(depth),
        }
    }

    fn comparison(&mut self, depth: usize) -> Expr {
        let kind = self.choices.pick(&[
            Kind::Int,
            Kind::Text,
            Kind::Any,
            Kind::Float,
            Kind::Ints,
            Kind::Bool,
            Kind::Int,
        ]);
        let first = self.expr(&kind, depth);
        let n_rest = self.choices.pick(&[1, 1, 1, 2]);
        let rest = (0..n_rest)
            .map(|_| {
                // Integers and floats compare by value.
                let other =
                    if kind == Kind::Float && self.choices.below(2) == 0 { Kind::Int } else { kind.clone() };
                (self.compare(), self.expr(&other, depth))
            })
            .collect();
        Expr::Compare(boxed(first), rest)
    }

    fn membership(&mut self, depth: usize) -> Expr {
        let bags: Vec<(String, Kind)> =
            self.scope.iter().filter(|(_, kind)| matches!(kind, Kind::Bag(_))).cloned().collect();
        if !bags.is_empty() && self.choices.below(2) == 0 {
            let (name, kind) = self.choices.pick(&bags);
            let item = self.expr(&kind.item().expect("a bag has items"), depth);
            return Expr::In(boxed(item), boxed(Expr::Variable(name)));
        }
        if self.choices.once_in(4) && !self.of_kind(&Kind::Node).is_empty() {
            let node = self.node_expr().expect("there is a node");
            let function = self.choices.pick(&[Function::Labels, Function::Keys]);
            return Expr::In(boxed(self.expr(&Kind::Text, depth)), boxed(Expr::Call(function, vec![node])));
        }
        let kind = self.choices.pick(&[Kind::Ints, Kind::Texts, Kind::Nodes]);
        let item = self.expr(&kind.item().expect("a list has items"), depth);
        Expr::In(boxed(item), boxed(self.expr(&kind, depth)))
    }

    fn quantified(&mut self, depth: usize) -> Expr {
        let quantity = self.choices.pick(&[Quantity::All, Quantity::Any, Quantity::None, Quantity::Single]);
        let (list, item) = self.any_list(depth);
        let variable = self.fresh("y");
        self.scope.push((variable.clone(), item));
        let filter = boxed(self.filter(depth));
        self.scope.pop();
        Expr::Quantified { quantity, variable, list: boxed(list), filter }
    }

    /// A list, also one in no order, and what it holds.
    fn any_list(&mut self, depth: usize) -> (Expr, Kind) {
        let bags: Vec<(String, Kind)> =
            self.scope.iter().filter(|(_, kind)| matches!(kind, Kind::Bag(_))).cloned().collect();
        if !bags.is_empty() && self.choices.below(2) == 0 {
            let (name, kind) = self.choices.pick(&bags);
            return (Expr::Variable(name), kind.item().expect("a bag has items"));
        }
        let kind = self.choices.pick(&[Kind::Ints, Kind::Nodes, Kind::Relationships, Kind::Texts]);
        (self.expr(&kind, depth), kind.item().expect("a list has items"))
    }

    fn node_expr(&mut self) -> Option<Expr> {
        let (nodes, relationships) = (self.of_kind(&Kind::Node), self.of_kind(&Kind::Relationship));
        if !relationships.is_empty() && self.choices.once_in(4) {
            let function = self.choices.pick(&[Function::StartNode, Function::EndNode]);
            return Some(Expr::Call(function, vec![Expr::Variable(self.choices.pick(&relationships))]));
        }
        (!nodes.is_empty()).then(|| Expr::Variable(self.choices.pick(&nodes)))
    }

    fn int(&mut self, depth: usize) -> Expr {
        match self.choices.below(14) {
            0..3 => {
                let math = self.choices.pick(&[Math::Add, Math::Subtract, Math::Multiply]);
                Expr::Math(math, boxed(self.expr(&Kind::Int, depth)), boxed(self.expr(&Kind::Int, depth)))
            }
            3 => {
                let math = self.choices.pick(&[Math::Divide, Math::Remainder]);
                let divisor = match self.is_risky {
                    true => self.expr(&Kind::Int, depth),
                    false => self.choices.pick(&[Expr::Int(2), Expr::Int(3), Expr::Int(-2)]),
                };
                Expr::Math(math, boxed(self.expr(&Kind::Int, depth)), boxed(divisor))
            }
            4 => Expr::Minus(boxed(self.expr(&Kind::Int, depth))),
            5 => {
                let (list, _) = self.any_list(depth);
                Expr::Call(Function::Size, vec![list])
            }
            6 => match [self.of_kind(&Kind::Path), self.of_kind(&Kind::Lengthy)].concat() {
                paths if paths.is_empty() => Expr::Call(Function::Size, vec![self.expr(&Kind::Text, depth)]),
                paths => Expr::Call(Function::Length, vec![Expr::Variable(self.choices.pick(&paths))]),
            },
            7 => Expr::Index(boxed(self.expr(&Kind::Ints, depth)), boxed(self.expr(&Kind::Int, depth))),
            8 => {
                let function = self.choices.pick(&[Function::Head, Function::Last]);
                Expr::Call(function, vec![self.expr(&Kind::Ints, depth)])
            }
            9 => self.reduce(depth),
            10 if depth > 0 => match self.choices.below(3) {
                0 => Expr::Count(boxed_subquery(self)),
                1 if self.may_nest() => {
                    let what = self.choices.pick(&[OfQuery::Count, OfQuery::Collect]);
                    self.of_query(what)
                }
                _ => self.pattern_list(),
            },
            11 => {
                let function = self.choices.pick(&[Function::Abs, Function::Sign]);
                Expr::Call(function, vec![self.expr(&Kind::Int, depth)])
            }
            12 => match self.node_expr() {
                Some(node) => Expr::Property(boxed(node), "n"),
                None => Expr::Call(Function::ToInteger, vec![self.expr(&Kind::Text, depth)]),
            },
            _ if self.is_risky => {
                let large = Expr::Int(i64::MAX);
                Expr::Math(Math::Add, boxed(large), boxed(self.expr(&Kind::Int, depth)))
            }
            _ => {
                let entries = vec![("k", self.expr(&Kind::Int, depth)), ("j", self.expr(&Kind::Text, depth))];
                Expr::Property(boxed(Expr::Map(entries)), "k")
            }
        }
    }

    fn reduce(&mut self, depth: usize) -> Expr {
        let list = boxed(self.expr(&Kind::Ints, depth));
        let start = boxed(self.expr(&Kind::Int, depth));
        let (total, variable) = (self.fresh("t"), self.fresh("y"));
        self.scope.push((total.clone(), Kind::Int));
        self.scope.push((variable.clone(), Kind::Int));
        let math = self.choices.pick(&[Math::Add, Math::Subtract]);
        let step = self.expr(&Kind::Int, depth.min(1));
        self.scope.truncate(self.scope.len() - 2);
        let step = boxed(Expr::Math(math, boxed(Expr::Variable(total.clone())), boxed(step)));
        Expr::Reduce { total, start, variable, list, step }
    }

    fn float(&mut self, depth: usize) -> Expr {
        match self.choices.below(6) {
            0 | 1 => {
                let math = self.choices.pick(&[Math::Add, Math::Subtract, Math::Multiply]);
                let other = self.choices.pick(&[Kind::Float, Kind::Int]);
                Expr::Math(math, boxed(self.expr(&Kind::Float, depth)), boxed(self.expr(&other, depth)))
            }
            2 => Expr::Math(Math::Divide, boxed(self.expr(&Kind::Float, depth)), boxed(Expr::Float(2.0))),
            3 => Expr::Call(Function::ToFloat, vec![self.expr(&Kind::Int, depth)]),
            4 => Expr::Math(Math::Power, boxed(self.expr(&Kind::Int, 0)), boxed(Expr::Int(2))),
            _ => Expr::Call(Function::Abs, vec![self.expr(&Kind::Float, depth)]),
        }
    }

    fn text(&mut self, depth: usize) -> Expr {
        let of =
            |generator: &mut Self, function| Expr::Call(function, vec![generator.expr(&Kind::Text, depth)]);
        match self.choices.below(10) {
            0 | 1 => Expr::Math(
                Math::Add,
                boxed(self.expr(&Kind::Text, depth)),
                boxed(self.expr(&Kind::Text, depth)),
            ),
            2 => {
                let function = self.choices.pick(&[
                    Function::ToUpper,
                    Function::ToLower,
                    Function::Reverse,
                    Function::Trim,
                ]);
                of(self, function)
            }
            3 => {
                let function = self.choices.pick(&[Function::Left, Function::Right, Function::Substring]);
                Expr::Call(
                    function,
                    vec![self.expr(&Kind::Text, depth), Expr::Int(self.choices.below(3) as i64)],
                )
            }
            4 => {
                let kind = self.choices.pick(&[Kind::Int, Kind::Bool, Kind::Text]);
                Expr::Call(Function::ToString, vec![self.expr(&kind, depth)])
            }
            5 => match self.of_kind(&Kind::Relationship) {
                names if names.is_empty() => of(self, Function::ToUpper),
                names => Expr::Call(Function::Type, vec![Expr::Variable(self.choices.pick(&names))]),
            },
            6 => Expr::Index(boxed(self.expr(&Kind::Texts, depth)), boxed(self.expr(&Kind::Int, depth))),
            7 => {
                let arguments =
                    vec![self.expr(&Kind::Text, depth), Expr::Text("a"), self.expr(&Kind::Text, depth)];
                Expr::Call(Function::Replace, arguments)
            }
            8 => {
                let numbers = [0, 1, 2].map(Expr::Int);
                let (start, length) = (self.choices.pick(&numbers), self.choices.pick(&numbers));
                Expr::Call(Function::Substring, vec![self.expr(&Kind::Text, depth), start, length])
            }
            _ => match self.node_expr() {
                Some(node) => Expr::Property(boxed(Expr::Call(Function::Properties, vec![node])), "s"),
                None => of(self, Function::ToLower),
            },
        }
    }

    fn list(&mut self, kind: &Kind, depth: usize) -> Expr {
        let item = kind.item().expect("a list has items");
        match self.choices.below(8) {
            0 if matches!(kind, Kind::Nodes | Kind::Relationships) => self.of_path(kind, depth),
            1 => Expr::Call(Function::Tail, vec![self.expr(kind, depth)]),
            2 => Expr::Call(Function::Reverse, vec![self.expr(kind, depth)]),
            3 => {
                let side = |generator: &mut Self| {
                    (generator.choices.below(3) > 0)
                        .then(|| boxed(Expr::Int(generator.choices.below(5) as i64 - 2)))
                };
                let list = boxed(self.expr(kind, depth));
                let (from, to) = (side(self), side(self));
                // `[..]` alone is no slice.
                let from = if to.is_none() { from.or(Some(boxed(Expr::Int(1)))) } else { from };
                Expr::Slice(list, from, to)
            }
            4 => self.comprehension(kind, &item, depth),
            5 => self.of_path(kind, depth),
            6 if *kind == Kind::Texts => {
                Expr::Call(Function::Split, vec![self.expr(&Kind::Text, depth), Expr::Text("a")])
            }
            6 if *kind == Kind::Ints => {
                Expr::Math(Math::Add, boxed(self.expr(kind, depth)), boxed(Expr::Int(3)))
            }
            _ => Expr::Math(Math::Add, boxed(self.expr(kind, depth)), boxed(self.expr(kind, depth))),
        }
    }

    fn of_path(&mut self, kind: &Kind, depth: usize) -> Expr {
        let paths = self.of_kind(&Kind::Path);
        let function = match kind {
            Kind::Nodes => Function::Nodes,
            Kind::Relationships => Function::Relationships,
            _ => return self.comprehension(kind, &kind.item().expect("a list has items"), depth),
        };
        match paths.is_empty() {
            true => self.leaf(kind),
            false => Expr::Call(function, vec![Expr::Variable(self.choices.pick(&paths))]),
        }
    }

    /// `[y IN list WHERE … | …]` of the kind.
    fn comprehension(&mut self, kind: &Kind, item: &Kind, depth: usize) -> Expr {
        let may_map = matches!(kind, Kind::Ints | Kind::Texts);
        let (list, from) = match may_map && self.choices.below(2) == 0 {
            true => {
                let from = self.choices.pick(&[Kind::Ints, Kind::Nodes, Kind::Relationships]);
                (self.expr(&from, depth), from.item().expect("a list has items"))
            }
            false => (self.expr(kind, depth), item.clone()),
        };
        let variable = self.fresh("y");
        self.scope.push((variable.clone(), from.clone()));
        let filter = self.choices.once_in(2).then(|| boxed(self.filter(depth.min(1))));
        let map = match may_map && (from != *item || self.choices.below(2) == 0) {
            true => Some(boxed(self.expr(item, depth.min(1)))),
            false => None,
        };
        self.scope.pop();
        Expr::Comprehension { variable, list: boxed(list), filter, map }
    }
}

fn boxed_subquery(generator: &mut Generator<'_>) -> Box<super::tree::Subquery> {
    Box::new(generator.subquery())
}
