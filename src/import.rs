//! The import of a conversation from another system (I5).
//!
//! [`AdminDesk::import`](crate::AdminDesk::import) stores the messages of one thread with their
//! original times, authors and external ids. The host application describes the thread as a
//! [`ThreadImport`], and the answer is an [`Imported`]. The page [moving in](crate::moving_in) is
//! the guide.

mod answer;
mod mark;
mod message;
mod out_of_order;
mod plan;
mod refused;
mod thread_import;

pub use answer::Imported;
pub use mark::ImportMark;
pub use message::ImportedMessage;
pub use out_of_order::OutOfOrderImport;
pub(crate) use plan::{ImportLimits, ImportPlan, PlannedBatch};
pub use refused::{RefusalReason, RefusedMessage};
pub use thread_import::ThreadImport;
