//! Customers' and operators' words: bodies, names, previews, encoded HTML (T1 to T8).

mod body;
mod chars;
mod html;
mod line;
mod name;
mod preview;
mod simple;

pub use body::{BodyError, MessageBody};
pub use html::Html;
pub use line::{LineError, OneLine};
pub use name::DisplayName;
pub use preview::Preview;

use std::fmt;

/// What `Debug` shows of a text: its length and nothing of what it says.
fn fmt_hidden(name: &str, text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "{name}({} bytes)", text.len())
}
