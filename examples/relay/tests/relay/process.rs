//! The worker as a process that a test kills, and the host application that writes messages.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use frontdesk::cursor::FollowCursor;
use frontdesk::record::MessageRecord;
use frontdesk::store::{Commit, CommitOutcome, NewMessage, NewMessages, ThreadState, ThreadStore};
use frontdesk::{
    Booking, BookingId, CustomerDesk, DisplayName, FrontDesk, LocationId, Message, MessageBody,
    OperatorDesk, Participant, ParticipantId, Post, ThreadId,
};
use frontdesk_sqlite::SqliteStore;
use futures::executor::block_on;
use rusqlite::{Connection, params};
use serde_json::json;
use tempfile::TempDir;

use crate::http_server::HttpServer;
use crate::smtp_sink::SmtpSink;

/// The secret of the receiver.
pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// The secret that replaces it, during a rotation.
pub(crate) const NEXT_SECRET: &str = "whsec_bmV4dCBzZWNyZXQgb2YgdGhlIHJlY2VpdmVy";

/// A host application, a receiver of webhooks, an SMTP server, and the settings of a worker.
pub(crate) struct Fixture {
    pub(crate) desk: FrontDesk,
    store: SqliteStore,
    pub(crate) server: HttpServer,
    pub(crate) sink: SmtpSink,
    folder: TempDir,
}

impl Fixture {
    /// `team_delay_ms` and `customer_delay_ms` are the delays of the mails.
    pub(crate) fn new(team_delay_ms: u64, customer_delay_ms: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path().join("desk.sqlite")).unwrap();
        let (server, sink) = (HttpServer::start(5), SmtpSink::start());
        let customers: serde_json::Map<String, serde_json::Value> =
            (0..20).map(|n| (format!("b-{n}"), json!(address(n)))).collect();
        let settings = json!({
            "store": folder.path().join("desk.sqlite"),
            "outbox": folder.path().join("relay.sqlite"),
            "intervalMs": 10,
            "retryMs": 20,
            "webhooks": [{ "url": server.url, "secrets": [SECRET, NEXT_SECRET] }],
            "mail": {
                "smtp": sink.url,
                "from": "Harbour team <desk@example.org>",
                "domain": "example.org",
                "teamDelayMs": team_delay_ms,
                "customerDelayMs": customer_delay_ms,
                "teams": { "harbour": "team@example.org" },
                "customers": customers,
                "unsubscribe": "https://example.org/unsubscribe?booking=",
            },
        });
        fs::write(folder.path().join("settings.json"), settings.to_string()).unwrap();
        Self { desk: FrontDesk::new(store.clone()), store, server, sink, folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts the worker.
    pub(crate) fn start(&self) -> Worker {
        let child = Command::new(env!("CARGO_BIN_EXE_relay"))
            .arg(self.path("settings.json"))
            .env_clear()
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Worker(child)
    }

    /// Starts the worker and waits until it has made its first round.
    pub(crate) fn start_and_wait(&self) -> Worker {
        let worker = self.start();
        self.wait_for("PRAGMA user_version", 1);
        worker
    }

    /// Waits until no webhook and no mail is left in the outbox.
    pub(crate) fn wait_until_sent(&self) {
        self.wait_until_followed();
        let open = "SELECT (SELECT count(*) FROM webhook WHERE body IS NOT NULL) + \
                    (SELECT count(*) FROM unread) + (SELECT count(*) FROM mail)";
        self.wait_for(open, 0);
    }

    /// Waits until the worker has seen every message.
    fn wait_until_followed(&self) {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let newest = &block_on(self.desk.locations(None, 1)).unwrap()[0];
            let cursor = Connection::open(self.path("relay.sqlite"))
                .and_then(|outbox| {
                    outbox.query_row("SELECT cursor FROM cursor", [], |row| row.get::<_, String>(0))
                })
                .ok()
                .and_then(|text| text.parse().ok());
            if cursor.is_some_and(|cursor| !newest.has_changed_since(&cursor)) {
                return;
            }
            assert!(Instant::now() < end, "the worker does not follow");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until this number of webhooks was delivered.
    pub(crate) fn wait_for_webhooks(&self, count: i64) {
        self.wait_for("SELECT count(*) FROM webhook WHERE body IS NULL", count);
    }

    /// Waits until this number of deliveries was refused for good.
    pub(crate) fn wait_for_failed(&self, count: i64) {
        self.wait_for(
            "SELECT (SELECT count(*) FROM webhook WHERE failed IS NOT NULL) + \
             (SELECT count(*) FROM mail WHERE failed IS NOT NULL) + (SELECT count(*) FROM gone)",
            count,
        );
    }

    /// Waits until the SMTP server has this number of mails.
    pub(crate) fn wait_for_mails(&self, count: usize) {
        let end = Instant::now() + Duration::from_secs(60);
        while self.sink.mails().len() < count {
            assert!(Instant::now() < end, "the worker sends no mail");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Runs a command of the relay and returns its output.
    pub(crate) fn run(&self, command: &str) -> String {
        let mut relay = Command::new(env!("CARGO_BIN_EXE_relay"));
        let output = relay.arg(self.path("settings.json")).arg(command).output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    }

    /// Adds a mail to the outbox whose last message has a number.
    pub(crate) fn add_mail(&self, booking: &str, last: i64) {
        let outbox = Connection::open(self.path("relay.sqlite")).unwrap();
        let sql = "INSERT INTO mail (location, booking, reader, last, recipient, content, due_at) \
                   VALUES ('harbour', ?1, 1, ?2, 'team@example.org', x'74657874', 0)";
        outbox.execute(sql, params![booking, last]).unwrap();
    }

    /// Gives the stored cursor another epoch, as after a restored backup.
    pub(crate) fn change_epoch(&self) {
        let outbox = Connection::open(self.path("relay.sqlite")).unwrap();
        let cursor: String =
            outbox.query_row("SELECT cursor FROM cursor", [], |row| row.get(0)).unwrap();
        let fields: Vec<&str> = cursor.splitn(3, '.').collect();
        let other = format!("{}.77.{}", fields[0], fields[2]);
        other.parse::<FollowCursor>().unwrap();
        outbox.execute("UPDATE cursor SET cursor = ?1", [other]).unwrap();
    }

    fn wait_for(&self, sql: &str, expected: i64) {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let found = Connection::open(self.path("relay.sqlite"))
                .and_then(|outbox| outbox.query_row(sql, [], |row| row.get::<_, i64>(0)));
            if found.as_ref().is_ok_and(|found| *found == expected) {
                return;
            }
            assert!(Instant::now() < end, "{sql} is {found:?} and not {expected}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    pub(crate) fn kim(&self) -> OperatorDesk {
        self.desk.operator(harbour(), ParticipantId::new("u-7").unwrap(), DisplayName::new("Kim"))
    }

    /// Adds an operator's message from another system to a thread.
    pub(crate) async fn import_reply(&self, booking: &str, text: &str) {
        let id = ThreadId::new(harbour(), BookingId::new(booking).unwrap());
        let found = self.store.thread(&id).await.unwrap().value;
        let thread = found.as_ref().and_then(|found| found.state.live()).unwrap();
        let author = Participant::operator(ParticipantId::new("u-1").unwrap(), None);
        let body = MessageBody::new(text).unwrap();
        let posted = thread.post(Post::new(author, body, self.desk.now())).unwrap();
        let mut record = MessageRecord::from(posted.message);
        record.imported = true;
        let message = NewMessage::new(Message::try_from(record).unwrap(), None);
        let commit = Commit::new(ThreadState::Live(posted.thread), found.as_ref())
            .with_messages(NewMessages::one(message))
            .unwrap();
        let outcome = self.store.commit(commit).await.unwrap().value;
        assert!(matches!(outcome, CommitOutcome::Committed(_)));
    }

    /// Returns the desk of a booking's customer.
    pub(crate) fn customer(&self, booking: &str) -> CustomerDesk {
        let booking = Booking::new(BookingId::new(booking).unwrap(), "K7Q2-XH41", "Harbour tour")
            .with_customer_name(DisplayName::new("Ann Lee"));
        let customer = ParticipantId::new("c-9").unwrap();
        self.desk.customer(harbour(), booking.id.clone(), customer).starting_with(booking)
    }
}

/// Returns the address of a booking's customer. The server knows no mailbox of booking 18, and the
/// address of booking 19 is invalid.
fn address(booking: u32) -> String {
    match booking {
        18 => "gone@example.com".to_owned(),
        19 => "two words@example.com".to_owned(),
        other => format!("b-{other}@example.com"),
    }
}

pub(crate) fn harbour() -> LocationId {
    LocationId::new("harbour").unwrap()
}

/// A running worker, which is killed at the end of a test.
pub(crate) struct Worker(Child);

impl Drop for Worker {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}
