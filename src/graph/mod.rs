//! The graph: elements with their indexes, compact adjacency in both directions, and
//! views of it through a lens that petgraph's algorithms accept. Its pages are read from
//! the index when they are first touched.

mod adjacency;
mod append;
mod based;
mod blocks;
mod bulk_pages;
mod change;
mod check;
mod claims_about;
mod discarded;
mod element;
mod evidence;
#[allow(clippy::module_inception, reason = "a file is named after its main type")]
mod graph;
mod in_time;
mod index_key;
mod indexes;
mod joints;
mod key_index;
mod labels;
mod lens;
mod name_index;
mod name_tables;
mod names;
mod names_kept;
mod property_index;
mod side;
mod side_page;
mod sorted_entries;
mod statistics;
mod table;
mod time_index;
mod timing;
mod view;

pub use adjacency::{Direction, Expand, Hop, Neighbours};
pub use append::Append;
pub use bulk_pages::{NodePager, PageBytes, Parted, Parter, RelationshipSorter, Sorted};
pub use element::{Node, Relationship};
pub use graph::Graph;
pub use in_time::InTime;
pub use joints::{Carriage, Joint, joints_of};
pub use lens::{CompiledLens, Hidden, Lens, sources_called};
pub use name_index::{GraphNames, IDENTIFIER_PROPERTIES, NAME_PROPERTIES};
pub use names::Symbol;
pub use property_index::PropertyIndex;
pub use statistics::Statistics;
pub use table::{BlockSource, Place, Recorded};
pub use time_index::{Confidences, Slice, TimeIndex, TypeInTime};
pub use timing::{Timing, Written};
pub use view::{EdgeRef, View};

// The same test where pages are as small as can be.
#[cfg(test)]
#[path = "../../tests/it/stored_graph.rs"]
mod stored_graph;
