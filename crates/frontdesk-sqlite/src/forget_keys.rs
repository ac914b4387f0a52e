use frontdesk::store::{ForgottenKeys, StoreError};
use frontdesk::{LocationId, Timestamp};
use rusqlite::params;

use crate::database::Database;
use crate::database_error::DatabaseError;
use crate::forget_progress::{ForgetProgress, KeyPosition};
use crate::reads::sql_limit;

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
        let last = self.forget_progress.take();
        let last = last.filter(|last| last.location == *location && last.before == before);
        let mut start = last.map(|last| last.key);
        let mut removed = 0;
        loop {
            let after = start.clone().unwrap_or_default();
            let rest = limit - removed;
            // The query reads one row more than the limit, to find out if there are more keys.
            let rows = sql_limit(rest.saturating_add(1));
            let params =
                params![location.as_str(), before.unix_micros(), after.booking, after.number, rows];
            let mut keys = self.query(self.statements.old_keys, params, KeyPosition::read)?;
            let more = keys.len() > rest;
            keys.truncate(rest);
            for KeyPosition { message, .. } in &keys {
                self.execute(self.statements.forget_key, [message])?;
            }
            removed += keys.len();
            if more {
                let key = keys.pop().unwrap_or(after);
                let location = location.clone();
                self.forget_progress.set(Some(ForgetProgress { location, before, key }));
            }
            // A thread before the start can have got an old message meanwhile, or the transaction of the
            // previous call can have failed. So only a search from the beginning finds that there are
            // no more keys.
            if more || start.take().is_none() {
                return Ok(ForgottenKeys::new(removed, more));
            }
        }
    }
}
