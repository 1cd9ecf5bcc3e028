//! What is no error and still probably not what was meant; an answer tells it.

use std::collections::BTreeSet;

use super::plan::{Pattern, Plan, Step};
use crate::graph::{Graph, View};
use crate::model::NodeId;
use crate::names::{did_you_mean, nearest};

/// What a plan asks for that this graph cannot have meant.
pub(super) fn of_plan(plan: &Plan, graph: &Graph) -> BTreeSet<String> {
    let mut notices: BTreeSet<String> = plan.notices.iter().cloned().collect();
    if graph.node_count() > 0 {
        notices.extend(unknown_names(plan, graph));
        notices.extend(types_as_variables(plan, graph));
        notices.extend(unknown_properties(plan, graph));
    }
    notices
}

fn patterns(plan: &Plan) -> impl Iterator<Item = &Pattern> {
    plan.steps().flat_map(|step| match step {
        Step::Match { patterns, .. } => patterns.as_slice(),
        _ => &[],
    })
}

fn labels_and_types(graph: &Graph) -> Vec<&str> {
    graph.labels_in_use().into_iter().chain(graph.types_in_use()).map(|(name, _)| name).collect()
}

/// Labels and types that patterns and conditions ask for and nothing in the graph has ever borne.
fn unknown_names(plan: &Plan, graph: &Graph) -> Vec<String> {
    let parts = patterns(plan).flat_map(|pattern| &pattern.parts);
    let asked = parts.flat_map(|part| part.labels.iter().flat_map(|labels| labels.names()));
    let asked = asked.chain(plan.labels.iter().map(String::as_str));
    let unknown = asked.filter(|name| graph.symbol(name).is_none());
    let told = |name: &str| {
        let near =
            did_you_mean(name, labels_and_types(graph)).map_or(String::new(), |near| format!("; {near}"));
        format!("nothing in the case is called `{name}`{near}")
    };
    unknown.map(told).collect()
}

/// Variables of patterns that are called as a label or type, where a colon was probably forgotten.
fn types_as_variables(plan: &Plan, graph: &Graph) -> Vec<String> {
    let known = labels_and_types(graph);
    let parts = patterns(plan).flat_map(|pattern| &pattern.parts).filter(|part| part.labels.is_none());
    let names = parts.filter_map(|part| plan.names.get(part.slot?));
    let told =
        |name: &String| format!("`{name}` is a variable here; write :{name} to ask for what is called so");
    names.filter(|name| known.contains(&name.as_str())).map(told).collect()
}

/// Properties that no node and no relationship has, where one has nearly the same name.
///
/// Without such a name there is no notice: to ask for what may be missing is common. Nor is there one
/// where the statement writes, since it may give the property itself.
fn unknown_properties(plan: &Plan, graph: &Graph) -> Vec<String> {
    let unknown = plan.properties.iter().filter(|name| plan.writes.is_none() && graph.symbol(name).is_none());
    let told = |name: &String| {
        let near = nearest_property(name, graph)?;
        Some(format!("nothing in the case has `{name}`; did you mean `{near}`?"))
    };
    unknown.filter_map(told).collect()
}

/// The nearest name of a property that is not a confidential source's alone, which nobody may learn of.
fn nearest_property<'g>(name: &str, graph: &'g Graph) -> Option<&'g str> {
    let mut left_out: BTreeSet<&str> = labels_and_types(graph).into_iter().collect();
    loop {
        let near = nearest(name, graph.names().filter(|known| !left_out.contains(known)))?;
        if is_open(near, graph) {
            return Some(near);
        }
        left_out.insert(near);
    }
}

/// Whether a property is none of a confidential source, or some other node has it too.
fn is_open(property: &str, graph: &Graph) -> bool {
    let view = View::new(graph, None, false);
    let has = |id: NodeId| graph.node_data(id).is_some_and(|node| node.properties.contains_key(property));
    let is_hidden = graph.sources().any(|id| view.is_confidential(id) && has(id));
    !is_hidden || graph.nodes().any(|(id, _)| !view.is_confidential(id) && has(id))
}
