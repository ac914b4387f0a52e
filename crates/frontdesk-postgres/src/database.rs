use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use frontdesk::store::Epoch;

use crate::answer_rows::AnswerRows;
use crate::connections::{Connections, QueryFailure};
use crate::engine::Engine;
use crate::epoch::random_token;
use crate::error::DatabaseError;
use crate::key_lookup::KeyPlaces;
use crate::key_statements::KeyStatements;
use crate::keyed_parameters::KeyedParameters;
use crate::parameters::Parameter;
use crate::retry::RetryBudget;
use crate::schema::Schema;
use crate::statements::{ReadStatement, Statements};

/// The connections and the statements.
pub(crate) struct Database {
    pub(crate) connections: Connections,
    pub(crate) statements: Statements,
    keys_in_messages: KeyStatements,
    keys_in_messages_and_table: KeyStatements,
    /// `true` if the table `idempotency_key` does not exist. `migrate` or a failed statement finds
    /// this out.
    has_no_key_table: AtomicBool,
    /// The epoch of the last answer.
    epoch: Mutex<Option<Epoch>>,
}

impl Database {
    pub(crate) fn new(connections: Connections, schema: &Schema, engine: Engine) -> Self {
        Self {
            connections,
            statements: Statements::new(schema, engine),
            keys_in_messages: KeyStatements::new(schema, engine, KeyPlaces::Messages),
            keys_in_messages_and_table: KeyStatements::new(
                schema,
                engine,
                KeyPlaces::MessagesAndTable,
            ),
            // Distributed tables have the newest schema.
            has_no_key_table: AtomicBool::new(engine == Engine::Citus),
            epoch: Mutex::new(None),
        }
    }

    pub(crate) fn set_key_places(&self, places: KeyPlaces) {
        self.has_no_key_table.store(places == KeyPlaces::Messages, Relaxed);
    }

    /// Returns the statements for the places where the database stores the keys.
    pub(crate) fn key_statements(&self) -> &KeyStatements {
        if self.has_no_key_table.load(Relaxed) {
            &self.keys_in_messages
        } else {
            &self.keys_in_messages_and_table
        }
    }

    /// Runs a statement that uses keys, once. If the table `idempotency_key` does not exist, the
    /// statement has not started. Then this method runs the statement without the table.
    pub(crate) async fn run_keyed(
        &self,
        budget: &RetryBudget,
        sql: impl Fn(&KeyStatements) -> &str,
        parameters: &KeyedParameters<'_>,
    ) -> Result<AnswerRows, QueryFailure> {
        let statements = self.key_statements();
        let places = statements.places;
        let outcome = self.run_once(budget, sql(statements), parameters.for_places(places)).await;
        match outcome {
            Err(failure)
                if places == KeyPlaces::MessagesAndTable && failure.error.is_undefined_table() =>
            {
                self.set_key_places(KeyPlaces::Messages);
                let parameters = parameters.for_places(KeyPlaces::Messages);
                self.run_once(budget, sql(&self.keys_in_messages), parameters).await
            }
            outcome => outcome,
        }
    }

    /// Runs a read that uses keys.
    pub(crate) async fn read_keyed(
        &self,
        sql: impl Fn(&KeyStatements) -> &str,
        parameters: &KeyedParameters<'_>,
    ) -> Result<AnswerRows, DatabaseError> {
        let mut budget = RetryBudget::new();
        loop {
            match self.run_keyed(&budget, &sql, parameters).await {
                Ok(rows) => return Ok(rows),
                Err(failure) if budget.allows_retry_after(&failure.error) => {}
                Err(failure) => return Err(failure.error),
            }
        }
    }

    /// Runs a read.
    pub(crate) async fn read(
        &self,
        statement: &ReadStatement,
        parameters: &[Parameter<'_>],
    ) -> Result<AnswerRows, DatabaseError> {
        if let Some(rows) =
            self.read_if_current(statement.if_current.as_deref(), parameters).await?
        {
            return Ok(rows);
        }
        let mut budget = RetryBudget::new();
        loop {
            match self.run_once(&budget, &statement.text, parameters).await {
                Ok(rows) => return Ok(rows),
                Err(failure) if budget.allows_retry_after(&failure.error) => {}
                Err(failure) => return Err(failure.error),
            }
        }
    }

    /// Runs a statement whose last parameter is the token of the epoch of the last answer. Returns
    /// `None` if it returns no rows.
    pub(crate) async fn read_if_current(
        &self,
        sql: Option<&str>,
        parameters: &[Parameter<'_>],
    ) -> Result<Option<AnswerRows>, DatabaseError> {
        let (Some(sql), Some(epoch)) = (sql, self.last_epoch()) else { return Ok(None) };
        let token = Parameter::from(epoch.get().cast_signed());
        match self.connections.query_with_retry(sql, &[parameters, &[token]].concat()).await {
            Ok(rows) if rows.is_empty() => Ok(None),
            Ok(rows) => Ok(Some(AnswerRows::of_epoch(epoch, rows))),
            // The shard has moved to another server.
            Err(error) if error.is_undefined_table() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Runs a statement once. If the server's timeline has no token yet, the statement has
    /// written nothing. Then this method stores a token and runs the statement again.
    pub(crate) async fn run_once(
        &self,
        budget: &RetryBudget,
        sql: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<AnswerRows, QueryFailure> {
        if let Some(rows) = self.try_run(budget, sql, parameters).await? {
            return Ok(rows);
        }
        let token = [Parameter::from(random_token())];
        let stored = self.connections.query_once(budget, &self.statements.store_token, &token);
        // The outcome of `sql` is known even if the outcome of this statement is not.
        stored.await.map_err(|failure| failure.error)?;
        let rows = self.try_run(budget, sql, parameters).await?;
        rows.ok_or_else(|| DatabaseError::NoEpoch.into())
    }

    async fn try_run(
        &self,
        budget: &RetryBudget,
        sql: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Option<AnswerRows>, QueryFailure> {
        let rows = AnswerRows::new(self.connections.query_once(budget, sql, parameters).await?)?;
        if let Some(rows) = &rows {
            *self.epoch.lock().unwrap_or_else(PoisonError::into_inner) = Some(rows.epoch);
        }
        Ok(rows)
    }

    fn last_epoch(&self) -> Option<Epoch> {
        *self.epoch.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
