//! The baseline for the stores: SQL that a host application would write by hand.
//!
//! The baseline uses one SQLite connection with prepared statements and the schema of
//! `SqliteStore`. It validates, numbers and counts like the library, and every operation is
//! one transaction.

pub mod rows;
pub mod setup;
pub mod verify;

use std::error::Error;

use frontdesk::{MessageBody, Preview, Role, Timestamp};
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
    insert_message: Statement<'c>,
    insert_key: Statement<'c>,
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
    last_number: i64,
    is_unread: bool,
    customer_messages: i64,
    operator_messages: i64,
    active_at: i64,
    is_waiting: bool,
}

impl ThreadState {
    const COLUMNS: &str = "last_number, unread, customer_messages, operator_messages, \
        coalesce(last_at, created_at), waiting_since IS NOT NULL";

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            last_number: row.get(0)?,
            is_unread: row.get(1)?,
            customer_messages: row.get(2)?,
            operator_messages: row.get(3)?,
            active_at: row.get(4)?,
            is_waiting: row.get(5)?,
        })
    }
}

/// Returns the SQL statement that updates a thread when the side `own` (`customer` or
/// `operator`) posts a message. An author has read their own message, so the statement also
/// moves the read mark of `own` to this message. `unread` is the new value of the column with
/// this name. A customer's message starts a wait, and an operator's message ends it.
fn update_thread(own: &str, other: &str, unread: bool) -> String {
    let waiting_since = if unread { "coalesce(waiting_since, ?5)" } else { "NULL" };
    format!(
        "UPDATE thread SET revision = ?3, last_number = ?4, newest_first = -?5, \
         unread = {unread}, waiting_since = {waiting_since}, {own}_messages = {own}_messages + 1, last_role = ?6, last_at = ?5, \
         preview = ?7, preview_cut = ?8, {own}_number = ?4, {own}_covered = {other}_messages, \
         {own}_furthest = max({own}_furthest, ?4), {own}_set_at = ?5 \
         WHERE location = ?1 AND booking = ?2"
    )
}

impl<'c> Baseline<'c> {
    /// Prepares all statements.
    pub fn new(connection: &'c Connection) -> rusqlite::Result<Self> {
        let prepare = |sql: &str| connection.prepare(sql);
        let threads = |condition: &str| {
            prepare(&format!("SELECT {THREAD_COLUMNS} FROM thread WHERE location = ?1 {condition}"))
        };
        let messages = |condition: &str| {
            prepare(&format!(
                "SELECT {MESSAGE_COLUMNS} FROM message \
                 WHERE location = ?1 AND booking = ?2 {condition}"
            ))
        };
        Ok(Self {
            begin: prepare("BEGIN")?,
            begin_immediate: prepare("BEGIN IMMEDIATE")?,
            commit: prepare("COMMIT")?,
            find_key: prepare(
                "SELECT number FROM idempotency_key WHERE location = ?1 AND booking = ?2 \
                 AND role = ?3 AND author = ?4 AND key = ?5",
            )?,
            thread_state: prepare(&format!(
                "SELECT {} FROM thread WHERE location = ?1 AND booking = ?2",
                ThreadState::COLUMNS
            ))?,
            next_revision: prepare(
                "UPDATE location SET revision = revision + 1, unread = unread + ?2, \
                 waiting = waiting + ?3 WHERE location = ?1 RETURNING revision",
            )?,
            update_by_customer: prepare(&update_thread("customer", "operator", true))?,
            update_by_operator: prepare(&update_thread("operator", "customer", false))?,
            insert_message: prepare(&format!(
                "INSERT INTO message (location, booking, {MESSAGE_COLUMNS}) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
            ))?,
            insert_key: prepare(
                "INSERT INTO idempotency_key (location, booking, role, author, key, number) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?,
            counts: prepare("SELECT revision, unread, waiting FROM location WHERE location = ?1")?,
            inbox: threads("AND newest_first IS NOT NULL ORDER BY newest_first, booking LIMIT ?2")?,
            changes: threads("AND revision > ?2 ORDER BY revision LIMIT ?3")?,
            thread: threads("AND booking = ?2")?,
            newest_messages: messages("ORDER BY number DESC LIMIT ?3")?,
            messages_after: messages("AND number > ?3 ORDER BY number LIMIT ?4")?,
        })
    }

    /// Posts a message and returns its number. If the thread already has a message with the
    /// same key, posts nothing and returns the number of that message.
    pub fn post(&mut self, post: &PostRequest<'_>) -> Result<i64, Box<dyn Error>> {
        let &PostRequest { location, booking, role, author, key, text, at } = post;
        let body = MessageBody::new(text)?;
        let preview = Preview::of(&body);
        let role_code = i64::from(role == Role::Operator);

        self.begin_immediate.execute(())?;
        let sent: Option<i64> = self
            .find_key
            .query_row(params![location, booking, role_code, author, key], |row| row.get(0))
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
        update
            .execute(params![location, booking, revision, number, at, role_code, shown, is_cut])?;
        let message = MessageRow {
            number,
            ordinal: own_messages + 1,
            role: role_code,
            author: author.into(),
            name: None,
            body: body.as_str().into(),
            sent_at: at,
            revision,
            flags: 0,
            redaction: None,
        };
        message.insert(&mut self.insert_message, location, booking)?;
        self.insert_key.execute(params![location, booking, role_code, author, key, number])?;
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
    ) -> rusqlite::Result<(ThreadRow, Vec<MessageRow<'static>>)> {
        let thread = self.thread.query_row(params![location, booking], ThreadRow::read)?;
        let values = params![location, booking, limit];
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
    ) -> rusqlite::Result<Vec<MessageRow<'static>>> {
        let values = params![location, booking, number, limit];
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
