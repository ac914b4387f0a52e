//! Readers of exports from other systems.
//!
//! Each reader turns a file into [`ExportedConversation`]s. `docs/exports.md` lists what each reader
//! keeps, what it leaves out, and the documentation that it was written from.

mod chatwoot;
mod clean;
mod conversation;
mod file;
mod format;
mod html_parser;
mod html_text;
mod intercom;
mod json_id;
mod json_time;
mod local_time;
mod settings;
mod telegram;
mod telegram_json;
mod whatsapp;
mod whatsapp_line;
mod whatsapp_text;
mod zendesk;

pub use conversation::{ExportedConversation, ExportedMessage, LeftOut};
pub use file::{ExportError, ExportFile};
pub use format::Format;
pub use settings::{DateOrder, ReadSettings, parse_zone};
