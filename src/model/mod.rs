//! Plain data: values, dates, elements, claims, and what the domain knows about
//! labels and types. No I/O, and no knowledge of how anything is stored.

mod claim;
mod effect;
mod element;
mod index;
pub mod properties;
pub mod schema;
pub mod time;
mod value;
mod wire;

pub use claim::{About, Claim, Grade, Stance};
pub use effect::Effect;
pub use element::{ClaimId, NodeData, NodeId, Properties, RelationshipData, RelationshipId};
pub use index::{IndexDefinition, IndexOn};
pub use schema::{Flow, Schema, TypeKind};
pub use time::{Clock, Date, DateTime, Duration, Instant, Interval, LocalDateTime, LocalTime, Period, Time};
pub use value::{Path, Value};
