//! What a host would write itself: prepared statements on one connection.
#![allow(dead_code, reason = "no bench needs all of it")]

mod same;

pub(crate) use same::same_answers;

use frontdesk::{Booking, MessageBody, Preview, Role, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, Statement, params};

/// The store's own schema.
pub(crate) const SCHEMA: &str = include_str!("../../src/store/sqlite/schema_1.sql");

/// All statements, prepared.
pub(crate) struct ByHand<'c> {
    begin: Statement<'c>,
    begin_writing: Statement<'c>,
    commit: Statement<'c>,
    key_taken: Statement<'c>,
    standing: Statement<'c>,
    next_revision: Statement<'c>,
    customer_posts: Statement<'c>,
    operator_posts: Statement<'c>,
    put_message: Statement<'c>,
    put_key: Statement<'c>,
    location: Statement<'c>,
    inbox: Statement<'c>,
    changed: Statement<'c>,
    head: Statement<'c>,
    messages: Statement<'c>,
    messages_after: Statement<'c>,
}

/// A message to be posted into a thread that is there.
pub(crate) struct Post<'a> {
    pub(crate) location: &'a str,
    pub(crate) booking: &'a str,
    pub(crate) role: Role,
    pub(crate) author: &'a str,
    pub(crate) key: &'a str,
    pub(crate) text: &'a str,
    pub(crate) at: Timestamp,
}

/// All columns of a thread.
pub(crate) struct Head {
    pub(crate) booking: String,
    pub(crate) last_number: i64,
    pub(crate) preview: Option<String>,
    pub(crate) numbers: [Option<i64>; 20],
    pub(crate) words: [Option<String>; 6],
}

/// All columns of a message but whose it is.
pub(crate) struct Line {
    pub(crate) number: i64,
    pub(crate) ordinal: i64,
    pub(crate) role: i64,
    pub(crate) author: String,
    pub(crate) name: Option<String>,
    pub(crate) body: String,
    pub(crate) sent_at: i64,
}

const HEAD: &str = "SELECT booking, last_number, preview, \
    revision, newest_first, awaits, created_at, first_number, by_customer, by_operator, \
    last_role, last_at, preview_cut, customer_number, customer_covered, customer_furthest, \
    customer_set_at, operator_number, operator_covered, operator_furthest, operator_set_at, \
    starts_at, duration_secs, location, code, activity, status, customer_name, profile \
    FROM thread WHERE location = ?1 ";

fn head(row: &Row<'_>) -> rusqlite::Result<Head> {
    let (mut numbers, mut words) = ([None; 20], [const { None }; 6]);
    for (at, number) in numbers.iter_mut().enumerate() {
        *number = row.get(3 + at)?;
    }
    for (at, word) in words.iter_mut().enumerate() {
        *word = row.get(23 + at)?;
    }
    Ok(Head {
        booking: row.get(0)?,
        last_number: row.get(1)?,
        preview: row.get(2)?,
        numbers,
        words,
    })
}

fn message(row: &Row<'_>) -> rusqlite::Result<Line> {
    Ok(Line {
        number: row.get(0)?,
        ordinal: row.get(1)?,
        role: row.get(2)?,
        author: row.get(3)?,
        name: row.get(4)?,
        body: row.get(5)?,
        sent_at: row.get(6)?,
    })
}

/// A side posts, which reads for it all that the other side wrote.
fn posts(own: &str, other: &str, awaits: &str) -> String {
    format!(
        "UPDATE thread SET revision = ?3, last_number = ?4, newest_first = -?5, \
         awaits = {awaits}, by_{own} = by_{own} + 1, last_role = ?6, last_at = ?5, \
         preview = ?7, preview_cut = ?8, {own}_number = ?4, {own}_covered = by_{other}, \
         {own}_furthest = max({own}_furthest, ?4), {own}_set_at = ?5 \
         WHERE location = ?1 AND booking = ?2"
    )
}

impl<'c> ByHand<'c> {
    pub(crate) fn new(connection: &'c Connection) -> rusqlite::Result<Self> {
        let prepare = |sql: &str| connection.prepare(sql);
        Ok(Self {
            begin: prepare("BEGIN")?,
            begin_writing: prepare("BEGIN IMMEDIATE")?,
            commit: prepare("COMMIT")?,
            key_taken: prepare(
                "SELECT number FROM idempotency_key WHERE location = ?1 AND booking = ?2 \
                 AND role = ?3 AND author = ?4 AND key = ?5",
            )?,
            standing: prepare(
                "SELECT last_number, awaits, by_customer, by_operator, \
                 coalesce(last_at, created_at) FROM thread WHERE location = ?1 AND booking = ?2",
            )?,
            next_revision: prepare(
                "UPDATE location SET revision = revision + 1, unread = unread + ?2 \
                 WHERE location = ?1 RETURNING revision",
            )?,
            customer_posts: prepare(&posts("customer", "operator", "1"))?,
            operator_posts: prepare(&posts("operator", "customer", "0"))?,
            put_message: prepare(
                "INSERT INTO message VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?,
            put_key: prepare("INSERT INTO idempotency_key VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?,
            location: prepare("SELECT revision, unread FROM location WHERE location = ?1")?,
            inbox: prepare(&format!(
                "{HEAD} AND newest_first IS NOT NULL ORDER BY newest_first, booking LIMIT ?2"
            ))?,
            changed: prepare(&format!("{HEAD} AND revision > ?2 ORDER BY revision LIMIT ?3"))?,
            head: prepare(&format!("{HEAD} AND booking = ?2"))?,
            messages: prepare(
                "SELECT number, ordinal, role, author, name, body, sent_at FROM message \
                 WHERE location = ?1 AND booking = ?2 ORDER BY number DESC LIMIT ?3",
            )?,
            messages_after: prepare(
                "SELECT number, ordinal, role, author, name, body, sent_at FROM message \
                 WHERE location = ?1 AND booking = ?2 AND number > ?3 ORDER BY number LIMIT ?4",
            )?,
        })
    }

    /// Posts a message and returns its number.
    pub(crate) fn post(&mut self, post: &Post<'_>) -> Result<i64, Box<dyn std::error::Error>> {
        let &Post { location, booking, role, author, key, text, at } = post;
        let body = MessageBody::new(text)?;
        let preview = Preview::of(&body);
        let side = i64::from(role == Role::Operator);

        self.begin_writing.execute(())?;
        let taken: Option<i64> = self
            .key_taken
            .query_row(params![location, booking, side, author, key], |row| row.get(0))
            .optional()?;
        if let Some(number) = taken {
            self.commit.execute(())?;
            return Ok(number);
        }
        let (last, awaited, totals, active_at) =
            self.standing.query_row(params![location, booking], |row| {
                let totals: [i64; 2] = [row.get(2)?, row.get(3)?];
                Ok((row.get::<_, i64>(0)?, row.get::<_, bool>(1)?, totals, row.get::<_, i64>(4)?))
            })?;
        let (number, at) = (last + 1, at.unix_micros().max(active_at));
        let unread = i64::from(role == Role::Customer) - i64::from(awaited);
        let revision: i64 =
            self.next_revision.query_row(params![location, unread], |row| row.get(0))?;
        let update = match role {
            Role::Customer => &mut self.customer_posts,
            Role::Operator => &mut self.operator_posts,
        };
        let (line, cut) = (preview.as_str(), preview.is_cut());
        update.execute(params![location, booking, revision, number, at, side, line, cut])?;
        let ordinal = totals[usize::from(role == Role::Operator)] + 1;
        let (body, name) = (body.as_str(), None::<&str>);
        self.put_message
            .execute(params![location, booking, number, ordinal, side, author, name, body, at])?;
        self.put_key.execute(params![location, booking, side, author, key, number])?;
        self.commit.execute(())?;
        Ok(number)
    }

    /// The unread number and the first threads of the inbox, one more than asked
    /// for, which tells whether there is a next page.
    pub(crate) fn page(
        &mut self,
        location: &str,
        limit: i64,
    ) -> rusqlite::Result<(i64, Vec<Head>)> {
        self.begin.execute(())?;
        let (_, unread) = self.counters(location)?;
        let heads: Result<_, _> =
            self.inbox.query_map(params![location, limit + 1], head)?.collect();
        self.commit.execute(())?;
        Ok((unread, heads?))
    }

    /// A thread and its newest messages, oldest first.
    pub(crate) fn history(
        &mut self,
        location: &str,
        booking: &str,
        limit: i64,
    ) -> rusqlite::Result<(Head, Vec<Line>)> {
        let head = self.head.query_row(params![location, booking], head)?;
        let messages = self.messages.query_map(params![location, booking, limit], message)?;
        let mut messages = messages.collect::<Result<Vec<_>, _>>()?;
        messages.reverse();
        Ok((head, messages))
    }

    /// A thread's messages after a number.
    pub(crate) fn after(
        &mut self,
        location: &str,
        booking: &str,
        number: i64,
        limit: i64,
    ) -> rusqlite::Result<Vec<Line>> {
        let values = params![location, booking, number, limit];
        self.messages_after.query_map(values, message)?.collect()
    }

    /// The newest revision and the unread number, and what changed since.
    pub(crate) fn poll(
        &mut self,
        location: &str,
        since: i64,
    ) -> rusqlite::Result<(i64, i64, Vec<Head>)> {
        const MOST: i64 = 1_001;
        self.begin.execute(())?;
        let (revision, unread) = self.counters(location)?;
        let changed = if revision > since {
            self.changed.query_map(params![location, since, MOST], head)?.collect()
        } else {
            Ok(Vec::new())
        };
        self.commit.execute(())?;
        Ok((revision, unread, changed?))
    }

    fn counters(&mut self, location: &str) -> rusqlite::Result<(i64, i64)> {
        self.location.query_row([location], |row| Ok((row.get(0)?, row.get(1)?)))
    }
}

/// Starts a thread without a message, at a revision that no commit takes.
pub(crate) fn start(
    connection: &Connection,
    location: &str,
    booking: &Booking,
    nth: usize,
    at: Timestamp,
) -> rusqlite::Result<()> {
    let nth = i64::try_from(nth).expect("it is small");
    let mut put = connection.prepare_cached(
        "INSERT INTO thread (location, booking, revision, last_number, newest_first, awaits, \
         created_at, first_number, by_customer, by_operator, customer_number, customer_covered, \
         customer_furthest, operator_number, operator_covered, operator_furthest, code, \
         activity, starts_at) \
         VALUES (?1, ?2, -1 - ?3, 0, -?4, 0, ?4, 1, 0, 0, 0, 0, 0, 0, 0, 0, ?5, ?6, ?7)",
    )?;
    let (id, code, activity) =
        (booking.id.as_str(), booking.code.as_str(), booking.activity.as_str());
    let (at, starts_at) = (at.unix_micros(), booking.starts_at.unix_micros());
    put.execute(params![location, id, nth, at, code, activity, starts_at])?;
    Ok(())
}

/// Every row of every table.
pub(crate) fn dump(connection: &Connection) -> rusqlite::Result<Vec<Vec<rusqlite::types::Value>>> {
    let mut rows = Vec::new();
    for table in ["location", "thread", "message", "idempotency_key"] {
        let mut all = connection.prepare(&format!("SELECT * FROM {table}"))?;
        let columns = all.column_count();
        let found = all.query_map((), |row| (0..columns).map(|at| row.get(at)).collect())?;
        rows.extend(found.collect::<Result<Vec<_>, _>>()?);
    }
    Ok(rows)
}
