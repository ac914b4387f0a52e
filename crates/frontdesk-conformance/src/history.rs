#![doc = include_str!("../docs/checking-histories.md")]

mod anomaly;
mod call;
mod check;
mod decode;
mod digest;
mod encode;
mod epoch_base;
mod file;
mod finding;
mod forgotten;
mod line;
mod location_reads;
mod message_range;
mod names;
mod order;
mod placement;
mod reader;
mod recorder;
mod shown_messages;
mod slots;
mod span;
mod thread_reads;
mod timeline;

pub use anomaly::{Anomaly, AnomalyCall, AnomalyKind, HistoryReport, MAX_ANOMALIES};
pub use check::check;
pub use file::HistoryFile;
pub use reader::{History, HistoryError};
pub use recorder::HistoryRecorder;
