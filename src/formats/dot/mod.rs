//! Graphviz: pictures of a path set, a result or a whole case, in DOT.
//!
//! A [`Picture`] says what to draw, [`to_dot`] writes it, and [`run_graphviz`]
//! has the program `dot` turn it into SVG, PNG or PDF.
//!
//! | module | knows |
//! |---|---|
//! | `picture` | what is drawn |
//! | `links` | which relationships become one edge, and which way it runs |
//! | `words` | dates, quantities, names and wrapping, as a person writes them |
//! | `tooltip` | the evidence of an element, in lines |
//! | `style` | shapes, colours, fonts, widths |
//! | `escape` | everything that may stand in DOT; no other module makes an identifier or a string |
//! | `legend`, `write` | the statements |
//! | `render` | running Graphviz |

mod details;
mod escape;
mod legend;
mod links;
mod picture;
mod render;
mod style;
mod tooltip;
mod write;

pub use picture::{Focus, Picture};
pub use render::{Format, run_graphviz};
pub use write::to_dot;
