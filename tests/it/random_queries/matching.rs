//! Patterns by their definition: every way through the graph is tried, hop by hop, and nothing is planned.

use std::collections::{BTreeMap, BTreeSet};

use super::evaluate::{Evaluator, Result, Row};
use super::tree::{
    Direction, Expr, Group, Labels, Link, Mode, NodePattern, Pattern, Quantifier, RelationshipPattern,
    Selector,
};
use super::values::Value;

/// One way through (a part of) a pattern.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) row: Row,
    pub(crate) nodes: Vec<usize>,
    pub(crate) relationships: Vec<usize>,
}

impl Found {
    fn here(&self) -> usize {
        *self.nodes.last().expect("a path has a node")
    }

    fn text(&self) -> String {
        let variables: Vec<String> = self.row.values().map(Value::text).collect();
        format!("{:?} {:?} {variables:?}", self.nodes, self.relationships)
    }
}

impl Evaluator<'_> {
    /// The rows of several patterns together: no relationship twice, except in patterns with WALK.
    pub(crate) fn find_all(&self, patterns: &[Pattern], row: &Row) -> Result<Vec<Row>> {
        let mut found = vec![(row.clone(), Vec::new())];
        for pattern in patterns {
            let mut longer = Vec::new();
            for (row, used) in found {
                for one in self.find(pattern, &row)? {
                    let mut used: Vec<usize> = used.clone();
                    if pattern.mode != Some(Mode::Walk) {
                        if one.relationships.iter().any(|relationship| used.contains(relationship)) {
                            continue;
                        }
                        used.extend(&one.relationships);
                    }
                    longer.push((one.row, used));
                }
            }
            found = longer;
        }
        Ok(found.into_iter().map(|(row, _)| row).collect())
    }

    /// The paths of one pattern: those of its mode, then those that the selector chooses for each pair of ends.
    fn find(&self, pattern: &Pattern, row: &Row) -> Result<Vec<Found>> {
        let mut found = Vec::new();
        for node in 0..self.graph.nodes.len() {
            let start = Found { row: row.clone(), nodes: vec![node], relationships: Vec::new() };
            found.extend(self.at_node(&pattern.start, start)?);
        }
        let may_repeat = pattern.mode == Some(Mode::Walk);
        for (link, node) in &pattern.links {
            let mut longer = Vec::new();
            for one in found {
                let ends = match link {
                    Link::Relationship(relationship) => self.along(relationship, one, may_repeat)?,
                    Link::Group(group) => self.through(group, one, may_repeat)?,
                };
                for end in ends {
                    longer.extend(self.at_node(node, end)?);
                }
            }
            found = longer;
        }
        found.retain(|one| keeps_mode(one, pattern.mode));
        // Two ways through the pattern that give the same path and the same variables are one answer.
        let mut seen = BTreeSet::new();
        found.retain(|one| seen.insert(one.text()));
        let mut found = select(found, pattern.selector);
        if let Some(variable) = &pattern.variable {
            for one in &mut found {
                let path = Value::Path(one.nodes.clone(), one.relationships.clone());
                one.row.insert(variable.clone(), path);
            }
        }
        Ok(found)
    }

    /// The way so far, if the node that it has reached fits.
    fn at_node(&self, pattern: &NodePattern, mut found: Found) -> Result<Option<Found>> {
        self.count_step()?;
        let node = found.here();
        if !bind(&mut found.row, pattern.variable.as_ref(), &Value::Node(node)) {
            return Ok(None);
        }
        let labels = &self.graph.nodes[node].labels;
        let fits = pattern.labels.as_ref().is_none_or(|wanted| has_labels(labels, wanted))
            && self.has_properties(&Value::Node(node), &pattern.properties, &found.row)?
            && self.holds(pattern.filter.as_deref(), &found.row)?;
        Ok(fits.then_some(found))
    }

    fn has_properties(&self, owner: &Value, wanted: &[(&str, Expr)], row: &Row) -> Result<bool> {
        for (name, value) in wanted {
            let value = self.eval(value, row)?;
            if self.property(owner, name).equals(&value) != Some(true) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Every hop from where the way has come, with the relationship bound to the pattern's variable.
    fn hops(&self, pattern: &RelationshipPattern, found: &Found, may_repeat: bool) -> Result<Vec<Found>> {
        let mut hops = Vec::new();
        for (no, relationship) in self.graph.relationships.iter().enumerate() {
            let out = (Direction::Out, relationship.start, relationship.end);
            let into = (Direction::In, relationship.end, relationship.start);
            for (direction, from, to) in [out, into] {
                self.count_step()?;
                // A loop is one hop, whichever way it is walked.
                let is_second =
                    direction == Direction::In && from == to && pattern.direction == Direction::Both;
                let is_asked = pattern.direction == Direction::Both || pattern.direction == direction;
                let is_repeated = !may_repeat && found.relationships.contains(&no);
                let is_kind = pattern.kinds.is_empty() || pattern.kinds.contains(&relationship.kind);
                if from != found.here() || is_second || !is_asked || is_repeated || !is_kind {
                    continue;
                }
                let mut hop = found.clone();
                hop.nodes.push(to);
                hop.relationships.push(no);
                let value = Value::Relationship(no);
                if bind(&mut hop.row, pattern.variable.as_ref(), &value)
                    && self.has_properties(&value, &pattern.properties, &hop.row)?
                    && self.holds(pattern.filter.as_deref(), &hop.row)?
                {
                    hops.push(hop);
                }
            }
        }
        Ok(hops)
    }

    /// A relationship pattern: one hop or, with a quantifier, that many hops, its variable the list of them.
    fn along(&self, pattern: &RelationshipPattern, found: Found, may_repeat: bool) -> Result<Vec<Found>> {
        let Some(quantifier) = &pattern.quantifier else {
            return self.hops(pattern, &found, may_repeat);
        };
        let variables: Vec<&String> = pattern.variable.iter().collect();
        repeat(found, &variables, quantifier, |found| self.hops(pattern, found, may_repeat))
    }

    /// A quantified parenthesised path.
    fn through(&self, group: &Group, found: Found, may_repeat: bool) -> Result<Vec<Found>> {
        let nodes = [&group.start].into_iter().chain(group.hops.iter().map(|(_, node)| node));
        let relationships = group.hops.iter().filter_map(|(relationship, _)| relationship.variable.as_ref());
        let variables: Vec<&String> =
            nodes.filter_map(|node| node.variable.as_ref()).chain(relationships).collect();
        repeat(found, &variables, &group.quantifier, |found| {
            let mut ways: Vec<Found> = self.at_node(&group.start, found.clone())?.into_iter().collect();
            for (relationship, node) in &group.hops {
                let mut longer = Vec::new();
                for way in ways {
                    for hop in self.hops(relationship, &way, may_repeat)? {
                        longer.extend(self.at_node(node, hop)?);
                    }
                }
                ways = longer;
            }
            let mut kept = Vec::new();
            for way in ways {
                if self.holds(group.filter.as_deref(), &way.row)? {
                    kept.push(way);
                }
            }
            Ok(kept)
        })
    }
}

/// Goes the same way as often as the quantifier admits. Within one repetition the variables
/// are single elements, afterwards the lists of all of them.
fn repeat(
    found: Found,
    variables: &[&String],
    quantifier: &Quantifier,
    once: impl Fn(&Found) -> Result<Vec<Found>>,
) -> Result<Vec<Found>> {
    let mut all = Vec::new();
    let lists: BTreeMap<&String, Vec<Value>> = variables.iter().map(|name| (*name, Vec::new())).collect();
    let mut ways = vec![(found, lists)];
    for times in 0.. {
        if times >= quantifier.least {
            for (way, lists) in &ways {
                let mut way = way.clone();
                way.row.extend(lists.iter().map(|(name, list)| ((*name).clone(), Value::List(list.clone()))));
                all.push(way);
            }
        }
        if ways.is_empty() || quantifier.most == Some(times) {
            break;
        }
        let mut longer = Vec::new();
        for (way, lists) in ways {
            for mut next in once(&way)? {
                let mut lists = lists.clone();
                for (name, list) in &mut lists {
                    list.push(next.row.remove(*name).expect("each repetition binds its variables"));
                }
                longer.push((next, lists));
            }
        }
        ways = longer;
    }
    Ok(all)
}

/// Gives the variable its value, or compares if it has one: nothing is the same node as null.
fn bind(row: &mut Row, variable: Option<&String>, value: &Value) -> bool {
    let Some(variable) = variable else { return true };
    match row.get(variable) {
        Some(bound) => bound == value,
        None => {
            row.insert(variable.clone(), value.clone());
            true
        }
    }
}

pub(crate) fn has_labels(labels: &[&str], wanted: &Labels) -> bool {
    match wanted {
        Labels::One(label) => labels.contains(label),
        Labels::Not(inner) => !has_labels(labels, inner),
        Labels::And(a, b) => has_labels(labels, a) && has_labels(labels, b),
        Labels::Or(a, b) => has_labels(labels, a) || has_labels(labels, b),
        Labels::Any => !labels.is_empty(),
        Labels::Colons(a, b) => labels.contains(a) && labels.contains(b),
    }
}

fn keeps_mode(found: &Found, mode: Option<Mode>) -> bool {
    let nodes = &found.nodes;
    let differ = |nodes: &[usize]| (0..nodes.len()).all(|i| !nodes[..i].contains(&nodes[i]));
    match mode {
        // A trail was kept while walking.
        None | Some(Mode::Walk | Mode::Trail) => true,
        Some(Mode::Acyclic) => differ(nodes),
        Some(Mode::Simple) => differ(&nodes[1..]) && differ(&nodes[..nodes.len() - 1]),
    }
}

fn select(found: Vec<Found>, selector: Option<Selector>) -> Vec<Found> {
    let Some(selector) = selector else { return found };
    let mut pairs: BTreeMap<(usize, usize), Vec<Found>> = BTreeMap::new();
    for one in found {
        pairs.entry((one.nodes[0], one.here())).or_default().push(one);
    }
    let mut chosen = Vec::new();
    for mut paths in pairs.into_values() {
        paths.sort_by_key(|path| path.relationships.len());
        let mut lengths: Vec<usize> = paths.iter().map(|path| path.relationships.len()).collect();
        lengths.dedup();
        match selector {
            Selector::All => {}
            Selector::Any(k) | Selector::Shortest(k) => paths.truncate(k),
            Selector::AllShortest => paths.retain(|path| path.relationships.len() == lengths[0]),
            Selector::ShortestGroups(k) => {
                lengths.truncate(k);
                paths.retain(|path| lengths.contains(&path.relationships.len()));
            }
        }
        chosen.extend(paths);
    }
    chosen
}
