//! Bringing the index up to date with the record: at once, or while the case is used.
//!
//! What a checkpoint writes is a copy of the graph that shares its pages (`Graph::depart`),
//! so that it can be encoded and written by another thread. Meanwhile statements read and
//! change the graph; a page that is changed is copied first. Once all is written and in
//! force, the graph may read from it ([`Case::land`]). Until then its pages stay in memory,
//! and a crash at any moment leaves the index as it was before.

use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::{self, JoinHandle};

use super::Case;
use super::index::Blocks;
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::ledger::Position;
use crate::store::{BlockChange, Store};

/// After how many commits the index is brought up to date while the case is used.
pub(super) const COMMITS_BEFORE_FLIGHT: usize = 1024;

/// What is to be written.
#[derive(Debug)]
struct Departure {
    store: Arc<Store>,
    graph: Graph,
    position: Position,
    /// How many commits the index was behind.
    behind: usize,
}

impl Departure {
    fn write(&self) -> Result<()> {
        let changes = self.graph.changed_blocks().map(|change| {
            let (column, block, bytes) = change?;
            Ok(BlockChange { column, block, bytes })
        });
        // What was merged into a page that could not be read is not put in force.
        let damage = std::iter::once_with(|| self.graph.damage()).flatten().map(Err);
        self.store.checkpoint(self.position, changes.chain(damage))
    }
}

/// A checkpoint that another thread writes.
#[derive(Debug)]
pub(super) struct Flight {
    departure: Arc<Departure>,
    thread: Mutex<Option<JoinHandle<()>>>,
    outcome: Arc<OnceLock<Result<()>>>,
}

impl Flight {
    fn begin(departure: Departure) -> Result<Self> {
        let departure = Arc::new(departure);
        let outcome = Arc::new(OnceLock::new());
        let (of_thread, told) = (departure.clone(), outcome.clone());
        let thread = thread::Builder::new().name("checkpoint".to_owned()).spawn(move || {
            let _ = told.set(of_thread.write());
        });
        let thread = thread.map_err(|error| Error::io(Path::new("a thread"), &error))?;
        Ok(Self { departure, thread: Mutex::new(Some(thread)), outcome })
    }

    fn is_done(&self) -> bool {
        self.outcome.get().is_some()
    }

    /// Waits until it has ended.
    pub(super) fn wait(&self) {
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = thread.take() {
            let _ = thread.join();
        }
    }

    fn outcome(&self) -> Result<()> {
        self.wait();
        let died = || Err(Error::store("the thread that wrote the index has ended"));
        self.outcome.get().cloned().unwrap_or_else(died)
    }
}

impl Drop for Flight {
    /// Whoever opens the case next finds the index closed.
    fn drop(&mut self) {
        self.wait();
    }
}

impl Case {
    /// Brings the index up to date with the record.
    ///
    /// # Errors
    /// `Store`; the record is unharmed.
    pub fn checkpoint(&mut self) -> Result<()> {
        self.refuse_in_transaction("a checkpoint")?;
        self.land();
        let written = match self.depart() {
            Some(departure) => {
                let written = departure.write();
                self.arrive(&departure, written)
            }
            None => Ok(()),
        };
        match self.graph.damage() {
            Some(damage) => self.renew(&damage),
            None => written,
        }
    }

    /// After a commit: begins to bring the index up to date where that is due, and notes that
    /// it has ended.
    ///
    /// An error waits for the next checkpoint, which meets it again: the record has it all.
    pub(super) fn keep_index(&mut self) {
        self.land_if_done();
        let is_due = self.owner.as_ref().is_some_and(|owner| {
            owner.flight.is_none() && !owner.is_grounded && owner.behind >= COMMITS_BEFORE_FLIGHT
        });
        if !is_due || self.graph.damage().is_some() {
            return;
        }
        let Some(departure) = self.depart() else { return };
        let flight = Flight::begin(departure);
        if let Some(owner) = &mut self.owner {
            owner.is_grounded = flight.is_err();
            owner.flight = flight.ok();
        }
    }

    /// Lets the graph read from the index what a checkpoint has put there.
    pub(super) fn land_if_done(&mut self) {
        if self.owner.as_ref().and_then(|owner| owner.flight.as_ref()).is_some_and(Flight::is_done) {
            self.land();
        }
    }

    /// Waits for the checkpoint that is under way, if there is one.
    pub(super) fn land(&mut self) {
        let Some(flight) = self.owner.as_mut().and_then(|owner| owner.flight.take()) else { return };
        let landed = self.arrive(&flight.departure, flight.outcome());
        if let Some(owner) = &mut self.owner {
            owner.is_grounded = landed.is_err();
        }
    }

    /// What the index lacks; `None` where there is no index, or nothing to be in it.
    fn depart(&mut self) -> Option<Departure> {
        let (owner, position) = (self.owner.as_mut()?, self.position?);
        let store = owner.store.clone()?;
        self.graph.prepare_checkpoint();
        Some(Departure { store, graph: self.graph.depart(), position, behind: owner.behind })
    }

    fn arrive(&mut self, departure: &Departure, written: Result<()>) -> Result<()> {
        let source = written.is_ok().then(|| Blocks::new(&departure.store, &self.dir) as _);
        self.graph.arrive(&departure.graph, source);
        if let Some(owner) = self.owner.as_mut().filter(|_| written.is_ok()) {
            owner.behind -= departure.behind;
        }
        written
    }
}
