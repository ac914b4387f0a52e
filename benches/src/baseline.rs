//! The baseline for the stores: SQL that a host application would write by hand.
//!
//! The baseline uses one SQLite connection with prepared statements and the schema of
//! `SqliteStore`. It validates, numbers and counts like the library, and every operation is
//! one transaction.

pub mod rows;
pub mod setup;
pub mod verify;

use std::error::Error;

use frontdesk::store::KeyQuery;
use frontdesk::{
    BookingId, IdempotencyKey, LocationId, MessageBody, ParticipantId, Preview, Role, ThreadId,
    Timestamp,
};
use frontdesk_sql::KeyDigest;
use rusqlite::{Connection, OptionalExtension, Row, Statement, params};

use self::rows::{MESSAGE_COLUMNS, MessageRow, THREAD_COLUMNS, ThreadRow};

/// The largest number of changed threads that a poll reads.
const MAX_CHANGES: i64 = 1_001;

/// The prepared statements of one connection.
#[derive(Debug)]
pub struct Baseline<'c> {
    begin: Statement<'c>,
    begin_immediate: Statement<'c>,
    commit: Statement<'c>,
    find_key: Statement<'c>,
    thread_state: Statement<'c>,
    next_revision: Statement<'c>,
    update_by_customer: Statement<'c>,
    update_by_operator: Statement<'c>,
    find_author: Statement<'c>,
    insert_author: Statement<'c>,
    insert_message: Statement<'c>,
    counts: Statement<'c>,
    inbox: Statement<'c>,
    changes: Statement<'c>,
    thread: Statement<'c>,
    newest_messages: Statement<'c>,
    messages_after: Statement<'c>,
}

/// A message for an existing thread.
#[derive(Debug)]
pub struct PostRequest<'a> {
    /// The location's id.
    pub location: &'a str,
    /// The booking's id.
    pub booking: &'a str,
    /// The author's role.
    pub role: Role,
    /// The author's id.
    pub author: &'a str,
    /// The idempotency key.
    pub key: &'a str,
    /// The text.
    pub text: &'a str,
    /// The time of writing.
    pub at: Timestamp,
}

/// The counters of a location.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// The newest revision.
    pub revision: i64,
    /// The number of unread threads.
    pub unread: i64,
    /// The number of threads in which a customer waits for a reply.
    pub waiting: i64,
}

/// The columns from which the next message of a thread is computed.
struct ThreadState {
    thread_no: i64,
    created_at: i64,
    last_number: i64,
    is_unread: bool,
    customer_messages: i64,
    operator_messages: i64,
    active_at: i64,
    is_waiting: bool,
}

impl ThreadState {
    const COLUMNS: &str = "last_number, unread, customer_messages, operator_messages, \
        coalesce(last_at, created_at), waiting_since IS NOT NULL, thread_no, created_at";

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            last_number: row.get(0)?,
            is_unread: row.get(1)?,
            customer_messages: row.get(2)?,
            operator_messages: row.get(3)?,
            active_at: row.get(4)?,
            is_waiting: row.get(5)?,
            thread_no: row.get(6)?,
            created_at: row.get(7)?,
        })
    }
}

/// Returns the SQL statement that updates a thread when the side `own` (`customer` or
/// `operator`) posts a message. An author has read their own message, so the statement also
/// moves the read mark of `own` to this message. `unread` is the new value of the column with
/// this name. A customer's message starts a wait, and an operator's message ends it.
fn update_thread(own: &str, other: &str, unread: bool) -> String {
    let waiting_since = if unread { "coalesce(waiting_since, ?4)" } else { "NULL" };
    format!(
        "UPDATE head SET revision = ?2, last_number = ?3, newest_first = -?4, \
         unread = {unread}, waiting_since = {waiting_since}, \
         {own}_messages = {own}_messages + 1, last_role = ?5, last_at = ?4, preview = ?6, \
         preview_cut = ?7, {own}_number = ?3, {own}_covered = {other}_messages, \
         {own}_furthest = max({own}_furthest, ?3), {own}_set_at = ?4 \
         WHERE thread_no = ?1"
    )
}

impl<'c> Baseline<'c> {
    /// Prepares all statements.
    pub fn new(connection: &'c Connection) -> rusqlite::Result<Self> {
        let prepare = |sql: &str| connection.prepare(sql);
        let threads = |condition: &str| {
            prepare(&format!("SELECT {THREAD_COLUMNS} FROM head WHERE location = ?1 {condition}"))
        };
        let messages = |condition: &str| {
            prepare(&format!(
                "SELECT {MESSAGE_COLUMNS} FROM head CROSS JOIN message \
                 JOIN participant USING (thread_no, participant_no) \
                 WHERE location = ?1 AND booking = ?2 AND id BETWEEN \
                 (head.thread_no << 31) + ?3 AND (head.thread_no << 31) + 2147483647 {condition}"
            ))
        };
        Ok(Self {
            begin: prepare("BEGIN")?,
            begin_immediate: prepare("BEGIN IMMEDIATE")?,
            commit: prepare("COMMIT")?,
            find_key: prepare(
                "SELECT number FROM head CROSS JOIN message \
                 WHERE location = ?1 AND booking = ?2 AND key_digest = ?3 \
                 AND id BETWEEN (head.thread_no << 31) AND (head.thread_no << 31) + 64 \
                 UNION ALL SELECT number FROM head JOIN message USING (thread_no) \
                 WHERE location = ?1 AND booking = ?2 AND key_digest = ?3 AND number > 64",
            )?,
            thread_state: prepare(&format!(
                "SELECT {} FROM head WHERE location = ?1 AND booking = ?2",
                ThreadState::COLUMNS
            ))?,
            next_revision: prepare(
                "UPDATE location SET revision = revision + 1, unread = unread + ?2, \
                 waiting = waiting + ?3 WHERE location = ?1 RETURNING revision",
            )?,
            update_by_customer: prepare(&update_thread("customer", "operator", true))?,
            update_by_operator: prepare(&update_thread("operator", "customer", false))?,
            find_author: prepare(
                "SELECT participant_no FROM participant \
                 WHERE thread_no = ?1 AND role = ?2 AND author = ?3 AND name IS NULL",
            )?,
            insert_author: prepare(
                "INSERT INTO participant (thread_no, participant_no, role, author) VALUES (?1, \
                 (SELECT coalesce(max(participant_no) + 1, 0) FROM participant \
                 WHERE thread_no = ?1), ?2, ?3) RETURNING participant_no",
            )?,
            insert_message: prepare(
                "INSERT INTO message (id, bits, participant_no, key_digest, body, sent_after, \
                 revision) \
                 VALUES ((?1 << 31) + ?2, ?3 << 2, ?4, ?5, ?6, ?7, ?8)",
            )?,
            counts: prepare("SELECT revision, unread, waiting FROM location WHERE location = ?1")?,
            inbox: threads("AND newest_first IS NOT NULL ORDER BY newest_first, booking LIMIT ?2")?,
            changes: threads("AND revision > ?2 ORDER BY revision LIMIT ?3")?,
            thread: threads("AND booking = ?2")?,
            newest_messages: messages("ORDER BY id DESC LIMIT ?4")?,
            messages_after: messages("ORDER BY id LIMIT ?4")?,
        })
    }

    /// Posts a message and returns its number. If the thread already has a message with the
    /// same key, posts nothing and returns the number of that message.
    pub fn post(&mut self, post: &PostRequest<'_>) -> Result<i64, Box<dyn Error>> {
        let &PostRequest { location, booking, role, author, text, at, .. } = post;
        let body = MessageBody::new(text)?;
        let preview = Preview::of(&body);
        let role_code = role.code();
        let digest = digest(post)?;

        self.begin_immediate.execute(())?;
        let sent: Option<i64> = self
            .find_key
            .query_row(params![location, booking, digest], |row| row.get(0))
            .optional()?;
        if let Some(number) = sent {
            self.commit.execute(())?;
            return Ok(number);
        }
        let thread = self.thread_state.query_row(params![location, booking], ThreadState::read)?;
        let number = thread.last_number + 1;
        let at = at.unix_micros().max(thread.active_at);
        // A customer's message leaves the thread unread and waiting, an operator's message neither.
        let after = i64::from(role == Role::Customer);
        let unread = after - i64::from(thread.is_unread);
        let waiting = after - i64::from(thread.is_waiting);
        let revision: i64 =
            self.next_revision.query_row(params![location, unread, waiting], |row| row.get(0))?;
        let (update, own_messages) = match role {
            Role::Customer => (&mut self.update_by_customer, thread.customer_messages),
            Role::Operator => (&mut self.update_by_operator, thread.operator_messages),
        };
        let (shown, is_cut) = (preview.as_str(), preview.is_cut());
        let thread_no = thread.thread_no;
        update.execute(params![thread_no, revision, number, at, role_code, shown, is_cut])?;
        let values = params![thread_no, role_code, author];
        let found = self.find_author.query_row(values, |row| row.get(0)).optional()?;
        let participant: i64 = match found {
            Some(participant) => participant,
            None => self.insert_author.query_row(values, |row| row.get(0))?,
        };
        let (ordinal, text, after) = (own_messages + 1, body.as_str(), at - thread.created_at);
        self.insert_message.execute(params![
            thread_no,
            number,
            ordinal,
            participant,
            digest,
            text,
            after,
            revision
        ])?;
        self.commit.execute(())?;
        Ok(number)
    }

    /// Returns the counters of a location and the first `limit` threads of its inbox. If there
    /// is a next page, the list has one thread more.
    pub fn page(
        &mut self,
        location: &str,
        limit: i64,
    ) -> rusqlite::Result<(Counts, Vec<ThreadRow>)> {
        self.begin.execute(())?;
        let counts = self.counts(location)?;
        let threads: Result<_, _> =
            self.inbox.query_map(params![location, limit + 1], ThreadRow::read)?.collect();
        self.commit.execute(())?;
        Ok((counts, threads?))
    }

    /// Returns a thread and its newest messages, oldest first.
    pub fn history(
        &mut self,
        location: &str,
        booking: &str,
        limit: i64,
    ) -> rusqlite::Result<(ThreadRow, Vec<MessageRow>)> {
        let thread = self.thread.query_row(params![location, booking], ThreadRow::read)?;
        let values = params![location, booking, 1, limit];
        let messages = self.newest_messages.query_map(values, MessageRow::read)?;
        let mut messages = messages.collect::<Result<Vec<_>, _>>()?;
        messages.reverse();
        Ok((thread, messages))
    }

    /// Returns up to `limit` messages of a thread after a number, oldest first.
    pub fn messages_after(
        &mut self,
        location: &str,
        booking: &str,
        number: i64,
        limit: i64,
    ) -> rusqlite::Result<Vec<MessageRow>> {
        let values = params![location, booking, number + 1, limit];
        self.messages_after.query_map(values, MessageRow::read)?.collect()
    }

    /// Returns the counters of a location and the threads that changed after a revision.
    pub fn poll(
        &mut self,
        location: &str,
        since: i64,
    ) -> rusqlite::Result<(Counts, Vec<ThreadRow>)> {
        self.begin.execute(())?;
        let counts = self.counts(location)?;
        let changed = if counts.revision > since {
            let values = params![location, since, MAX_CHANGES];
            self.changes.query_map(values, ThreadRow::read)?.collect()
        } else {
            Ok(Vec::new())
        };
        self.commit.execute(())?;
        Ok((counts, changed?))
    }

    fn counts(&mut self, location: &str) -> rusqlite::Result<Counts> {
        self.counts.query_row([location], |row| {
            Ok(Counts { revision: row.get(0)?, unread: row.get(1)?, waiting: row.get(2)? })
        })
    }
}

/// Computes the digest of the key of a message, as `SqliteStore` stores it.
fn digest(post: &PostRequest<'_>) -> Result<Vec<u8>, Box<dyn Error>> {
    let thread = ThreadId::new(LocationId::new(post.location)?, BookingId::new(post.booking)?);
    let (author, key) = (ParticipantId::new(post.author)?, IdempotencyKey::new(post.key)?);
    let query = KeyQuery { thread: &thread, role: post.role, author: &author, key: &key };
    Ok(KeyDigest::of(&query).to_bytes()[..12].to_vec())
}
