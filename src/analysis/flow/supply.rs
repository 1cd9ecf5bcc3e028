//! The question, as plain numbers: chains, what bounds them, and what was delivered.

use super::{Amount, Quantity};
use crate::error::Result;

/// Asked now and then; an error stops the work.
pub(super) type Check<'a> = &'a dyn Fn() -> Result<()>;

/// Chains from origins to deliveries, in one unit.
#[derive(Debug, Clone, Default)]
pub struct Supply {
    /// What bounds the goods on their way: how much a ship's call landed, how much a consignment
    /// holds. `None` for what is not known. All goods that pass a limit share it.
    pub limits: Vec<Option<Amount>>,
    /// What arrived, each delivery once.
    pub deliveries: Vec<Delivery>,
    /// The chains.
    pub routes: Vec<Route>,
    /// Whether all origins that the goods can have are among those of the routes.
    pub is_closed: bool,
}

/// Goods that arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    /// Where, by a number of the caller's.
    pub destination: usize,
    /// How much.
    pub quantity: Quantity,
}

/// A chain from an origin to a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Where it starts, by a number of the caller's.
    pub origin: usize,
    /// The limit of the event that it starts with, such as the ship's call at the origin: among
    /// such departures the pro rata split is made.
    pub departure: usize,
    /// All limits that it passes, in order, the departure among them.
    pub limits: Vec<usize>,
    /// The delivery that it ends with.
    pub delivery: usize,
}
