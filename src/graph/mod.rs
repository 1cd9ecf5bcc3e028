//! The graph in memory: elements with their indexes, compact adjacency in both
//! directions, and views of it through a lens that petgraph's algorithms accept.

mod adjacency;
mod blocks;
mod evidence;
#[allow(clippy::module_inception, reason = "a file is named after its main type")]
mod graph;
mod joints;
mod lens;
mod names;
mod view;

pub use adjacency::{Direction, Hop};
pub use blocks::BlockSource;
pub use graph::{Graph, Node, Relationship};
pub use joints::{Joint, joints_of};
pub use lens::{CompiledLens, Hidden, Lens};
pub use names::Symbol;
pub use view::{EdgeRef, View};
