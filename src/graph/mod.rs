//! The graph in memory: elements with their indexes, compact adjacency in both
//! directions, and views of it through a lens that petgraph's algorithms accept.

mod adjacency;
mod blocks;
mod change;
mod element;
mod evidence;
#[allow(clippy::module_inception, reason = "a file is named after its main type")]
mod graph;
mod in_time;
mod indexes;
mod joints;
mod lens;
mod name_index;
mod names;
mod property_index;
mod side;
mod statistics;
mod time_index;
mod timing;
mod view;

pub use adjacency::{Direction, Expand, Hop, Neighbours};
pub use blocks::BlockSource;
pub use element::{Node, Relationship};
pub use graph::Graph;
pub use in_time::InTime;
pub use joints::{Carriage, Joint, joints_of};
pub use lens::{CompiledLens, Hidden, Lens, sources_called};
pub use name_index::{GraphNames, IDENTIFIER_PROPERTIES, NAME_PROPERTIES};
pub use names::Symbol;
pub use property_index::PropertyIndex;
pub use statistics::Statistics;
pub use time_index::{Confidences, Slice, TimeIndex, TypeInTime};
pub use timing::{Timing, Written};
pub use view::{EdgeRef, View};
