use frontdesk::IdempotencyKey;
use frontdesk::store::{
    Change, Commit, Epoch, NewMessage, Revision, StoredMessage, VersionedThread,
};
use frontdesk_sql::THREAD_COLUMNS;

use crate::database::Database;
use crate::error::DatabaseError;
use crate::parameters::{ElementType, Parameter};
use crate::retry::RetryBudget;
use crate::row_reader::RowReader;

/// The stored state that made a commit write nothing, read in one snapshot.
pub(crate) struct CurrentState {
    pub(crate) epoch: Epoch,
    /// The location's revision; `None` if the location has no row.
    pub(crate) location: Option<Revision>,
    pub(crate) head: Option<VersionedThread>,
    /// The index of the first message whose key is taken, and the message stored with it.
    pub(crate) taken_key: Option<(usize, StoredMessage)>,
}

impl CurrentState {
    pub(crate) async fn read(
        database: &Database,
        budget: &RetryBudget,
        commit: &Commit,
    ) -> Result<Self, DatabaseError> {
        let sql = &database.statements.current_state;
        let rows = database.run_once(budget, sql, &parameters(commit)).await?;
        Self::from_row(rows.epoch, rows.first().ok_or(DatabaseError::RetriesExhausted)?)
    }

    fn from_row(epoch: Epoch, row: RowReader<'_>) -> Result<Self, DatabaseError> {
        // The first column only marks a row.
        let mut reader = row.skip(1);
        let location = reader.read::<Option<i64>>()?.map(Revision::try_from).transpose()?;
        let mut after_thread = reader.skip(THREAD_COLUMNS.len());
        let head = reader.read_thread()?;
        let taken_key = match after_thread.read::<Option<i64>>()? {
            // An ordinality begins at 1.
            Some(ordinality) => {
                let index = usize::try_from(ordinality - 1).unwrap_or_default();
                Some((index, after_thread.read_message()?))
            }
            None => None,
        };
        Ok(Self { epoch, location, head, taken_key })
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
