//! Verifying a case: the record in itself, and the graph and the index against it.

use super::checkpoint::Flight;
use super::history::refuse_archived;
use super::index::Blocks;
use super::{Case, base, replay_commit};
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::ledger::{self, Ledger};

/// What was verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Checked {
    /// Commits of the record, up to the last one that this process knows.
    pub commits: u64,
    /// Segment files of the record.
    pub segments: u64,
    /// Bytes of those.
    pub bytes: u64,
    /// The number of the last commit that was archived; 0 for none.
    pub archived: u64,
    /// Bytes of the base that stands for what was archived.
    pub base_bytes: u64,
    /// Commits of the record that were redacted.
    pub redacted: usize,
    /// The last commit that the index holds; none where it is empty, or another process's.
    pub index: Option<u64>,
}

impl Case {
    /// Verifies every frame of the record and its chain, replays it, and compares
    /// the graph with the replay. Gives how many commits were verified.
    ///
    /// # Errors
    /// As [`Case::verify`].
    pub fn check(&self) -> Result<u64> {
        self.verify().map(|checked| checked.commits)
    }

    /// Verifies every byte of the record, its chain and all payloads; replays it, and compares
    /// the graph with that; reads every block of the index, where this process owns it, and
    /// compares what they hold with the replay up to the commit that they reach.
    ///
    /// # Errors
    /// `Corrupt` or `Store`, naming what does not verify.
    ///
    /// # Complexity
    /// O(the record), and memory for the graph once or twice more.
    pub fn verify(&self) -> Result<Checked> {
        self.refuse_in_transaction("a check of the record")?;
        let ledger = self.dir.join("ledger");
        ledger::while_it_moves(&ledger, || self.verify_once())
    }

    fn verify_once(&self) -> Result<Checked> {
        let (ledger, _) = Ledger::open(&self.dir.join("ledger"), ledger::Access::Read, None)?;
        if ledger.archived_up_to() > self.sequence() {
            // What this process knows is not in the record any more.
            refuse_archived(&ledger, self.sequence())?;
        }
        let tally = ledger.verify()?;
        // A checkpoint under way would change the index while it is read.
        self.owner.iter().filter_map(|owner| owner.flight.as_ref()).for_each(Flight::wait);
        let store = self.owner.as_ref().and_then(|owner| owner.store.as_ref());
        let applied = store.and_then(|store| store.applied()).map(|position| position.sequence);
        let mut replayed = Graph::new();
        base::replay(&ledger, &mut replayed)?;
        for commit in ledger.commits(1) {
            let commit = commit?;
            let sequence = commit.position.sequence;
            if sequence > self.sequence() {
                break;
            }
            replay_commit(&ledger, &commit, &mut replayed)?;
            if let Some(store) = store.filter(|_| applied == Some(sequence)) {
                let stored = Graph::open(Blocks::new(store, &self.dir))?;
                agree(&replayed, &stored)?;
                stored.check_tables()?;
            }
        }
        agree(&replayed, &self.graph)?;
        Ok(Checked {
            commits: self.sequence().saturating_sub(ledger.archived_up_to()),
            segments: tally.segments,
            bytes: tally.bytes,
            archived: ledger.archived_up_to(),
            base_bytes: tally.base_bytes,
            redacted: ledger.redacted().iter().filter(|&&commit| commit > ledger.archived_up_to()).count(),
            index: applied,
        })
    }
}

pub(super) fn agree(replayed: &Graph, graph: &Graph) -> Result<()> {
    let is_same = replayed.same_elements(graph);
    if let Some(damage) = graph.damage() {
        return Err(damage);
    }
    match is_same {
        true => Ok(()),
        false => Err(Error::corrupt("the index does not hold what the record says")
            .hint("`throughline rebuild` makes the index anew".to_owned())),
    }
}
