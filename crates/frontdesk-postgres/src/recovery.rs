/// The action after which a failed call can succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recovery {
    /// Send the statement again on another connection. The server may have executed the first
    /// attempt.
    Reconnect,
    /// Send the statement again. The server rolled it back in favour of another transaction.
    Retry,
    /// Wait. Nothing was written.
    Wait,
    /// Repair the stored data. Nothing was written.
    Repair,
    /// No known action. Nothing was written.
    Unknown,
}
