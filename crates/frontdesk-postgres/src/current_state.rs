use frontdesk::IdempotencyKey;
use frontdesk::store::{Change, Commit, NewMessage, Revision, StoredMessage, VersionedThread};
use frontdesk_sql::THREAD_COLUMNS;
use tokio_postgres::Row;

use crate::connections::Connections;
use crate::error::DatabaseError;
use crate::parameters::{ElementType, Parameter};
use crate::retry::RetryBudget;
use crate::row_reader::RowReader;
use crate::statements::Statements;

/// The stored state that made a commit write nothing, read in one snapshot.
pub(crate) struct CurrentState {
    /// The location's revision; `None` if the location has no row.
    pub(crate) location: Option<Revision>,
    pub(crate) head: Option<VersionedThread>,
    /// The index of the first message whose key is taken, and the message stored with it.
    pub(crate) taken_key: Option<(usize, StoredMessage)>,
}

impl CurrentState {
    pub(crate) async fn read(
        connections: &Connections,
        statements: &Statements,
        budget: &RetryBudget,
        commit: &Commit,
    ) -> Result<Self, DatabaseError> {
        let rows =
            connections.query_once(budget, &statements.current_state, &parameters(commit)).await?;
        let row = rows.first().ok_or(DatabaseError::RetriesExhausted)?;
        Self::from_row(row)
    }

    fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        let mut reader = RowReader::new(row);
        let location = reader.read::<Option<i64>>()?.map(Revision::try_from).transpose()?;
        let head = reader.read_thread()?;
        let mut reader = RowReader::from_column(row, 1 + THREAD_COLUMNS.len());
        let taken_key = match reader.read::<Option<i64>>()? {
            // An ordinality begins at 1.
            Some(ordinality) => {
                let index = usize::try_from(ordinality - 1).unwrap_or_default();
                Some((index, reader.read_message()?))
            }
            None => None,
        };
        Ok(Self { location, head, taken_key })
    }
}

/// Returns the thread's id and the roles, authors and keys of the commit's messages. The key
/// of a message without one is NULL and matches no row.
fn parameters(commit: &Commit) -> [Parameter<'_>; 5] {
    let id = commit.id();
    let messages: &[NewMessage] = match commit.change() {
        Change::Messages(messages) => messages,
        Change::None | Change::Redact(_) | Change::RedactAuthor(_) => &[],
    };
    let authors = || messages.iter().map(|new| new.message.author());
    let keys = messages.iter().map(|new| new.key.as_ref().map(IdempotencyKey::as_str));
    [
        id.location.as_str().into(),
        id.booking.as_str().into(),
        Parameter::array(ElementType::Integer, authors().map(|author| author.role.code())),
        Parameter::array(ElementType::Text, authors().map(|author| author.id.as_str())),
        Parameter::array(ElementType::Text, keys),
    ]
}
