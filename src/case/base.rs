//! Beginning with a base: a graph takes all that is in force from it, as from a large import.

use super::{append_pages, recorded_pages};
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::ledger::pages::{self, Sort, pages_of};
use crate::ledger::{Base, Ledger, Payload, PayloadPlace, effects};
use crate::model::{ClaimId, NodeId, RelationshipId};

/// Takes what the base of a record holds into an empty graph; gives how many elements and claims
/// that are about. Nothing where the record begins with its first commit.
pub(super) fn replay(ledger: &Ledger, graph: &mut Graph) -> Result<usize> {
    ledger.base().map_or(Ok(0), |base| take(base, graph))
}

/// Takes what a base holds into an empty graph.
///
/// # Complexity
/// O(V + E log D + C), and memory for the bytes of its pages.
pub(super) fn take(base: &Base, graph: &mut Graph) -> Result<usize> {
    graph.begin_with_names(&base.head().names);
    let mut payloads = base.payloads()?.peekable();
    let is_pages = |next: &Result<(PayloadPlace, Payload)>| {
        next.as_ref().is_ok_and(|(_, payload)| pages::is_pages(payload))
    };
    let (mut places, mut read) = (Vec::new(), Vec::new());
    while let Some(next) = payloads.next_if(is_pages) {
        let (place, payload) = next?;
        places.push(place);
        read.push(payload);
    }
    let read: Vec<(usize, &Payload)> = read.iter().enumerate().collect();
    check_order(&read)?;
    let mut count = append_pages(&read, graph)?;
    graph.note_recorded(recorded_pages(&places, &read)?);
    let [node, relationship, claim] = base.head().next_ids;
    graph.skip_ids(NodeId(node), RelationshipId(relationship), ClaimId(claim));
    for next in payloads {
        let effects = effects::decode(&next?.1)?;
        count += effects.len();
        effects.iter().try_for_each(|effect| graph.apply(effect))?;
    }
    graph.settle();
    let ids = [graph.next_node().0, graph.next_relationship().0, graph.next_claim().0];
    match ids == base.head().next_ids {
        true => Ok(count),
        false => Err(Error::corrupt("what the base holds has other ids than it says")),
    }
}

/// Relationships come after the nodes that they join.
fn check_order(payloads: &[(usize, &Payload)]) -> Result<()> {
    let mut has_relationships = false;
    for (_, payload) in payloads {
        let Some(run) = pages_of(payload)? else { continue };
        let is_node = run.sort == Sort::Nodes;
        if is_node && has_relationships {
            return Err(Error::corrupt("the pages of the base are out of order"));
        }
        has_relationships |= !is_node;
    }
    Ok(())
}
