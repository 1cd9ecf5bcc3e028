//! The answer to a question, by the definitions: every way to lay the pattern over the graph is walked,
//! every path found is asked whether it keeps the rules of time, all of them are sorted, and the best taken.

use std::collections::{BTreeMap, BTreeSet};

use super::calendar;
use super::expression::{Bindings, Expr, Value};
use super::graph::{Clock, Graph};
use super::language::{Element, Group, HopPattern, NodePattern, Quantifier, Question, variables};
use crate::naive::{self, Dir, Key, Path, Selector, Waits};

/// What a question has for an answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    /// The contract has the question refused.
    Refused,
    Paths(Vec<Rank>),
}

/// Paths between one pair of ends that rank alike.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rank {
    /// The key in words, empty where nothing is ranked.
    pub(crate) key: String,
    pub(crate) paths: Vec<Path>,
    /// How many of them an answer has; which is free.
    pub(crate) n_taken: usize,
    /// There is no end to such paths, and `paths` has only the first.
    pub(crate) is_endless: bool,
}

/// Why there is no answer to compare with: the question is not for a corpus.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Unfit {
    /// More ways than can be walked in reasonable time.
    TooMany,
    /// An unbounded walk may have better paths farther out.
    Unsettled,
    /// What is asked for depends on which of several paths or ways is chosen.
    Ambiguous,
}

/// One way to lay a pattern over a path.
#[derive(Clone)]
struct Way {
    path: Path,
    /// The WAIT that node patterns write at each place of the path.
    waits: Waits,
    bindings: Bindings,
}

/// The most ways that are walked for one question.
const WAYS_MAX: usize = 20_000;
/// Up to how many relationships unbounded walks are followed, and how much farther for the second opinion.
const WALKED_MAX: usize = 6;
const WALKED_FURTHER: usize = 3;

/// The answer to a question.
pub(crate) fn answer(graph: &Graph, question: &Question) -> Result<Answer, Unfit> {
    answer_of(graph, question, WAYS_MAX)
}

/// The answer to a question whose pattern has up to `ways_max` ways.
pub(crate) fn answer_of(graph: &Graph, question: &Question, ways_max: usize) -> Result<Answer, Unfit> {
    let within = |length_max| Asked::new(graph, question, length_max, ways_max).answer();
    if !question.walks_without_bound() {
        return within(usize::MAX);
    }
    if question.selector == Selector::All {
        return Ok(Answer::Refused);
    }
    let near = within(WALKED_MAX)?;
    let far = within(WALKED_MAX + WALKED_FURTHER)?;
    match (&near, &far) {
        (Answer::Paths(few), Answer::Paths(many)) if matches!(question.selector, Selector::Any(_)) => {
            any_of_endless(few, many)
        }
        _ if near == far => Ok(near),
        _ => Err(Unfit::Unsettled),
    }
}

/// Of ANY, only how many paths there are is to be settled. A shortest path is listed for all.
fn any_of_endless(few: &[Rank], many: &[Rank]) -> Result<Answer, Unfit> {
    let shortest =
        |rank: &Rank| rank.paths.iter().min_by_key(|path| (path.rels.len(), (*path).clone())).cloned();
    let alike = |near: &Rank, far: &Rank| near.n_taken == far.n_taken && shortest(near) == shortest(far);
    if few.len() != many.len() || few.iter().zip(many).any(|(near, far)| !alike(near, far)) {
        return Err(Unfit::Unsettled);
    }
    let ranks = few.iter().zip(many).map(|(near, far)| match near.paths.len() < far.paths.len() {
        true => Rank { paths: shortest(near).into_iter().collect(), is_endless: true, ..near.clone() },
        false => near.clone(),
    });
    Ok(Answer::Paths(ranks.collect()))
}

/// Is this path one that the question chooses from?
pub(crate) fn is_candidate(graph: &Graph, question: &Question, path: &Path) -> bool {
    let asked = Asked::new(graph, question, path.rels.len(), WAYS_MAX);
    asked.ways().is_ok_and(|ways| ways.iter().any(|way| way.path == *path && asked.is_in_order(way)))
}

struct Asked<'a> {
    graph: &'a Graph,
    naive: naive::Graph,
    question: &'a Question,
    chrono: Option<naive::Chrono>,
    length_max: usize,
    ways_max: usize,
}

impl<'a> Asked<'a> {
    fn new(graph: &'a Graph, question: &'a Question, length_max: usize, ways_max: usize) -> Self {
        Self {
            graph,
            naive: graph.naive(),
            question,
            chrono: question.chrono_implied(),
            length_max,
            ways_max,
        }
    }

    fn answer(mut self) -> Result<Answer, Unfit> {
        let ways = self.ways()?;
        if self.chrono.is_some() && ways.iter().any(|way| self.has_two_clocks(way)) {
            return Ok(Answer::Refused);
        }
        if let Some((variable, cost)) = &self.question.cost {
            for rel in ways.iter().flat_map(|way| &way.path.rels).copied().collect::<BTreeSet<_>>() {
                let bindings = Bindings::from([(variable.clone(), Value::Relationship(rel))]);
                match cost.eval(self.graph, &bindings).number() {
                    Some(cost) if cost >= 0.0 => self.naive.rels[rel].cost = cost,
                    _ => return Ok(Answer::Refused),
                }
            }
        }
        let mut by_path: BTreeMap<Path, Vec<Way>> = BTreeMap::new();
        for way in ways.into_iter().filter(|way| self.is_in_order(way)) {
            by_path.entry(way.path.clone()).or_default().push(way);
        }
        self.chosen(by_path).map(Answer::Paths)
    }

    fn is_in_order(&self, way: &Way) -> bool {
        self.chrono.as_ref().is_none_or(|chrono| naive::feasible(&self.naive, &way.path, &way.waits, chrono))
    }

    fn has_two_clocks(&self, way: &Way) -> bool {
        let clocks = way.path.rels.iter().flat_map(|&rel| self.graph.relationships[rel].clocks());
        clocks.collect::<BTreeSet<Clock>>().len() > 1
    }

    // -- all ways -----------------------------------------------------------------------------------------

    fn ways(&self) -> Result<Vec<Way>, Unfit> {
        let mut ways = Vec::new();
        for node in 0..self.graph.nodes.len() {
            let path = Path { nodes: vec![node], rels: Vec::new() };
            let way = Way { path, waits: vec![None], bindings: Bindings::new() };
            ways.extend(self.along(&self.question.elements, vec![way])?);
        }
        Ok(ways)
    }

    fn along(&self, elements: &[Element], mut ways: Vec<Way>) -> Result<Vec<Way>, Unfit> {
        for element in elements {
            let mut further = Vec::new();
            for way in ways {
                match element {
                    Element::Node(node) => further.extend(self.at_node(node, way)),
                    Element::Hop(hop) => further.extend(self.hops(hop, way)?),
                    Element::Group(group) => further.extend(self.group(group, way)?),
                }
                if further.len() > self.ways_max {
                    return Err(Unfit::TooMany);
                }
            }
            ways = further;
        }
        Ok(ways)
    }

    fn at_node(&self, pattern: &NodePattern, mut way: Way) -> Option<Way> {
        let here = way.path.nodes[way.path.nodes.len() - 1];
        let labels = &self.graph.nodes[here].labels;
        if !pattern.labels.is_empty() && !pattern.labels.iter().any(|label| labels.contains(label)) {
            return None;
        }
        let tests = (&pattern.properties[..], &pattern.condition);
        if !self.binds(pattern.variable.as_ref(), &Value::Node(here), tests, &mut way.bindings) {
            return None;
        }
        // where node patterns meet, the lesser bound counts
        let wait = way.waits.last_mut()?;
        let written = pattern.wait.map(super::language::Length::instants);
        *wait = [*wait, written].into_iter().flatten().min();
        Some(way)
    }

    /// Binds the variable, which if bound already must stand for the same element, and asks the filters.
    fn binds(
        &self,
        variable: Option<&String>,
        element: &Value,
        (properties, condition): (&[(String, Expr)], &Option<Expr>),
        bindings: &mut Bindings,
    ) -> bool {
        if let Some(name) = variable
            && bindings.insert(name.clone(), element.clone()).is_some_and(|before| before != *element)
        {
            return false;
        }
        let this = Bindings::from([("this".to_owned(), element.clone())]);
        properties.iter().all(|(property, expected)| {
            let found = Expr::Property("this".to_owned(), property.clone()).eval(self.graph, &this);
            let expected = expected.eval(self.graph, bindings);
            let equal = Expr::Binary("=", Box::new(Expr::Literal(found)), Box::new(Expr::Literal(expected)));
            equal.holds(self.graph, &this)
        }) && condition.as_ref().is_none_or(|condition| condition.holds(self.graph, bindings))
    }

    fn hops(&self, hop: &HopPattern, way: Way) -> Result<Vec<Way>, Unfit> {
        match hop.quantifier {
            None => Ok(self.hop(hop, &way)),
            Some(quantifier) => {
                let names: Vec<&str> = hop.variable.as_deref().into_iter().collect();
                self.repeated(quantifier, &names, way, &|way| Ok(self.hop(hop, &way)))
            }
        }
    }

    fn hop(&self, hop: &HopPattern, way: &Way) -> Vec<Way> {
        let here = way.path.nodes[way.path.nodes.len() - 1];
        let mut found = Vec::new();
        for (id, relationship) in self.graph.relationships.iter().enumerate() {
            if !hop.types.is_empty() && !hop.types.contains(&relationship.kind) {
                continue;
            }
            // one that starts and ends here is walked once, whatever the direction
            let next = match hop.direction {
                Dir::Out | Dir::Both if relationship.start == here => relationship.end,
                Dir::In | Dir::Both if relationship.end == here => relationship.start,
                _ => continue,
            };
            let mut longer = way.clone();
            let tests = (&hop.properties[..], &hop.condition);
            if !self.binds(hop.variable.as_ref(), &Value::Relationship(id), tests, &mut longer.bindings) {
                continue;
            }
            longer.path.rels.push(id);
            longer.path.nodes.push(next);
            longer.waits.push(None);
            let fits = longer.path.rels.len() <= self.length_max;
            if fits && naive::admits(self.question.mode(), &longer.path) {
                found.push(longer);
            }
        }
        found
    }

    fn group(&self, group: &Group, way: Way) -> Result<Vec<Way>, Unfit> {
        let once = |way: Way| {
            let mut ways = self.along(&group.elements, vec![way])?;
            ways.retain(|way| {
                group.condition.as_ref().is_none_or(|condition| condition.holds(self.graph, &way.bindings))
            });
            Ok(ways)
        };
        match group.quantifier {
            None => once(way),
            Some(quantifier) => self.repeated(quantifier, &variables(&group.elements), way, &once),
        }
    }

    /// Inside a repetition a variable is one element, outside it is the list of all.
    fn repeated(
        &self,
        quantifier: Quantifier,
        names: &[&str],
        mut way: Way,
        once: &dyn Fn(Way) -> Result<Vec<Way>, Unfit>,
    ) -> Result<Vec<Way>, Unfit> {
        for name in names {
            way.bindings.insert((*name).to_owned(), Value::List(Vec::new()));
        }
        let (mut reached, mut all) = (vec![way], Vec::new());
        for n in 0.. {
            if n >= quantifier.min {
                all.extend(reached.clone());
            }
            if quantifier.max == Some(n) || reached.is_empty() {
                break;
            }
            let mut further = Vec::new();
            for mut way in reached {
                let lists: Vec<Value> = names.iter().filter_map(|name| way.bindings.remove(*name)).collect();
                let length = way.path.rels.len();
                for mut longer in once(way)? {
                    assert!(longer.path.rels.len() > length, "every repetition has to walk");
                    for (name, list) in names.iter().zip(&lists) {
                        let new = longer.bindings.remove(*name);
                        longer.bindings.insert((*name).to_owned(), appended(list.clone(), new));
                    }
                    further.push(longer);
                }
            }
            if further.len() + all.len() > self.ways_max {
                return Err(Unfit::TooMany);
            }
            reached = further;
        }
        Ok(all)
    }

    // -- the best -----------------------------------------------------------------------------------------

    fn chosen(&self, by_path: BTreeMap<Path, Vec<Way>>) -> Result<Vec<Rank>, Unfit> {
        let mut pairs: BTreeMap<(usize, usize), Vec<(Key, Path)>> = BTreeMap::new();
        let is_ranked = self.question.selector != Selector::All;
        for (path, ways) in &by_path {
            // which of two ways with other variables counts is not for us to say
            if is_ranked && ways.iter().any(|way| way.bindings != ways[0].bindings) {
                return Err(Unfit::Ambiguous);
            }
            let ends = (path.nodes[0], path.nodes[path.nodes.len() - 1]);
            pairs.entry(ends).or_default().push((self.key(ways), path.clone()));
        }
        let mut ranks = Vec::new();
        for mut paths in pairs.into_values() {
            paths.sort();
            let keys: Vec<Key> = paths.iter().map(|(key, _)| key.clone()).collect();
            let mut n_left = naive::how_many(self.question.selector, &keys);
            for group in paths.chunk_by(|left, right| left.0 == right.0) {
                let n_taken = group.len().min(n_left);
                n_left -= n_taken;
                let paths = group.iter().map(|(_, path)| path.clone()).collect();
                let key = self.shown(&group[0].0);
                if n_taken > 0 {
                    ranks.extend(self.filtered(Rank { key, paths, n_taken, is_endless: false }, &by_path)?);
                }
            }
        }
        Ok(ranks)
    }

    fn key(&self, ways: &[Way]) -> Key {
        let chrono = self.chrono.as_ref();
        let key = |way: &Way| {
            naive::keys(&self.naive, &way.path, &way.waits, self.question.selector, chrono, &|_| 0)
        };
        ways.iter().map(key).min().expect("a path is found in some way")
    }

    /// What WHERE after the pattern leaves of a rank.
    fn filtered(&self, mut rank: Rank, by_path: &BTreeMap<Path, Vec<Way>>) -> Result<Option<Rank>, Unfit> {
        let Some(condition) = &self.question.condition else { return Ok(Some(rank)) };
        let holds = |way: &Way| {
            let mut bindings = way.bindings.clone();
            let length = i64::try_from(way.path.rels.len()).expect("paths are short");
            bindings.insert("length(p)".to_owned(), Value::Int(length));
            condition.holds(self.graph, &bindings)
        };
        let (is_whole, n_before) = (rank.n_taken == rank.paths.len(), rank.paths.len());
        rank.paths.retain(|path| by_path[path].iter().any(holds));
        if is_whole {
            rank.n_taken = rank.paths.len();
        } else if ![0, n_before].contains(&rank.paths.len()) {
            return Err(Unfit::Ambiguous);
        }
        Ok(Some(rank).filter(|rank| !rank.paths.is_empty()))
    }

    /// The key in words.
    fn shown(&self, Key(parts): &Key) -> String {
        let instant = |part: f64| match part.is_finite() {
            false => part.to_string(),
            true if self.graph.is_calendar() => calendar::shown_instant(whole(part)),
            true => part.to_string(),
        };
        let length = |part: f64| match self.graph.is_calendar() {
            true => calendar::shown_length(whole(part)),
            false => part.to_string(),
        };
        let timed = |parts: &[f64], said: &dyn Fn(f64) -> String| match parts[0] == 0.0 {
            true => format!("{}, length {}", said(parts[1]), parts[2]),
            false => format!("no instant, length {}", parts[2]),
        };
        match self.question.selector {
            Selector::All | Selector::Any(_) => String::new(),
            Selector::Shortest(_) | Selector::ShortestGroups(_) | Selector::AllShortest => {
                format!("length {}", parts[0])
            }
            Selector::Cheapest(_) => format!("cost {}, length {}", parts[0], parts[1]),
            Selector::Strongest(_) => {
                let weakest = match parts[0] == 0.0 {
                    true => format!("weakest {}", -parts[1] + 0.0),
                    false => "no weakest".to_owned(),
                };
                let time = match parts.get(4..7) {
                    None => String::new(),
                    Some(time) if time[0] == 0.0 => format!(", last at {}", instant(time[1])),
                    Some(_) => ", no instant".to_owned(),
                };
                format!("{weakest}, joints {}, length {}{time}", parts[2], parts[3])
            }
            Selector::Earliest(_) => timed(parts, &|part| format!("last at {}", instant(part))),
            Selector::Latest(_) => timed(parts, &|part| format!("first at {}", instant(-part + 0.0))),
            Selector::Fastest(_) => timed(parts, &|part| format!("takes {}", length(part))),
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "instants in tests are small whole numbers")]
fn whole(part: f64) -> i64 {
    part as i64
}

/// The list with one more element, or with those of an inner repetition.
fn appended(list: Value, new: Option<Value>) -> Value {
    let Value::List(mut items) = list else { panic!("a repetition's variable is a list") };
    match new {
        Some(Value::List(more)) => items.extend(more),
        Some(one) => items.push(one),
        None => {}
    }
    Value::List(items)
}
