//! Rows as heads, tombstones and messages, and commits as parameters.

use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

use super::errors::Failure;
use super::statements::{Adds, Shape};
use super::values::Number;
use crate::id::IdempotencyKey;
use crate::message::Message;
use crate::store::columns::{self, Value};
use crate::store::{Commit, NewMessage, Revision, Stored};

/// How many columns a head has.
pub(super) const HEAD_COLUMNS: usize = 28;

/// A column's value.
pub(super) fn column<'r, T: FromSql<'r>>(row: &'r Row, at: usize) -> Result<T, Failure> {
    row.try_get(at).map_err(|_| Failure::Column(at))
}

/// The columns of a row from one on.
struct Columns<'r> {
    row: &'r Row,
    next: usize,
}

impl<'r> Columns<'r> {
    fn next<T: FromSql<'r>>(&mut self) -> Result<T, Failure> {
        self.next += 1;
        column(self.row, self.next - 1)
    }
}

impl columns::Columns for Columns<'_> {
    type Failure = Failure;

    fn text(&mut self) -> Result<Option<String>, Failure> {
        self.next()
    }

    fn number(&mut self) -> Result<Option<i64>, Failure> {
        Ok(self.next::<Option<Number>>()?.map(|Number(number)| number))
    }

    fn flag(&mut self) -> Result<Option<bool>, Failure> {
        self.next()
    }
}

/// The location's newest revision and its unread number, from the first two columns.
pub(super) fn location(row: &Row) -> Result<(Revision, u64), Failure> {
    columns::location(&mut Columns { row, next: 0 })
}

/// The head or the tombstone in the columns from `from` on, if there is one; what it
/// cannot be names its thread.
pub(super) fn stored(row: &Row, from: usize) -> Result<Option<Stored>, Failure> {
    let mut columns = Columns { row, next: from };
    let Some(id) = columns::id(&mut columns)? else { return Ok(None) };
    match columns::stored(&id, &mut columns) {
        Ok(stored) => Ok(Some(stored)),
        Err(failure) => Err(failure.of_thread(id)),
    }
}

/// The message in the columns from `from` on.
pub(super) fn message(row: &Row, from: usize) -> Result<Message, Failure> {
    columns::message(&mut Columns { row, next: from })
}

/// What a commit's statement does.
pub(super) fn shape(commit: &Commit) -> Shape {
    Shape {
        starts: commit.expected.is_none(),
        erases: commit.next.live().is_none(),
        adds: match &commit.message {
            None => Adds::Nothing,
            Some(NewMessage { key: None, .. }) => Adds::Message,
            Some(NewMessage { key: Some(_), .. }) => Adds::MessageWithKey,
        },
    }
}

/// The key that a commit's message comes with.
pub(super) fn key(commit: &Commit) -> Option<&IdempotencyKey> {
    commit.message.as_ref()?.key.as_ref()
}

/// The parameters of a commit, all of them whatever its shape, as
/// [`Statements::commit`](super::statements::Statements::commit) numbers them.
pub(super) fn values(commit: &Commit) -> Vec<Value<'_>> {
    let Commit { next, expected, message } = commit;
    let (id, message) = (next.id(), message.as_ref().map(|new| &new.message));
    let place: [Value<'_>; 3] =
        [id.location.as_str().into(), id.booking.as_str().into(), expected.map(i64::from).into()];
    let key = Value::from(key(commit).map(IdempotencyKey::as_str));
    let parts = [&place[..], &columns::of_state(next), &columns::of_message(message), &[key]];
    parts.concat()
}
