//! Example: the same page of a conversation in four template engines.
//!
//! ```sh
//! cargo run -p templates -- askama
//! ```
//!
//! The commands for the other engines end with `maud`, `minijinja` or `tera`. Each module contains
//! the engine's settings and renders one page from the same [`Page`]. The tests read each page
//! with an HTML parser: every text must be the text that was typed.

pub mod askama_page;
pub mod conversation;
pub mod engine;
pub mod maud_page;
pub mod minijinja_page;
pub mod page;
pub mod tera_page;

pub use engine::Engine;
pub use page::{MessageForm, Page};
