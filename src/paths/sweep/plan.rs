//! Which questions a sweep answers, and what it needs to know of them.

use super::super::pattern::{Element, HopStep, NodeStep, Repeat, Slot};
use super::super::question::{Matcher, Question};
use super::super::rank::{Mode, Selector};
use crate::graph::{Direction, Symbol, TypeInTime, View};
use crate::model::schema::{Role, role};
use crate::model::{Flow, Interval, NodeId, TypeKind};

/// What is best.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goal {
    /// The least instant of the last event, then the fewest hops.
    Earliest,
    /// As earliest, but a path without relationships is as good.
    Any,
    /// The fewest hops.
    Fewest,
    /// The strongest weakest hop, then the fewest hops.
    Strongest,
}

/// When a sweep goes over from a queue of what was reached to a pass over all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switch {
    /// So many relationships are looked at first.
    pub least: usize,
    /// After that, one in so many of those in the window.
    pub share: usize,
}

impl Default for Switch {
    fn default() -> Self {
        Self { least: 4096, share: 64 }
    }
}

impl Switch {
    /// The rule where the pass only has to know what is reached: it costs less.
    pub(super) fn to_reach(self) -> Self {
        Self { share: self.share.saturating_mul(8), ..self }
    }
}

/// A question that a sweep can answer.
pub(in crate::paths) struct Plan<'a> {
    pub(super) view: View<'a>,
    pub(super) goal: Goal,
    pub(super) mode: Mode,
    pub(super) kind: Symbol,
    pub(super) direction: Direction,
    /// The node patterns: at the start, before and after each hop, at the end.
    pub(super) first: NodeStep,
    pub(super) before: NodeStep,
    pub(super) after: NodeStep,
    pub(super) last: NodeStep,
    pub(super) hop: Slot,
    /// Those of them that have to be asked; the first always is.
    pub(super) asks_before: Option<Slot>,
    pub(super) asks_after: Option<Slot>,
    pub(super) asks_last: Option<Slot>,
    /// Within which instants relationships have to begin.
    pub(super) window: Interval,
    /// Whether something has to be asked of each relationship.
    pub(super) asks: bool,
    pub(super) strict: bool,
    pub(super) wait: Option<i64>,
    pub(super) needs_a_hop: bool,
    pub(super) ends: Option<&'a [NodeId]>,
    pub(super) switch: Switch,
    /// The type in the order of time, where it was needed from the beginning.
    pub(super) in_time: Option<TypeInTime>,
}

impl Plan<'_> {
    /// Whether the best walk may be no path.
    pub(super) fn may_turn(&self) -> bool {
        self.direction == Direction::Either && self.mode != Mode::Walk
    }

    /// The type in the order of time.
    pub(super) fn type_in_time(&self) -> TypeInTime {
        let in_time = self.in_time.clone();
        in_time.unwrap_or_else(|| self.view.graph().type_in_time(self.kind, false))
    }

    /// Whether the ends follow from which nodes are reached, in whatever way.
    pub(super) fn ends_are_reached(&self) -> bool {
        self.wait.is_none() && !self.may_turn()
    }
}

/// A plan for a question, if it is one for a sweep.
pub(in crate::paths) fn plan<'a>(
    view: View<'a>,
    question: &Question<'a>,
    matcher: &mut dyn Matcher,
) -> Option<Plan<'a>> {
    plan_with(view, question, matcher, Switch::default())
}

/// As [`plan`], with another rule for when to go over to the pass.
pub(super) fn plan_with<'a>(
    view: View<'a>,
    question: &Question<'a>,
    matcher: &mut dyn Matcher,
    switch: Switch,
) -> Option<Plan<'a>> {
    let bounds = question.bounds.filter(|bounds| !bounds.certainly && bounds.within.is_none())?;
    let goal = match question.selector {
        Selector::Earliest(1) => Goal::Earliest,
        Selector::Any(1) => Goal::Any,
        Selector::Shortest(1) => Goal::Fewest,
        Selector::Strongest(1) if view.lens().is_none() => Goal::Strongest,
        _ => return None,
    };
    let [Element::Node(first), Element::Repeat(repeat), Element::Node(last)] = &question.pattern.elements[..]
    else {
        return None;
    };
    let (before, hop, after, filters) = body(repeat)?;
    let &[kind] = hop.types.as_deref()? else { return None };
    let fits = question.is_memoryless
        && question.taken.is_empty()
        && repeat.min <= 1
        && repeat.max.is_none()
        && [first, before, after, last].iter().all(|node| node.wait.is_none());
    let may_repeat_nodes = matches!(question.mode, Mode::Walk | Mode::Trail);
    let graph = view.graph();
    let (clock, granule) = graph.timing(kind)?.granule?;
    let fits_time = graph.schema().kind(graph.text(kind)) == TypeKind::Event
        && bounds.clock.is_none_or(|other| other == clock)
        && bounds.wait.is_none_or(|wait| may_repeat_nodes && wait >= 0 && wait % granule == 0)
        && !(bounds.strict && granule > 1);
    if !fits || !fits_time || (goal == Goal::Strongest && has_joints(view, kind)) {
        return None;
    }
    let in_time = (goal == Goal::Strongest).then(|| graph.type_in_time(kind, true));
    if in_time.as_ref().is_some_and(|found| found.confidences().is_none()) {
        return None;
    }
    // A filter that speaks of a whole repetition is not for here.
    if !filters.into_iter().all(|filter| matcher.outline(filter).is_all) {
        return None;
    }
    let outline = matcher.outline(hop.slot);
    let mut asked = |node: &NodeStep| node.slot.filter(|&slot| !matcher.outline(slot).is_all);
    Some(Plan {
        view: view.for_chronological(true),
        goal,
        mode: question.mode,
        kind,
        direction: hop.direction,
        first: *first,
        before: *before,
        after: *after,
        last: *last,
        hop: hop.slot,
        asks_before: asked(before),
        asks_after: asked(after),
        asks_last: asked(last),
        window: outline.window,
        asks: !outline.is_all || view.lens().is_some(),
        strict: bounds.strict,
        wait: bounds.wait,
        needs_a_hop: repeat.min > 0,
        ends: question.ends,
        switch,
        in_time,
    })
}

fn body(repeat: &Repeat) -> Option<(&NodeStep, &HopStep, &NodeStep, Vec<Slot>)> {
    let [Element::Node(before), Element::Hop(hop), Element::Node(after), rest @ ..] = &repeat.body[..] else {
        return None;
    };
    let filters = rest.iter().map(|element| match element {
        Element::Filter(slot) => Some(*slot),
        Element::Node(_) | Element::Hop(_) | Element::Repeat(_) => None,
    });
    Some((before, hop, after, filters.collect::<Option<_>>()?))
}

/// Whether a path over a type may have joints: goods flow, and something carries them.
fn has_joints(view: View<'_>, kind: Symbol) -> bool {
    let graph = view.graph();
    let flows = graph.schema().flow(graph.text(kind)) != Flow::None;
    flows && graph.labels_in_use().iter().any(|(label, _)| role(label) == Role::Carrier)
}
