use frontdesk::IdempotencyKey;
use frontdesk::store::{
    Change, Commit, Epoch, NewMessage, Revision, StoredMessage, VersionedThread,
};
use frontdesk_sql::THREAD_COLUMNS;

use crate::database::Database;
use crate::error::DatabaseError;
use crate::key_lookup::new_key_digest;
use crate::keyed_parameters::KeyedParameters;
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
        let parameters = parameters(commit);
        let rows =
            database.run_keyed(budget, |statements| &statements.current_state, &parameters).await?;
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

/// Returns the thread's id, the roles, authors and digests of the commit's messages, and their
/// keys. The digest of a message without a key is NULL and matches no row.
fn parameters(commit: &Commit) -> KeyedParameters<'_> {
    let id = commit.id();
    let messages: &[NewMessage] = match commit.change() {
        Change::Messages(messages) => messages,
        Change::None | Change::Redact(_) | Change::RedactAuthor(_) => &[],
    };
    let authors = || messages.iter().map(|new| new.message.author());
    let digests = messages.iter().map(|new| new_key_digest(id, new));
    let keys = messages.iter().map(|new| new.key.as_ref().map(IdempotencyKey::as_str));
    let parameters = vec![
        id.location.as_str().into(),
        id.booking.as_str().into(),
        Parameter::array(ElementType::Integer, authors().map(|author| author.role.code())),
        Parameter::array(ElementType::Text, authors().map(|author| author.id.as_str())),
        Parameter::array(ElementType::Integer, digests),
    ];
    KeyedParameters::new(parameters, Some(Parameter::array(ElementType::Text, keys)))
}
