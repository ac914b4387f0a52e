use crate::error::DatabaseError;
use crate::recovery::Recovery;

/// The highest number of connections that one call uses.
const MAX_CONNECTIONS: u32 = 3;

/// The highest number of attempts of one call. At serializable isolation only one writer of
/// a location succeeds in each round, so a call can need as many attempts as there are
/// writers.
const MAX_ATTEMPTS: u32 = 100;

/// The number of connections and attempts that one call has left.
pub(crate) struct RetryBudget {
    connections: u32,
    attempts: u32,
    /// `true` if the last error came from a prepared statement.
    failed_prepared: bool,
}

impl RetryBudget {
    pub(crate) fn new() -> Self {
        Self { connections: MAX_CONNECTIONS, attempts: MAX_ATTEMPTS, failed_prepared: false }
    }

    /// Counts a retry after an error. Returns `false` if a retry cannot help or none is
    /// left.
    pub(crate) fn allows_retry_after(&mut self, error: &DatabaseError) -> bool {
        self.failed_prepared = error.is_from_prepared_statement();
        let left = match error.recovery() {
            Recovery::Reconnect => &mut self.connections,
            Recovery::Retry => &mut self.attempts,
            Recovery::Wait | Recovery::Repair | Recovery::Unknown => return false,
        };
        *left = left.saturating_sub(1);
        *left > 0
    }

    /// Counts a retry after an attempt that wrote nothing. Returns `false` if none is left.
    pub(crate) fn allows_attempt(&mut self) -> bool {
        self.attempts = self.attempts.saturating_sub(1);
        self.attempts > 0
    }

    /// Returns `true` if the call has lost more than one connection. The other connections
    /// of the pool then probably lead to the same lost server.
    pub(crate) fn has_lost_connections(&self) -> bool {
        self.connections < MAX_CONNECTIONS - 1
    }

    /// Returns `true` if the next attempt must send its statement with the text. A pooler can
    /// lead each new connection to the same outdated prepared statement, so the last attempt
    /// uses none.
    pub(crate) fn needs_unnamed_statement(&self) -> bool {
        self.failed_prepared && self.connections == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_has_exactly_a_hundred_attempts() {
        let mut budget = RetryBudget::new();
        let attempts = 1 + (1..200).take_while(|_| budget.allows_attempt()).count();
        assert_eq!(attempts, 100);
    }
}
