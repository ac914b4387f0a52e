use frontdesk::store::{ForgottenKeys, StoreError};
use frontdesk::{LocationId, Timestamp};
use rusqlite::params;

use crate::database::Database;
use crate::database_error::DatabaseError;
use crate::reads::sql_limit;
use crate::rows;

impl Database {
    /// Forgets at most `limit` idempotency keys of messages that were sent before a time.
    pub(super) fn forget_keys(
        &self,
        location: &LocationId,
        before: Timestamp,
        limit: usize,
    ) -> Result<ForgottenKeys, StoreError> {
        self.execute("BEGIN IMMEDIATE", ()).map_err(DatabaseError::into_store_error)?;
        let forgotten = self.delete_old_keys(location, before, limit).map_err(|error| {
            self.roll_back();
            error.into_store_error()
        })?;
        self.execute("COMMIT", ()).map_err(|error| {
            self.roll_back();
            error.into_commit_error()
        })?;
        Ok(forgotten)
    }

    fn delete_old_keys(
        &self,
        location: &LocationId,
        before: Timestamp,
        limit: usize,
    ) -> Result<ForgottenKeys, DatabaseError> {
        let location = location.as_str();
        // The query reads one row more than the limit, to find out if there are more keys.
        let rows = sql_limit(limit.saturating_add(1));
        let params = params![location, before.unix_micros(), rows];
        let mut keys = self.query(self.statements.old_keys, params, rows::integer)?;
        let more = keys.len() > limit;
        keys.truncate(limit);
        for message in &keys {
            self.execute(self.statements.forget_key, [message])?;
        }
        Ok(ForgottenKeys::new(keys.len(), more))
    }
}
