//! A walk in the product, and the match that it is.

use super::automaton::{ArcId, Automaton};
use super::product::{Step, slots};
use crate::model::{NodeId, Path};
use crate::paths::question::{Bound, Match};
use crate::paths::rank::Mode;

/// A complete walk: the arc by which it begins, and its steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Walk {
    pub(super) start: NodeId,
    pub(super) begin: ArcId,
    pub(super) steps: Vec<Step>,
}

impl Walk {
    /// Whether the mode allows it.
    pub(super) fn is_admissible(&self, mode: Mode) -> bool {
        let relationships = || self.steps.iter().map(|step| step.via.0);
        let nodes = || self.steps.iter().map(|step| step.node.0);
        match mode {
            Mode::Walk => true,
            Mode::Trail => all_differ(relationships().collect()),
            Mode::Acyclic => all_differ(nodes().chain([self.start.0]).collect()),
            // The last node may be the first one. Relationships between different
            // nodes differ, but one could lead there and back.
            Mode::Simple => {
                let is_closed = self.steps.last().is_some_and(|step| step.node == self.start);
                let start = (!is_closed).then_some(self.start.0);
                all_differ(nodes().chain(start).collect()) && all_differ(relationships().collect())
            }
        }
    }

    /// Whether the mode allows one more step, where it allows all so far.
    pub(super) fn may_take(&self, mode: Mode, step: Step) -> bool {
        let uses = || self.steps.iter().any(|other| other.via == step.via);
        let visits = || self.start == step.node || self.visits_again(step.node);
        match mode {
            Mode::Walk => true,
            Mode::Trail => !uses(),
            Mode::Acyclic => !visits(),
            // A path that has come back to its start cannot go on.
            Mode::Simple => {
                let is_closed = self.steps.last().is_some_and(|last| last.node == self.start);
                !is_closed && !uses() && !self.visits_again(step.node)
            }
        }
    }

    /// Whether a step leads to a node.
    fn visits_again(&self, node: NodeId) -> bool {
        self.steps.iter().any(|step| step.node == node)
    }

    /// The path with what each slot was matched with.
    pub(super) fn to_match(&self, automaton: &Automaton) -> Match {
        let nodes = std::iter::once(self.start).chain(self.steps.iter().map(|step| step.node));
        let relationships = self.steps.iter().map(|step| step.via);
        let path = Path { nodes: nodes.collect(), relationships: relationships.collect() };
        let here = |arc: ArcId, node: NodeId| {
            slots(&automaton.arc(arc).checks).map(move |slot| (slot, Bound::Node(node)))
        };
        let mut bindings: Vec<_> = here(self.begin, self.start).collect();
        for step in &self.steps {
            let hop = automaton.hop(automaton.arc(step.arc).from);
            bindings.extend(hop.map(|hop| (hop.slot, Bound::Relationship(step.via))));
            bindings.extend(here(step.arc, step.node));
        }
        Match { path, bindings }
    }
}

fn all_differ(mut ids: Vec<u32>) -> bool {
    ids.sort_unstable();
    ids.windows(2).all(|pair| pair[0] != pair[1])
}
