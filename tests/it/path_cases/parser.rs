//! Reads questions and the lines of graphs: as much of the language as the corpus writes, keywords in capitals.

use super::expression::{Expr, Value};
use super::graph::{Graph, Node, Properties, Relationship};
use super::language::{Chrono, Element, Group, HopPattern, Length, NodePattern, Quantifier, Question};
use crate::naive::{Dir, Mode, Selector};

type Result<T> = std::result::Result<T, String>;

/// Reads one question.
pub(crate) fn question(text: &str) -> Result<Question> {
    let mut parser = Parser { text, at: 0 };
    let question = parser.question()?;
    parser.end()?;
    Ok(question)
}

/// Reads a condition or a cost.
pub(crate) fn expression(text: &str) -> Result<Expr> {
    let mut parser = Parser { text, at: 0 };
    let expr = parser.expr()?;
    parser.end()?;
    Ok(expr)
}

/// Reads one line of a graph: `states S, T`, `(a:A {x: 1})` or `(a)-[e:E {w: 2}]->(b)`.
pub(crate) fn graph_line(text: &str, graph: &mut Graph, states: &mut Vec<String>) -> Result<()> {
    let mut parser = Parser { text, at: 0 };
    if parser.eat_word("states") {
        states.push(parser.name()?);
        while parser.eat(",") {
            states.push(parser.name()?);
        }
        return parser.end();
    }
    parser.expect("(")?;
    let id = parser.name()?;
    let labels = parser.all_labels()?;
    let properties = parser.values()?;
    parser.expect(")")?;
    if !parser.eat("-[") {
        graph.nodes.push(Node { id, labels, properties });
        return parser.end();
    }
    let place = |id: &str| graph.node(id).ok_or_else(|| format!("no node `{id}` yet"));
    let start = place(&id)?;
    let id = parser.name()?;
    parser.expect(":")?;
    let kind = parser.name()?;
    let properties = parser.values()?;
    parser.expect("]->")?;
    parser.expect("(")?;
    let end = place(&parser.name()?)?;
    parser.expect(")")?;
    let is_state = states.contains(&kind);
    graph.relationships.push(Relationship { id, kind, is_state, start, end, properties });
    parser.end()
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn rest(&mut self) -> &str {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        &self.text[self.at..]
    }

    fn is(&mut self, symbol: &str) -> bool {
        self.rest().starts_with(symbol)
    }

    fn eat(&mut self, symbol: &str) -> bool {
        let found = self.is(symbol);
        self.at += if found { symbol.len() } else { 0 };
        found
    }

    fn expect(&mut self, symbol: &str) -> Result<()> {
        if self.eat(symbol) { Ok(()) } else { Err(format!("expected `{symbol}` at `{}`", self.rest())) }
    }

    fn end(&mut self) -> Result<()> {
        if self.rest().is_empty() { Ok(()) } else { Err(format!("not understood: `{}`", self.rest())) }
    }

    fn word(&mut self) -> &str {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        &rest[..end]
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = self.word() == word;
        self.at += if found { word.len() } else { 0 };
        found
    }

    fn eat_one_of(&mut self, words: &[&'static str]) -> Option<&'static str> {
        words.iter().copied().find(|word| self.eat_word(word))
    }

    fn name(&mut self) -> Result<String> {
        match self.optional_name() {
            Some(name) => Ok(name),
            None => Err(format!("expected a name at `{}`", self.rest())),
        }
    }

    fn optional_name(&mut self) -> Option<String> {
        let word = self.word().to_owned();
        let is_name = word.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && !["WHERE", "WAIT"].contains(&word.as_str());
        self.at += if is_name { word.len() } else { 0 };
        is_name.then_some(word)
    }

    fn count(&mut self) -> Option<usize> {
        let word = self.word().to_owned();
        let number = word.parse().ok()?;
        self.at += word.len();
        Some(number)
    }

    // -- what is asked for --------------------------------------------------------------------------------

    fn question(&mut self) -> Result<Question> {
        let (mut selector, cost) = self.selector()?;
        let chrono = if self.eat_word("CHRONOLOGICAL") { Some(self.chrono()?) } else { None };
        let mode = self.eat_one_of(&["WALK", "TRAIL", "ACYCLIC", "SIMPLE"]).map(|word| match word {
            "WALK" => Mode::Walk,
            "TRAIL" => Mode::Trail,
            "ACYCLIC" => Mode::Acyclic,
            _ => Mode::Simple,
        });
        if self.eat_one_of(&["GROUPS", "GROUP"]).is_some() {
            let Selector::Shortest(k) = selector else { return Err("GROUPS belongs to SHORTEST".to_owned()) };
            selector = Selector::ShortestGroups(k);
        }
        let elements = self.elements()?;
        let condition = self.condition()?;
        Ok(Question { selector, cost, chrono, mode, elements, condition })
    }

    fn selector(&mut self) -> Result<(Selector, Option<(String, Expr)>)> {
        let words = ["ALL", "ANY", "SHORTEST", "CHEAPEST", "STRONGEST", "EARLIEST", "LATEST", "FASTEST"];
        let Some(word) = self.eat_one_of(&words) else { return Ok((Selector::All, None)) };
        if word == "ALL" {
            let selector = if self.eat_word("SHORTEST") { Selector::AllShortest } else { Selector::All };
            return Ok((selector, None));
        }
        if word == "ANY" && self.eat_word("SHORTEST") {
            return Ok((Selector::Shortest(1), None));
        }
        let k = self.count().unwrap_or(1);
        let selector = match word {
            "ANY" => Selector::Any(k),
            "SHORTEST" => Selector::Shortest(k),
            "CHEAPEST" => {
                if !self.eat_word("COST") {
                    return Err("expected COST after CHEAPEST".to_owned());
                }
                self.expect("(")?;
                let variable = self.name()?;
                self.expect("|")?;
                let cost = self.expr()?;
                self.expect(")")?;
                return Ok((Selector::Cheapest(k), Some((variable, cost))));
            }
            "STRONGEST" => Selector::Strongest(k),
            "EARLIEST" => Selector::Earliest(k),
            "LATEST" => Selector::Latest(k),
            _ => Selector::Fastest(k),
        };
        Ok((selector, None))
    }

    fn chrono(&mut self) -> Result<Chrono> {
        let strict = self.eat_word("STRICT");
        let certainly = self.eat_word("CERTAINLY");
        let wait = self.wait()?;
        let within = if self.eat_word("WITHIN") { Some(self.length()?) } else { None };
        Ok(Chrono { strict, certainly, wait, within })
    }

    fn wait(&mut self) -> Result<Option<Length>> {
        if !self.eat_word("WAIT") {
            return Ok(None);
        }
        self.expect("<=")?;
        self.length().map(Some)
    }

    fn length(&mut self) -> Result<Length> {
        let count = self.count().ok_or("expected a length of time")?;
        let count = i64::try_from(count).map_err(|error| error.to_string())?;
        Ok(match self.eat_one_of(&["DAYS", "DAY", "WEEKS", "WEEK"]) {
            None => Length::Units(count),
            Some("DAYS" | "DAY") => Length::Days(count),
            Some(_) => Length::Weeks(count),
        })
    }

    // -- patterns -----------------------------------------------------------------------------------------

    fn elements(&mut self) -> Result<Vec<Element>> {
        let mut elements = Vec::new();
        loop {
            if self.is("(") {
                elements.push(self.node_or_group()?);
            } else if self.is("-") || self.is("<-") {
                elements.push(Element::Hop(self.hop()?));
            } else {
                return Ok(elements);
            }
        }
    }

    fn node_or_group(&mut self) -> Result<Element> {
        self.expect("(")?;
        if self.is("(") {
            let elements = self.elements()?;
            let condition = self.condition()?;
            self.expect(")")?;
            let quantifier = self.quantifier()?;
            return Ok(Element::Group(Group { elements, condition, quantifier }));
        }
        let node = NodePattern {
            variable: self.optional_name(),
            labels: self.any_labels()?,
            wait: self.wait()?,
            properties: self.property_tests()?,
            condition: self.condition()?,
        };
        self.expect(")")?;
        Ok(Element::Node(node))
    }

    fn hop(&mut self) -> Result<HopPattern> {
        let to_the_left = self.eat("<-");
        if !to_the_left {
            self.expect("-")?;
        }
        let mut hop = HopPattern {
            variable: None,
            types: Vec::new(),
            properties: Vec::new(),
            condition: None,
            direction: Dir::Both,
            quantifier: None,
        };
        if self.eat("[") {
            hop.variable = self.optional_name();
            hop.types = self.any_labels()?;
            hop.properties = self.property_tests()?;
            hop.condition = self.condition()?;
            self.expect("]")?;
        }
        self.expect("-")?;
        hop.direction = match (to_the_left, self.eat(">")) {
            (false, true) => Dir::Out,
            (true, false) => Dir::In,
            _ => Dir::Both,
        };
        hop.quantifier = self.quantifier()?;
        Ok(hop)
    }

    fn quantifier(&mut self) -> Result<Option<Quantifier>> {
        let of = |min, max| Ok(Some(Quantifier { min, max }));
        if self.eat("*") {
            return of(0, None);
        }
        if self.eat("+") {
            return of(1, None);
        }
        if self.eat("?") {
            return of(0, Some(1));
        }
        if !self.eat("{") {
            return Ok(None);
        }
        let min = self.count();
        let max = if self.eat(",") { self.count() } else { min };
        self.expect("}")?;
        of(min.unwrap_or(0), max)
    }

    fn all_labels(&mut self) -> Result<Vec<String>> {
        let mut labels = Vec::new();
        while self.eat(":") {
            labels.push(self.name()?);
        }
        Ok(labels)
    }

    /// `:A|B`: either of them.
    fn any_labels(&mut self) -> Result<Vec<String>> {
        if !self.eat(":") {
            return Ok(Vec::new());
        }
        let mut labels = vec![self.name()?];
        while self.eat("|") {
            labels.push(self.name()?);
        }
        Ok(labels)
    }

    fn property_tests(&mut self) -> Result<Vec<(String, Expr)>> {
        let mut tests = Vec::new();
        if self.eat("{") {
            loop {
                let name = self.name()?;
                self.expect(":")?;
                tests.push((name, self.primary()?));
                if !self.eat(",") {
                    break;
                }
            }
            self.expect("}")?;
        }
        Ok(tests)
    }

    fn values(&mut self) -> Result<Properties> {
        let tests = self.property_tests()?;
        tests
            .into_iter()
            .map(|(name, expr)| match expr {
                Expr::Literal(value) => Ok((name, value)),
                other => Err(format!("expected a value, found {other}")),
            })
            .collect()
    }

    // -- expressions --------------------------------------------------------------------------------------

    fn condition(&mut self) -> Result<Option<Expr>> {
        if self.eat_word("WHERE") { self.expr().map(Some) } else { Ok(None) }
    }

    fn expr(&mut self) -> Result<Expr> {
        self.chain(&["OR"], |parser| parser.chain(&["AND"], Self::negation))
    }

    fn chain(&mut self, words: &[&'static str], inner: impl Fn(&mut Self) -> Result<Expr>) -> Result<Expr> {
        let mut left = inner(self)?;
        while let Some(word) = self.eat_one_of(words) {
            left = Expr::Binary(word, Box::new(left), Box::new(inner(self)?));
        }
        Ok(left)
    }

    fn negation(&mut self) -> Result<Expr> {
        if self.eat_word("NOT") {
            return Ok(Expr::Not(Box::new(self.negation()?)));
        }
        let left = self.sum()?;
        if self.eat_word("IS") {
            let is_null = !self.eat_word("NOT");
            return if self.eat_word("NULL") {
                Ok(Expr::IsNull(Box::new(left), is_null))
            } else {
                Err("expected NULL".to_owned())
            };
        }
        if self.eat_word("IN") {
            return Ok(Expr::Binary("IN", Box::new(left), Box::new(self.primary()?)));
        }
        match ["<=", ">=", "<>", "<", ">", "="].into_iter().find(|symbol| self.eat(symbol)) {
            Some(symbol) => Ok(Expr::Binary(symbol, Box::new(left), Box::new(self.sum()?))),
            None => Ok(left),
        }
    }

    fn sum(&mut self) -> Result<Expr> {
        let mut left = self.primary()?;
        while let Some(symbol) = ["+", "-"].into_iter().find(|symbol| self.eat(symbol)) {
            left = Expr::Binary(symbol, Box::new(left), Box::new(self.primary()?));
        }
        Ok(left)
    }

    fn primary(&mut self) -> Result<Expr> {
        if self.eat("(") {
            let inner = self.expr()?;
            self.expect(")")?;
            return Ok(inner);
        }
        if self.eat("[") {
            let mut items = Vec::new();
            while !self.eat("]") {
                items.push(self.sum()?);
                self.eat(",");
            }
            return Ok(Expr::List(items));
        }
        if self.eat("'") {
            let end = self.text[self.at..].find('\'').ok_or("a text without an end")?;
            let text = self.text[self.at..self.at + end].to_owned();
            self.at += end + 1;
            return Ok(Expr::Literal(Value::String(text)));
        }
        if self.rest().starts_with(|c: char| c.is_ascii_digit()) {
            return self.number().map(Expr::Literal);
        }
        let name = self.name()?;
        match name.as_str() {
            "true" => return Ok(Expr::Literal(Value::Bool(true))),
            "false" => return Ok(Expr::Literal(Value::Bool(false))),
            "null" => return Ok(Expr::Literal(Value::Null)),
            _ => {}
        }
        if self.eat(".") {
            return Ok(Expr::Property(name, self.name()?));
        }
        if self.eat("(") {
            return self.call(&name);
        }
        Ok(Expr::Variable(name))
    }

    /// The rest of `size(…)`, `length(p)`, `all(x IN … WHERE …)`.
    fn call(&mut self, function: &str) -> Result<Expr> {
        let expr = match function {
            "size" => Expr::Size(Box::new(self.expr()?)),
            "length" => {
                self.expect("p")?;
                Expr::Length
            }
            "all" | "any" | "none" => {
                let word = ["all", "any", "none"].into_iter().find(|word| *word == function);
                let name = self.name()?;
                if !self.eat_word("IN") {
                    return Err(format!("expected IN after {function}("));
                }
                let list = Box::new(self.primary()?);
                let condition = self.condition()?.ok_or("expected WHERE")?;
                Expr::Quantified(word.unwrap_or("all"), name, list, Box::new(condition))
            }
            _ => return Err(format!("unknown function {function}")),
        };
        self.expect(")")?;
        Ok(expr)
    }

    fn number(&mut self) -> Result<Value> {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let digits = rest[..end].to_owned();
        self.at += end;
        let value = match digits.contains('.') {
            true => digits.parse().map(Value::Float).ok(),
            false => digits.parse().map(Value::Int).ok(),
        };
        value.ok_or_else(|| format!("not a number: {digits}"))
    }
}
