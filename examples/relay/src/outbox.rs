//! The SQLite file of the worker: the cursors, and one row for each delivery.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use frontdesk::cursor::FollowCursor;
use frontdesk::desk::{Event, EventId, EventPage};
use frontdesk::{BookingId, LocationId, Message, MessageNumber, Role, ThreadId};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use serde_json::json;

use crate::Outcome;
use crate::settings::Settings;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS cursor (
    location  TEXT PRIMARY KEY,
    cursor    TEXT NOT NULL,
    stored_at INTEGER NOT NULL,
    -- Messages that were sent before this time are not delivered.
    horizon   INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS webhook (
    endpoint TEXT NOT NULL,
    event    TEXT NOT NULL,
    location TEXT NOT NULL,
    booking  TEXT NOT NULL,
    number   INTEGER NOT NULL,
    -- NULL after the delivery. The row stays, so that the event is not delivered again.
    body     TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at   INTEGER NOT NULL,
    -- The reason why the receiver has refused the event for good. It is then not sent again.
    failed   TEXT,
    PRIMARY KEY (endpoint, event)
) STRICT;
CREATE INDEX IF NOT EXISTS webhook_due ON webhook (due_at) WHERE body IS NOT NULL;
-- The receivers that want no events any more. Their events wait.
CREATE TABLE IF NOT EXISTS gone (endpoint TEXT PRIMARY KEY) STRICT;
-- A thread with a message that its readers may not have read.
CREATE TABLE IF NOT EXISTS unread (
    location TEXT NOT NULL,
    booking  TEXT NOT NULL,
    reader   INTEGER NOT NULL,
    -- The highest number of such a message.
    number   INTEGER NOT NULL,
    due_at   INTEGER NOT NULL,
    PRIMARY KEY (location, booking, reader)
) STRICT;
-- The last message of each thread that a mail contained.
CREATE TABLE IF NOT EXISTS mailed (
    location TEXT NOT NULL,
    booking  TEXT NOT NULL,
    reader   INTEGER NOT NULL,
    last     INTEGER NOT NULL,
    -- The time of this message.
    sent_at  INTEGER NOT NULL,
    PRIMARY KEY (location, booking, reader)
) STRICT;
-- A mail as it is sent, byte for byte. Each attempt sends the same bytes.
CREATE TABLE IF NOT EXISTS mail (
    id        INTEGER PRIMARY KEY,
    location  TEXT NOT NULL,
    booking   TEXT NOT NULL,
    reader    INTEGER NOT NULL,
    last      INTEGER NOT NULL,
    recipient TEXT NOT NULL,
    content   BLOB NOT NULL,
    attempts  INTEGER NOT NULL DEFAULT 0,
    due_at    INTEGER NOT NULL,
    -- The reason why the mail is not sent again. A mail that cannot be composed has no content.
    failed    TEXT
) STRICT;
";

/// The highest number of rows that one read returns.
const BATCH: i64 = 100;

/// The longest pause between two attempts: six hours, in microseconds.
const MAX_PAUSE: i64 = 6 * 3_600 * 1_000_000;

/// The outbox of one worker. Times are in microseconds since 1970.
#[derive(Debug)]
pub struct Outbox(Connection);

/// A webhook to be delivered.
#[derive(Debug)]
pub struct WebhookRow {
    /// The address of the receiver.
    pub endpoint: String,
    /// The id of the event.
    pub event: String,
    /// The exact text to send.
    pub body: String,
    attempts: u32,
}

/// The readers of a thread who may have unread messages.
#[derive(Debug)]
pub struct UnreadRow {
    /// The thread.
    pub thread: ThreadId,
    /// The role of the readers.
    pub reader: Role,
    /// The last message that a mail to them contained.
    pub mailed: Mailed,
    number: MessageNumber,
}

/// The last message that a mail contained. After a restored backup, its number can name another
/// message, which was sent later.
#[derive(Debug, Clone, Copy)]
pub struct Mailed {
    number: MessageNumber,
    sent_at: i64,
}

impl Mailed {
    /// Returns `true` if a mail contained the message.
    pub fn contains(&self, message: &Message) -> bool {
        message.number() <= self.number && message.sent_at().unix_micros() <= self.sent_at
    }
}

/// A mail to be sent.
#[derive(Debug)]
pub struct MailRow {
    id: i64,
    /// The thread.
    pub thread: ThreadId,
    /// The role of the readers.
    pub reader: Role,
    /// The number of the last message in the mail.
    pub last: MessageNumber,
    /// The address.
    pub recipient: String,
    /// The whole mail.
    pub content: Vec<u8>,
    attempts: u32,
}

/// A mail that is to be sent.
#[derive(Debug)]
pub struct NewMail<'a> {
    /// The last message in the mail.
    pub last: &'a Message,
    /// The address.
    pub recipient: &'a str,
    /// The whole mail, or `None` if it cannot be composed.
    pub content: Option<&'a [u8]>,
}

/// A delivery that is not sent again. It is shown without any text of a message.
#[derive(Debug)]
pub struct FailedRow {
    receiver: String,
    delivery: String,
    attempts: u32,
    reason: String,
}

impl fmt::Display for FailedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { receiver, delivery, attempts, reason } = self;
        write!(f, "{receiver}  {delivery}  attempts: {attempts}  {reason}")
    }
}

impl Outbox {
    /// Opens the file. Several connections can be open at the same time.
    pub fn open(path: &Path) -> Outcome<Self> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(Duration::from_secs(10))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute_batch(SCHEMA)?;
        Ok(Self(connection))
    }

    /// Returns `true` if the worker has made its first round. Locations that it finds later are new.
    pub fn is_started(&self) -> Outcome<bool> {
        Ok(self.0.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))? > 0)
    }

    /// Records that the worker has made its first round.
    pub fn set_started(&self) -> Outcome {
        Ok(self.0.pragma_update(None, "user_version", 1)?)
    }

    /// Returns the stored cursor of a location, and the time when it was stored.
    pub fn cursor(&self, location: &LocationId) -> Outcome<Option<(FollowCursor, i64)>> {
        let sql = "SELECT cursor, stored_at FROM cursor WHERE location = ?1";
        let stored = self.0.query_row(sql, [location.as_str()], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
        });
        let Some((text, stored_at)) = stored.optional()? else { return Ok(None) };
        Ok(Some((text.parse()?, stored_at)))
    }

    /// Stores a cursor for a location. Messages that were sent before `horizon` are not delivered.
    /// Those that were sent later are delivered even if their ids were used before.
    pub fn start_at(&mut self, cursor: &FollowCursor, horizon: i64, now: i64) -> Outcome {
        let location = cursor.location().as_str();
        let transaction = self.0.transaction()?;
        transaction.execute(
            "DELETE FROM webhook WHERE location = ?1 AND body IS NULL AND due_at >= ?2",
            params![location, horizon],
        )?;
        transaction.execute(
            "INSERT INTO cursor VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT DO UPDATE SET cursor = ?2, stored_at = ?3, horizon = ?4",
            params![location, cursor.to_string(), now, horizon],
        )?;
        Ok(transaction.commit()?)
    }

    /// Stores the deliveries of a page of events and the next cursor, in one transaction.
    pub fn store(&mut self, page: &EventPage, settings: &Settings, now: i64) -> Outcome {
        let location = page.cursor.location().as_str();
        let transaction = self.0.transaction()?;
        let sql = "SELECT horizon FROM cursor WHERE location = ?1";
        let horizon: i64 = transaction
            .query_row(sql, [location], |row| row.get(0))
            .optional()?
            .unwrap_or(i64::MIN);
        for found in &page.events {
            match &found.event {
                Event::MessageReceived { thread, message }
                | Event::ReplySent { thread, message } => {
                    if message.sent_at().unix_micros() < horizon {
                        continue;
                    }
                    let number = message.number();
                    let body = json!({
                        "type": if message.role() == Role::Customer { "messageReceived" } else { "replySent" },
                        "timestamp": message.sent_at(),
                        "data": found,
                    });
                    let delivery = (thread.id(), number, &found.id, body.to_string());
                    add_webhooks(&transaction, settings, delivery, now)?;
                    let is_news = !message.is_imported() && !message.is_automatic();
                    if let Some(mail) = settings.mail.as_ref().filter(|_| is_news) {
                        let (booking, reader) =
                            (thread.id().booking.as_str(), message.role().opposite());
                        let due = message.sent_at().unix_micros() + mail.delay_micros(reader);
                        transaction.execute(
                            "INSERT INTO unread VALUES (?1, ?2, ?3, ?4, ?5) \
                             ON CONFLICT DO UPDATE SET number = max(number, ?4)",
                            params![location, booking, reader.code(), i64::from(number), due],
                        )?;
                    }
                }
                Event::ThreadErased { tombstone } => {
                    forget(&transaction, &tombstone.id, tombstone.last)?;
                    let body = json!({
                        "type": "threadErased",
                        "timestamp": frontdesk::Timestamp::saturating_from_unix_micros(now),
                        "data": found,
                    });
                    let delivery =
                        (&tombstone.id, MessageNumber::START, &found.id, body.to_string());
                    add_webhooks(&transaction, settings, delivery, now)?;
                }
                _ => {}
            }
        }
        transaction.execute(
            "INSERT INTO cursor VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT DO UPDATE SET cursor = ?2, stored_at = ?3",
            params![location, page.cursor.to_string(), now, horizon],
        )?;
        Ok(transaction.commit()?)
    }

    /// Returns webhooks that are due.
    pub fn due_webhooks(&self, now: i64) -> Outcome<Vec<WebhookRow>> {
        let mut statement = self.0.prepare_cached(
            "SELECT endpoint, event, body, attempts FROM webhook \
             WHERE body IS NOT NULL AND failed IS NULL AND due_at <= ?1 \
             AND endpoint NOT IN (SELECT endpoint FROM gone) ORDER BY due_at, rowid LIMIT ?2",
        )?;
        let rows = statement.query_map(params![now, BATCH], |row| {
            Ok(WebhookRow {
                endpoint: row.get(0)?,
                event: row.get(1)?,
                body: row.get(2)?,
                attempts: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Records that a receiver has accepted a webhook, and removes its text.
    pub fn webhook_delivered(&self, row: &WebhookRow, now: i64) -> Outcome {
        let sql = "UPDATE webhook SET body = NULL, due_at = ?3 WHERE endpoint = ?1 AND event = ?2";
        self.0.execute(sql, params![row.endpoint, row.event, now])?;
        Ok(())
    }

    /// Plans the next attempt of a webhook.
    pub fn retry_webhook(&self, row: &WebhookRow, now: i64, retry_ms: u64) -> Outcome {
        let due = now + pause(row.attempts, now, retry_ms);
        let sql = "UPDATE webhook SET attempts = attempts + 1, due_at = ?3 \
                   WHERE endpoint = ?1 AND event = ?2";
        self.0.execute(sql, params![row.endpoint, row.event, due])?;
        Ok(())
    }

    /// Keeps a webhook as failed.
    pub fn fail_webhook(&self, row: &WebhookRow, reason: &str) -> Outcome {
        let sql = "UPDATE webhook SET attempts = attempts + 1, failed = ?3 \
                   WHERE endpoint = ?1 AND event = ?2";
        self.0.execute(sql, params![row.endpoint, row.event, reason])?;
        Ok(())
    }

    /// Disables a receiver. Its events wait in the outbox.
    pub fn disable(&self, endpoint: &str) -> Outcome {
        self.0.execute("INSERT INTO gone VALUES (?1) ON CONFLICT DO NOTHING", [endpoint])?;
        Ok(())
    }

    /// Returns all deliveries that are not sent again.
    pub fn failed(&self) -> Outcome<Vec<FailedRow>> {
        let mut statement = self.0.prepare(
            "SELECT endpoint, event, attempts, coalesce(failed, 'the receiver is disabled') \
             FROM webhook WHERE body IS NOT NULL \
             AND (failed IS NOT NULL OR endpoint IN (SELECT endpoint FROM gone)) \
             UNION ALL SELECT recipient, location || ' ' || booking || ' ' || last, attempts, failed \
             FROM mail WHERE failed IS NOT NULL",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(FailedRow {
                receiver: row.get(0)?,
                delivery: row.get(1)?,
                attempts: row.get(2)?,
                reason: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Makes all failed deliveries due and enables all receivers. Returns the number of deliveries.
    pub fn retry_failed(&mut self, now: i64) -> Outcome<usize> {
        let count = self.failed()?.len();
        let transaction = self.0.transaction()?;
        transaction.execute(
            "UPDATE webhook SET failed = NULL, attempts = 0, due_at = ?1 WHERE body IS NOT NULL \
             AND (failed IS NOT NULL OR endpoint IN (SELECT endpoint FROM gone))",
            [now],
        )?;
        transaction.execute("DELETE FROM gone", [])?;
        // A mail without content is composed again.
        transaction.execute(
            "INSERT INTO unread SELECT location, booking, reader, last, ?1 FROM mail \
             WHERE failed IS NOT NULL AND content = x'' \
             ON CONFLICT DO UPDATE SET number = max(number, excluded.number)",
            [now],
        )?;
        transaction.execute("DELETE FROM mail WHERE failed IS NOT NULL AND content = x''", [])?;
        let sql =
            "UPDATE mail SET failed = NULL, attempts = 0, due_at = ?1 WHERE failed IS NOT NULL";
        transaction.execute(sql, [now])?;
        transaction.commit()?;
        Ok(count)
    }

    /// Forgets the ids of webhooks that were delivered before a time.
    pub fn forget_delivered(&self, before: i64) -> Outcome {
        self.0.execute("DELETE FROM webhook WHERE body IS NULL AND due_at < ?1", [before])?;
        Ok(())
    }

    /// Returns threads whose readers may have unread messages for longer than the delay.
    pub fn due_unread(&self, now: i64) -> Outcome<Vec<UnreadRow>> {
        let mut statement = self.0.prepare_cached(
            "SELECT location, booking, reader, coalesce(last, 0), coalesce(sent_at, 0), number \
             FROM unread \
             LEFT JOIN mailed USING (location, booking, reader) \
             WHERE due_at <= ?1 ORDER BY due_at LIMIT ?2",
        )?;
        let rows = statement.query_map(params![now, BATCH], |row| {
            let (thread, reader) = (thread_id(row, 0)?, role(row, 2)?);
            let mailed = Mailed { number: number(row, 3)?, sent_at: row.get(4)? };
            Ok(UnreadRow { thread, reader, mailed, number: number(row, 5)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Checks the readers of a thread again at a later time.
    pub fn wait_until(&self, row: &UnreadRow, due: i64) -> Outcome {
        let sql =
            "UPDATE unread SET due_at = ?4 WHERE location = ?1 AND booking = ?2 AND reader = ?3";
        let UnreadRow { thread, reader, .. } = row;
        let ThreadId { location, booking } = thread;
        self.0.execute(sql, params![location.as_str(), booking.as_str(), reader.code(), due])?;
        Ok(())
    }

    /// Stores a mail, or nothing if the readers have read everything, and ends the wait. If another
    /// message came since the row was read, the wait continues.
    pub fn end_wait(&mut self, row: &UnreadRow, mail: Option<&NewMail<'_>>, now: i64) -> Outcome {
        let ThreadId { location, booking } = &row.thread;
        let (location, booking, reader) = (location.as_str(), booking.as_str(), row.reader.code());
        let transaction = self.0.transaction()?;
        transaction.execute(
            "DELETE FROM unread \
             WHERE location = ?1 AND booking = ?2 AND reader = ?3 AND number = ?4",
            params![location, booking, reader, i64::from(row.number)],
        )?;
        if let Some(mail) = mail {
            let last = i64::from(mail.last.number());
            let content = mail.content.unwrap_or_default();
            let failed = mail.content.is_none().then_some("the mail cannot be composed");
            transaction.execute(
                "INSERT INTO mail \
                 (location, booking, reader, last, recipient, content, due_at, failed) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![location, booking, reader, last, mail.recipient, content, now, failed],
            )?;
            if mail.content.is_some() {
                let sent_at = mail.last.sent_at().unix_micros();
                transaction.execute(
                    "INSERT INTO mailed VALUES (?1, ?2, ?3, ?4, ?5) \
                     ON CONFLICT DO UPDATE SET last = ?4, sent_at = ?5",
                    params![location, booking, reader, last, sent_at],
                )?;
            }
        }
        Ok(transaction.commit()?)
    }

    /// Returns mails that are due.
    pub fn due_mails(&self, now: i64) -> Outcome<Vec<MailRow>> {
        let mut statement = self.0.prepare_cached(
            "SELECT location, booking, reader, last, id, recipient, content, attempts FROM mail \
             WHERE due_at <= ?1 AND failed IS NULL ORDER BY due_at, id LIMIT ?2",
        )?;
        let rows = statement.query_map(params![now, BATCH], |row| {
            Ok(MailRow {
                thread: thread_id(row, 0)?,
                reader: role(row, 2)?,
                last: number(row, 3)?,
                id: row.get(4)?,
                recipient: row.get(5)?,
                content: row.get(6)?,
                attempts: row.get(7)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Removes a mail that was sent, or that nobody needs anymore.
    pub fn remove_mail(&self, row: &MailRow) -> Outcome {
        self.0.execute("DELETE FROM mail WHERE id = ?1", [row.id])?;
        Ok(())
    }

    /// Keeps a mail as failed.
    pub fn fail_mail(&self, row: &MailRow, reason: &str) -> Outcome {
        let sql = "UPDATE mail SET attempts = attempts + 1, failed = ?2 WHERE id = ?1";
        self.0.execute(sql, params![row.id, reason])?;
        Ok(())
    }

    /// Plans the next attempt of a mail.
    pub fn retry_mail(&self, row: &MailRow, now: i64, retry_ms: u64) -> Outcome {
        let due = now + pause(row.attempts, now, retry_ms);
        let sql = "UPDATE mail SET attempts = attempts + 1, due_at = ?2 WHERE id = ?1";
        self.0.execute(sql, params![row.id, due])?;
        Ok(())
    }
}

/// Adds one row for each receiver. An event that is known already changes nothing, except for an
/// erasure (number 0), which is delivered again.
fn add_webhooks(
    transaction: &Transaction<'_>,
    settings: &Settings,
    (thread, number, event, body): (&ThreadId, MessageNumber, &EventId, String),
    now: i64,
) -> Outcome {
    let mut statement = transaction.prepare_cached(
        "INSERT INTO webhook VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, NULL) \
         ON CONFLICT DO UPDATE SET body = ?6, due_at = ?7, failed = NULL WHERE number = 0",
    )?;
    let ThreadId { location, booking } = thread;
    for endpoint in &settings.webhooks {
        let (location, booking, number) = (location.as_str(), booking.as_str(), i64::from(number));
        let row = params![endpoint.url, event.as_str(), location, booking, number, body, now];
        statement.execute(row)?;
    }
    Ok(())
}

/// Removes the texts of an erased thread that are still to be delivered. The receivers get the
/// erasure instead.
fn forget(transaction: &Transaction<'_>, thread: &ThreadId, last: MessageNumber) -> Outcome {
    let (location, booking) = (thread.location.as_str(), thread.booking.as_str());
    let last = i64::from(last);
    let sql = "DELETE FROM webhook WHERE location = ?1 AND booking = ?2 AND body IS NOT NULL \
               AND number BETWEEN 1 AND ?3";
    transaction.execute(sql, params![location, booking, last])?;
    let sql = "DELETE FROM mail WHERE location = ?1 AND booking = ?2 AND last <= ?3";
    transaction.execute(sql, params![location, booking, last])?;
    Ok(())
}

/// Returns the pause after an attempt, which doubles with each attempt. A random part keeps many
/// deliveries from coming back at the same moment.
fn pause(attempts: u32, now: i64, retry_ms: u64) -> i64 {
    let first = i64::try_from(retry_ms.saturating_mul(1_000)).unwrap_or(MAX_PAUSE);
    let pause = first.saturating_mul(1 << attempts.min(30)).min(MAX_PAUSE);
    pause + pause / 4 * (now % 1_000) / 1_000
}

fn thread_id(row: &Row<'_>, at: usize) -> rusqlite::Result<ThreadId> {
    let text = |at| row.get::<_, String>(at);
    let location = LocationId::new(text(at)?).map_err(|error| invalid(at, error))?;
    let booking = BookingId::new(text(at + 1)?).map_err(|error| invalid(at + 1, error))?;
    Ok(ThreadId::new(location, booking))
}

fn role(row: &Row<'_>, at: usize) -> rusqlite::Result<Role> {
    Role::try_from(row.get::<_, i64>(at)?).map_err(|error| invalid(at, error))
}

fn number(row: &Row<'_>, at: usize) -> rusqlite::Result<MessageNumber> {
    MessageNumber::try_from(row.get::<_, i64>(at)?).map_err(|error| invalid(at, error))
}

fn invalid(
    column: usize,
    error: impl std::error::Error + Send + Sync + 'static,
) -> rusqlite::Error {
    let error = Box::new(error);
    rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, error)
}
