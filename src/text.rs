//! Texts that people write: bodies, names, previews and encoded HTML (T1 to T8).

mod body;
mod chars;
mod clean;
mod clusters;
mod debug;
mod fast_path;
mod html;
mod limits;
mod machine;
mod name;
mod preview;
mod single_line;
mod string_serde;

pub use self::body::{BodyError, MessageBody};
pub use self::clusters::UNICODE_VERSION;
pub use self::html::EncodedHtml;
pub use self::machine::TextCleaning;
pub use self::name::DisplayName;
pub use self::preview::Preview;
pub use self::single_line::{SingleLine, SingleLineError};

#[cfg(test)]
pub(crate) use self::clusters::later_unicode;
pub(crate) use self::debug::impl_redacted_debug;
pub(crate) use self::machine::clean_machine_text;
pub(crate) use self::string_serde::impl_string_serde;
