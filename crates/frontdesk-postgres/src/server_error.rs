use std::fmt;

use tokio_postgres::error::{DbError, Severity, SqlState};

use crate::recovery::Recovery;

/// An error that the server reported.
///
/// It leaves out the server's message, detail and hint, because they can quote the body of a
/// message and other values.
#[derive(Debug, Clone)]
pub(crate) struct ServerError {
    state: SqlState,
    severity: Option<Severity>,
    /// `true` if the coordinator of Citus may have lost the connection to a worker.
    lost_worker: bool,
    table: Option<String>,
    constraint: Option<String>,
}

impl From<&DbError> for ServerError {
    fn from(error: &DbError) -> Self {
        Self {
            state: error.code().clone(),
            severity: severity(error),
            lost_worker: may_have_lost_worker(error),
            table: error.table().map(str::to_owned),
            constraint: error.constraint().map(str::to_owned),
        }
    }
}

/// Returns the severity. Poolers send only the older severity field. PostgreSQL translates the
/// value of that field, but poolers do not.
fn severity(error: &DbError) -> Option<Severity> {
    error.parsed_severity().or_else(|| match error.severity() {
        "FATAL" => Some(Severity::Fatal),
        "PANIC" => Some(Severity::Panic),
        _ => None,
    })
}

/// Returns `true` if the coordinator of Citus may have lost the connection to a worker while it
/// waited for the worker's response. Citus 13.2 reports this as an internal error (XX000), like every
/// internal error of the worker. Only the name of Citus' source file distinguishes the error from
/// internal errors of the server itself.
fn may_have_lost_worker(error: &DbError) -> bool {
    let files = ["remote_commands.c", "remote_transaction.c"];
    *error.code() == SqlState::INTERNAL_ERROR
        && error.file().is_some_and(|file| files.contains(&file))
}

impl ServerError {
    pub(crate) fn recovery(&self) -> Recovery {
        // The server closes the connection after a fatal error, whatever its code. A server
        // that cannot flush its log to a full or broken disk panics, and may find the commit
        // in the log when it starts again.
        if matches!(self.severity, Some(Severity::Fatal | Severity::Panic)) {
            return Recovery::Reconnect;
        }
        if self.lost_worker {
            return Recovery::Reconnect;
        }
        let code = self.state.code();
        match code {
            // An administrator or a crash ended the connection, possibly after the
            // transaction committed; or the completion of the statement is unknown.
            "57P01" | "57P02" | "57P03" | "57P05" | "40003" => Recovery::Reconnect,
            _ if self.is_unusable_connection() => Recovery::Reconnect,
            // Serialization failure; deadlock, also between the servers of Citus; missing
            // intermediate result of Citus, whose shard moved to another server.
            "40001" | "40P01" | "CIINF" => Recovery::Retry,
            // Cancelled by a timeout or by hand; lock not available.
            "57014" | "55P03" => Recovery::Wait,
            // Damaged table, damaged index.
            "XX001" | "XX002" => Recovery::Repair,
            _ => match code.get(..2) {
                // Connection exceptions.
                Some("08") => Recovery::Reconnect,
                // Out of memory, disk or connections; errors of the operating system.
                Some("53" | "58") => Recovery::Wait,
                _ => Recovery::Unknown,
            },
        }
    }

    /// Returns `true` if the statement did not start because of the state of the connection:
    ///
    /// - 25006: the server or the session is read-only;
    /// - 25P02: the connection was left in a failed transaction;
    /// - the server [is a standby](Self::is_from_standby), or the error
    ///   [comes from a prepared statement](Self::is_from_prepared_statement).
    pub(crate) fn is_unusable_connection(&self) -> bool {
        ["25006", "25P02"].contains(&self.state.code())
            || self.is_from_standby()
            || self.is_from_prepared_statement()
    }

    /// Returns `true` if the server is a standby, which has no current position in its
    /// write-ahead log.
    pub(crate) fn is_from_standby(&self) -> bool {
        self.state == SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE
    }

    /// Returns `true` if the prepared statement no longer exists (26000), belongs to another
    /// client of a pooler (42P05), or uses tables that were altered since (0A000).
    pub(crate) fn is_from_prepared_statement(&self) -> bool {
        ["26000", "42P05", "0A000"].contains(&self.state.code())
    }

    /// Returns `true` if the statement uses a table that does not exist.
    pub(crate) fn is_undefined_table(&self) -> bool {
        self.state == SqlState::UNDEFINED_TABLE
    }

    /// Returns `true` if the role lacks a privilege.
    pub(crate) fn is_missing_privilege(&self) -> bool {
        self.state == SqlState::INSUFFICIENT_PRIVILEGE
    }

    /// Returns `true` if another process created the same schema object first.
    pub(crate) fn is_concurrent_creation(&self) -> bool {
        [
            SqlState::UNIQUE_VIOLATION,
            SqlState::DUPLICATE_SCHEMA,
            SqlState::DUPLICATE_TABLE,
            // The row type of a table, which the server checks after the table.
            SqlState::DUPLICATE_OBJECT,
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::T_R_DEADLOCK_DETECTED,
        ]
        .contains(&self.state)
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgreSQL error {}", self.state.code())?;
        if let Some(severity) = &self.severity {
            write!(f, " ({severity})")?;
        }
        match self.state.code() {
            "25006" => f.write_str(": the server is read-only")?,
            "55000" => f.write_str(": the server is a standby")?,
            _ => {}
        }
        if let Some(table) = &self.table {
            write!(f, ", table {table}")?;
        }
        if let Some(constraint) = &self.constraint {
            write!(f, ", constraint {constraint}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
impl ServerError {
    pub(crate) fn with_code(severity: Severity, code: &str) -> Self {
        let state = SqlState::from_code(code);
        let severity = Some(severity);
        Self { state, severity, lost_worker: false, table: None, constraint: None }
    }

    pub(crate) fn of_lost_worker() -> Self {
        Self { lost_worker: true, ..Self::with_code(Severity::Error, "XX000") }
    }
}
