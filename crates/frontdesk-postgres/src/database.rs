use std::sync::{PoisonError, RwLock};

use frontdesk_sql::Value;

use crate::answer_rows::AnswerRows;
use crate::connections::{Connections, QueryFailure};
use crate::epoch::{ON_PRIMARY, random_token};
use crate::error::DatabaseError;
use crate::key_lookup::KeyPlaces;
use crate::key_statements::KeyStatements;
use crate::parameters::Parameter;
use crate::retry::RetryBudget;
use crate::row_reader::RowReader;
use crate::schema::Schema;
use crate::statements::Statements;

/// The connections and the statements.
pub(crate) struct Database {
    pub(crate) connections: Connections,
    pub(crate) statements: Statements,
    keys_in_messages: KeyStatements,
    keys_in_messages_and_table: KeyStatements,
    /// The places of the keys; `None` until a statement needs them or `migrate` has read them.
    key_places: RwLock<Option<KeyPlaces>>,
    /// The quoted name of the table `idempotency_key`.
    key_table: String,
}

impl Database {
    pub(crate) fn new(connections: Connections, schema: &Schema) -> Self {
        Self {
            connections,
            statements: Statements::new(schema),
            keys_in_messages: KeyStatements::new(schema, KeyPlaces::Messages),
            keys_in_messages_and_table: KeyStatements::new(schema, KeyPlaces::MessagesAndTable),
            key_places: RwLock::default(),
            key_table: schema.qualify("schema.idempotency_key"),
        }
    }

    pub(crate) fn set_key_places(&self, places: KeyPlaces) {
        *self.key_places.write().unwrap_or_else(PoisonError::into_inner) = Some(places);
    }

    /// Returns the statements for the places where the database stores the keys.
    pub(crate) async fn key_statements(
        &self,
        budget: &RetryBudget,
    ) -> Result<&KeyStatements, DatabaseError> {
        let known = *self.key_places.read().unwrap_or_else(PoisonError::into_inner);
        let places = match known {
            Some(places) => places,
            None => {
                let places = self.find_key_places(budget).await?;
                self.set_key_places(places);
                places
            }
        };
        Ok(match places {
            KeyPlaces::Messages => &self.keys_in_messages,
            KeyPlaces::MessagesAndTable => &self.keys_in_messages_and_table,
        })
    }

    async fn find_key_places(&self, budget: &RetryBudget) -> Result<KeyPlaces, DatabaseError> {
        let sql = format!("SELECT pg_catalog.to_regclass($1) IS NOT NULL WHERE {ON_PRIMARY}");
        let name = [Parameter::from(Value::from(self.key_table.as_str()))];
        let rows = self.connections.query_once(budget, &sql, &name).await?;
        let row = rows.first().ok_or(DatabaseError::RetriesExhausted)?;
        let has_table = RowReader::new(row).read()?;
        Ok(if has_table { KeyPlaces::MessagesAndTable } else { KeyPlaces::Messages })
    }

    /// Runs a statement that uses keys, once. `keys` is its last parameter: a key, an array of
    /// keys, or `None` if the statement has no such parameter. If a migration has removed the table
    /// `idempotency_key`, the statement has not started. Then this method runs the statement for
    /// the new places.
    pub(crate) async fn run_keyed<'p>(
        &self,
        budget: &RetryBudget,
        sql: impl Fn(&KeyStatements) -> &str,
        mut parameters: Vec<Parameter<'p>>,
        keys: Option<Parameter<'p>>,
    ) -> Result<AnswerRows, QueryFailure> {
        let statements = self.key_statements(budget).await?;
        let count = parameters.len();
        parameters.extend(keys);
        match statements.places {
            KeyPlaces::Messages => {
                return self.run_once(budget, sql(statements), &parameters[..count]).await;
            }
            KeyPlaces::MessagesAndTable => {
                match self.run_once(budget, sql(statements), &parameters).await {
                    Err(failure) if failure.error.is_undefined_table() => {}
                    outcome => return outcome,
                }
            }
        }
        self.set_key_places(KeyPlaces::Messages);
        self.run_once(budget, sql(&self.keys_in_messages), &parameters[..count]).await
    }

    /// Runs a statement that may be executed twice, such as a read.
    pub(crate) async fn read(
        &self,
        sql: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<AnswerRows, DatabaseError> {
        let mut budget = RetryBudget::new();
        loop {
            match self.run_once(&budget, sql, parameters).await {
                Ok(rows) => return Ok(rows),
                Err(failure) if budget.allows_retry_after(&failure.error) => {}
                Err(failure) => return Err(failure.error),
            }
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
        Ok(AnswerRows::new(self.connections.query_once(budget, sql, parameters).await?)?)
    }
}
