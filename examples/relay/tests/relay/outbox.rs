//! The outbox alone, without a worker.

use frontdesk::ParticipantId;
use frontdesk::cursor::FollowCursor;
use frontdesk::desk::{EventPage, FollowAnswer};
use frontdesk::import::{ImportedMessage, ThreadImport};
use frontdesk::store::MemoryStore;
use frontdesk::{Booking, BookingId, Draft, FrontDesk, IdempotencyKey, Message, Participant};
use futures::executor::block_on;
use relay::outbox::{NewMail, Outbox};
use relay::settings::Settings;
use rusqlite::Connection;
use serde_json::json;
use tempfile::TempDir;

use crate::process::{SECRET, harbour};

const HOUR: i64 = 3_600_000_000;

/// A desk, the outbox of its events, and a second connection to the file.
struct Fixture {
    desk: FrontDesk,
    settings: Settings,
    outbox: Outbox,
    file: Connection,
    cursor: FollowCursor,
    _folder: TempDir,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("relay.sqlite");
        let settings = json!({
            "store": "", "outbox": path,
            "webhooks": [{ "url": "http://localhost/", "secrets": [SECRET] }],
            "mail": {
                "smtp": "smtp://localhost", "from": "desk@example.org", "domain": "example.org",
                "teams": {}, "customers": {}, "teamDelayMs": 0, "customerDelayMs": 0,
            },
        });
        let desk = FrontDesk::new(MemoryStore::new());
        let admin = desk.admin(harbour());
        let start = block_on(admin.follow(None, 9)).unwrap();
        let FollowAnswer::StartOver { oldest: cursor, .. } = start else { panic!() };
        let (outbox, file) = (Outbox::open(&path).unwrap(), Connection::open(&path).unwrap());
        let settings = serde_json::from_value(settings).unwrap();
        Self { desk, settings, outbox, file, cursor, _folder: folder }
    }

    fn send(&self, booking: &str, text: &str) {
        let booking = Booking::new(BookingId::new(booking).unwrap(), "K7Q2", "Harbour tour");
        let ann = ParticipantId::new("c-9").unwrap();
        let ann = self.desk.customer(harbour(), booking.id.clone(), ann).starting_with(booking);
        block_on(ann.send(text)).unwrap();
    }

    fn reply(&self, draft: impl Into<Draft>) {
        let kim = self.desk.operator(harbour(), ParticipantId::new("u-7").unwrap(), None);
        block_on(kim.reply(&BookingId::new("b-1").unwrap(), draft)).unwrap();
    }

    /// Returns the events since the last page that was stored.
    fn page(&self) -> EventPage {
        let followed = self.desk.admin(harbour());
        let followed = block_on(followed.follow(Some(&self.cursor), 9)).unwrap();
        let FollowAnswer::Events(page) = followed else { panic!("the cursor is not valid") };
        page
    }

    fn store(&mut self, now: i64) {
        let page = self.page();
        self.outbox.store(&page, &self.settings, now).unwrap();
        self.cursor = page.cursor;
    }

    /// Stores a mail for each thread that waits.
    fn add_mails(&mut self) {
        for row in self.outbox.due_unread(i64::MAX).unwrap() {
            let last = last_message(&self.desk, &row.thread.booking);
            let recipient = "team@example.org";
            let mail = NewMail { last: &last, recipient, content: Some(b"text") };
            self.outbox.end_wait(&row, Some(&mail), 0).unwrap();
        }
    }

    fn count(&self, rows: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {rows}");
        self.file.query_row(&sql, [], |row| row.get(0)).unwrap()
    }

    /// Returns the events that are due.
    fn due(&self, now: i64) -> Vec<String> {
        let due = self.outbox.due_webhooks(now).unwrap();
        due.into_iter().map(|row| row.event).collect()
    }
}

/// The rows and the cursor of a page are in one transaction: if one of them cannot be written, none
/// is.
#[test]
fn a_page_is_stored_completely_or_not_at_all() {
    for table in ["webhook", "unread", "cursor"] {
        let mut fixture = Fixture::new();
        fixture.send("b-1", "First.");
        fixture.send("b-2", "Second.");
        let trigger = format!(
            "CREATE TRIGGER full BEFORE INSERT ON {table} WHEN 0 < (SELECT count(*) FROM webhook) \
             BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
        );
        fixture.file.execute_batch(&trigger).unwrap();
        let page = fixture.page();
        assert!(fixture.outbox.store(&page, &fixture.settings, 0).is_err());
        let stored = ["webhook", "unread", "cursor"].map(|rows| fixture.count(rows));
        assert_eq!(stored, [0, 0, 0], "{table}");
        fixture.file.execute_batch("DROP TRIGGER full").unwrap();
        fixture.store(0);
        let stored = ["webhook", "unread", "cursor"].map(|rows| fixture.count(rows));
        assert_eq!(stored, [2, 2, 1]);
    }
}

/// A message that comes again is not delivered again. An erasure that comes again is.
#[test]
fn only_an_erasure_is_delivered_again() {
    let mut fixture = Fixture::new();
    fixture.send("b-1", "First.");
    let page = fixture.page();
    fixture.store(0);
    let row = fixture.outbox.due_webhooks(0).unwrap().remove(0);
    fixture.outbox.webhook_delivered(&row, 5 * HOUR).unwrap();
    fixture.outbox.store(&page, &fixture.settings, 0).unwrap();
    assert_eq!(fixture.due(9 * HOUR), [""; 0]);
    // The outbox forgets the id some time after the delivery.
    fixture.outbox.forget_delivered(5 * HOUR).unwrap();
    assert_eq!(fixture.count("webhook"), 1);
    fixture.outbox.forget_delivered(5 * HOUR + 1).unwrap();
    assert_eq!(fixture.count("webhook"), 0);

    let erased = fixture.desk.admin(harbour());
    block_on(erased.erase(&BookingId::new("b-1").unwrap())).unwrap();
    let page = fixture.page();
    for _ in 0..2 {
        fixture.outbox.store(&page, &fixture.settings, 0).unwrap();
        let row = fixture.outbox.due_webhooks(0).unwrap().remove(0);
        fixture.outbox.webhook_delivered(&row, 0).unwrap();
    }
}

/// An erasure removes the texts of its thread that are still to be sent, and no others.
#[test]
fn an_erasure_removes_the_texts_in_the_outbox() {
    let mut fixture = Fixture::new();
    fixture.send("b-1", "First.");
    fixture.send("b-2", "Second.");
    fixture.store(0);
    fixture.add_mails();
    assert_eq!(fixture.count("mail"), 2);
    let admin = fixture.desk.admin(harbour());
    block_on(admin.erase(&BookingId::new("b-1").unwrap())).unwrap();
    fixture.store(0);
    assert_eq!(fixture.count("webhook WHERE body LIKE '%First.%'"), 0);
    assert_eq!(fixture.count("webhook WHERE body LIKE '%Second.%'"), 1);
    assert_eq!(fixture.count("mail WHERE booking = 'b-1'"), 0);
    assert_eq!(fixture.count("mail"), 1);
}

fn last_message(desk: &FrontDesk, booking: &BookingId) -> Message {
    let relay = Participant::operator(ParticipantId::new("relay").unwrap(), None);
    let operator = desk.operator(harbour(), relay.id, None);
    block_on(operator.history(booking, None, 1)).unwrap().messages.remove(0)
}

/// Automatic and imported messages are delivered as webhooks, and start no wait for a mail.
#[test]
fn an_automatic_or_imported_message_starts_no_wait() {
    let mut fixture = Fixture::new();
    fixture.send("b-1", "First.");
    fixture.reply(Draft::new("We are closed.").automatic());
    fixture.store(0);
    assert_eq!([fixture.count("webhook"), fixture.count("unread WHERE reader = 0")], [2, 0]);
    fixture.reply("Good morning!");
    fixture.store(0);
    assert_eq!(fixture.count("unread WHERE reader = 0"), 1);

    let booking = Booking::new(BookingId::new("b-3").unwrap(), "K7Q3", "Harbour tour");
    let kim = Participant::operator(ParticipantId::new("u-7").unwrap(), None);
    let old = ImportedMessage::new(kim, "2020-07-30T08:01:00Z".parse().unwrap(), "Old.");
    let list = ThreadImport::new(booking).message(IdempotencyKey::new("m-1").unwrap(), old);
    block_on(fixture.desk.admin(harbour()).import(&list)).unwrap();
    fixture.store(0);
    let rows = ["webhook WHERE booking = 'b-3'", "unread WHERE booking = 'b-3'"];
    assert_eq!(rows.map(|rows| fixture.count(rows)), [1, 0]);
}

/// Each further attempt counts and comes after a longer pause.
#[test]
fn pauses_between_attempts_double() {
    let mut fixture = Fixture::new();
    fixture.send("b-1", "First.");
    fixture.store(0);
    let mut now = 0;
    for pause in [5, 10, 20, 40, 80, 160] {
        let row = fixture.outbox.due_webhooks(now).unwrap().remove(0);
        fixture.outbox.retry_webhook(&row, now, 5_000).unwrap();
        now += pause * 1_000_000;
        assert_eq!(fixture.due(now - 1), [""; 0]);
        assert_eq!(fixture.due(now).len(), 1, "{pause} seconds");
    }
    let row = fixture.outbox.due_webhooks(now).unwrap().remove(0);
    fixture.outbox.fail_webhook(&row, "status 400").unwrap();
    let failed = fixture.outbox.failed().unwrap();
    assert!(failed[0].to_string().contains("attempts: 7"), "{}", failed[0]);
}

/// The attempts of a mail count and wait like those of a webhook.
#[test]
fn pauses_between_attempts_of_a_mail_double() {
    let mut fixture = Fixture::new();
    fixture.send("b-1", "First.");
    fixture.store(0);
    fixture.add_mails();
    let mut now = 0;
    for pause in [5, 10, 20] {
        let row = fixture.outbox.due_mails(now).unwrap().remove(0);
        fixture.outbox.retry_mail(&row, now, 5_000).unwrap();
        now += pause * 1_000_000;
        let due = [now - 1, now].map(|now| fixture.outbox.due_mails(now).unwrap().len());
        assert_eq!(due, [0, 1], "{pause} seconds");
    }
    let row = fixture.outbox.due_mails(now).unwrap().remove(0);
    fixture.outbox.fail_mail(&row, "SMTP reply 550").unwrap();
    let failed = fixture.outbox.failed().unwrap();
    assert!(failed[0].to_string().contains("attempts: 4"), "{}", failed[0]);
}

/// A pause is at most six hours, and a random part of at most a quarter of the pause.
#[test]
fn a_pause_has_a_limit() {
    let mut fixture = Fixture::new();
    fixture.send("b-1", "First.");
    fixture.store(0);
    let mut now = 0;
    for _ in 0..40 {
        let row = fixture.outbox.due_webhooks(now).unwrap().remove(0);
        fixture.outbox.retry_webhook(&row, now, 5_000).unwrap();
        now += 6 * HOUR;
        assert_eq!(fixture.due(now).len(), 1);
    }
    assert_eq!(fixture.due(now - 1), [""; 0]);
    now += 999;
    let row = fixture.outbox.due_webhooks(now).unwrap().remove(0);
    fixture.outbox.retry_webhook(&row, now, 5_000).unwrap();
    assert_eq!(fixture.due(now + 7 * HOUR), [""; 0]);
    assert_eq!(fixture.due(now + 15 * HOUR / 2).len(), 1);
}
