use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::clock::Clock;
use super::event::{Event, Listener};
use crate::Timestamp;
use crate::cursor::CursorEpoch;
use crate::epoch::Epoch;
use crate::store::ThreadStore;

/// The store and the settings that a `FrontDesk` shares with all desks that it makes.
pub(super) struct DeskContext {
    pub(super) store: Arc<dyn ThreadStore>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) listener: Option<Arc<dyn Listener>>,
    pub(super) max_body_chars: usize,
    /// The epoch that the host application has set.
    pub(super) epoch: u64,
}

impl DeskContext {
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Notifies the listener, if there is one. A panic of the listener must not turn a committed
    /// change into an error for the caller.
    pub(super) fn emit(&self, event: impl FnOnce() -> Event) {
        if let Some(listener) = &self.listener {
            let event = event();
            let notified = catch_unwind(AssertUnwindSafe(|| listener.notify(&event)));
            // The panic hook has already reported the panic.
            drop(notified);
        }
    }

    /// Returns the epoch for a new cursor: the epoch of the host application together with `epoch`,
    /// which is the epoch of the store's answer.
    pub(super) fn cursor_epoch(&self, epoch: Epoch) -> CursorEpoch {
        CursorEpoch { host: self.epoch, store: epoch }
    }
}

impl fmt::Debug for DeskContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FrontDesk")
            .field("max_body_chars", &self.max_body_chars)
            .field("epoch", &self.epoch)
            .finish_non_exhaustive()
    }
}
