//! Deliveries that a receiver refuses for good, and a cursor from which nobody can continue.

use std::thread;
use std::time::{Duration, Instant};

use frontdesk::import::{ImportedMessage, ThreadImport};
use frontdesk::{Booking, BookingId, IdempotencyKey, Participant, ParticipantId};
use futures::executor::block_on;

use crate::foreign::assert_signed;
use crate::process::{Fixture, harbour};
use crate::{NEVER, mails, webhooks};

fn send(fixture: &Fixture, text: &str) {
    block_on(fixture.customer("b-1").send(text)).unwrap();
}

fn texts(fixture: &Fixture) -> Vec<String> {
    let text = |body: &serde_json::Value| body["data"]["message"]["body"].as_str().unwrap().into();
    webhooks(fixture).values().map(text).collect()
}

/// Waits until a condition is true, for at most 20 seconds.
#[track_caller]
fn wait_until(is_true: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !is_true() {
        assert!(Instant::now() < end, "the worker does not send");
        thread::sleep(Duration::from_millis(10));
    }
}

/// A receiver that answers with 400 gets the event once. The event stays visible, and later events
/// arrive. The command `retry` sends it again.
#[test]
fn a_refused_webhook_stays_as_failed() {
    let fixture = Fixture::new(NEVER, NEVER);
    let _worker = fixture.start_and_wait();
    fixture.server.answer_with(Some("400 Bad Request"));
    send(&fixture, "First.");
    fixture.wait_for_failed(1);
    thread::sleep(Duration::from_millis(200));
    assert_eq!(fixture.server.requests(), 1, "the event is not sent again");
    fixture.server.answer_with(None);
    send(&fixture, "Second.");
    fixture.wait_for_webhooks(1);
    assert_eq!(texts(&fixture), ["Second."]);

    let failed = fixture.run("failed");
    assert!(failed.contains("status 400") && failed.contains("  attempts: 1  "), "{failed}");
    assert_eq!((failed.lines().count(), failed.contains("First")), (1, false), "{failed}");
    fixture.run("retry");
    fixture.wait_for_webhooks(2);
    assert_eq!(texts(&fixture), ["First.", "Second."]);
    assert_eq!(fixture.run("failed"), "");
}

/// The statuses 408 and 429 ask for another attempt.
#[test]
fn a_receiver_that_is_too_slow_or_too_busy_gets_the_event_again() {
    for status in ["408 Request Timeout", "429 Too Many Requests"] {
        let fixture = Fixture::new(NEVER, NEVER);
        let _worker = fixture.start_and_wait();
        fixture.server.answer_with(Some(status));
        send(&fixture, "First.");
        wait_until(|| fixture.server.requests() >= 3);
        fixture.server.answer_with(None);
        fixture.wait_for_webhooks(1);
    }
}

/// Each attempt is signed anew with the time of the attempt, and all attempts are counted.
#[test]
fn a_later_attempt_has_its_own_time() {
    let fixture = Fixture::new(NEVER, NEVER);
    let _worker = fixture.start_and_wait();
    fixture.server.answer_with(Some("503 Service Unavailable"));
    send(&fixture, "First.");
    wait_until(|| fixture.server.requests() >= 2);
    thread::sleep(Duration::from_millis(1_100));
    fixture.server.answer_with(Some("400 Bad Request"));
    fixture.wait_for_failed(1);
    let requests = fixture.server.received();
    let time = |at: usize| requests[at].header("webhook-timestamp").parse::<u64>().unwrap();
    let last = requests.len() - 1;
    assert!(time(last) > time(0), "{} and {}", time(0), time(last));
    requests.iter().for_each(assert_signed);
    let failed = fixture.run("failed");
    assert!(failed.contains(&format!("attempts: {}", requests.len())), "{failed}");
}

/// A mail is sent again after the code 451. If its messages were read or erased meanwhile, it is not.
#[test]
fn a_mail_is_sent_later_unless_its_messages_were_read_meanwhile() {
    let fixture = Fixture::new(50, NEVER);
    let _worker = fixture.start_and_wait();
    fixture.sink.set_busy(true);
    let bookings = ["b-1", "b-2", "b-3"].map(|id| BookingId::new(id).unwrap());
    block_on(async {
        for booking in &bookings {
            fixture.customer(booking.as_str()).send("Hello?").await.unwrap();
        }
        wait_until(|| fixture.sink.attempts() >= 6);
        fixture.kim().open(&bookings[0]).await.unwrap();
        fixture.desk.admin(harbour()).erase(&bookings[1]).await.unwrap();
        // A new message after the erasure has a higher number, which the mail does not contain.
        fixture.customer("b-2").send("Again.").await.unwrap();
        fixture.kim().open(&bookings[1]).await.unwrap();
    });
    fixture.sink.set_busy(false);
    fixture.wait_until_sent();
    assert_eq!(mails(&fixture, "team@example.org").len(), 1);
    // The sender of mails can be faster than the follower that removes mails about erased messages.
    fixture.add_mail("b-2", 1);
    fixture.wait_until_sent();
    assert_eq!(mails(&fixture, "team@example.org").len(), 1);
}

/// A receiver that answers with 410 gets no request any more, and its events wait.
#[test]
fn a_receiver_that_is_gone_is_disabled() {
    let fixture = Fixture::new(NEVER, NEVER);
    let _worker = fixture.start_and_wait();
    fixture.server.answer_with(Some("410 Gone"));
    send(&fixture, "First.");
    fixture.wait_for_failed(1);
    fixture.server.answer_with(None);
    send(&fixture, "Second.");
    thread::sleep(Duration::from_millis(300));
    assert_eq!(fixture.server.requests(), 1, "nothing is sent any more");
    let failed = fixture.run("failed");
    assert_eq!(failed.matches("the receiver is disabled").count(), 2, "{failed}");
    fixture.run("retry");
    fixture.wait_for_webhooks(2);
    assert_eq!(texts(&fixture), ["First.", "Second."]);
}

/// A mail to an unknown mailbox and a mail to an invalid address are not tried again, and stop no
/// other mail.
#[test]
fn a_refused_mail_stays_as_failed() {
    let fixture = Fixture::new(NEVER, 100);
    let _worker = fixture.start_and_wait();
    block_on(async {
        for booking in ["b-18", "b-19", "b-1"] {
            fixture.customer(booking).send("Hello?").await.unwrap();
            let id = BookingId::new(booking).unwrap();
            fixture.kim().reply(&id, "Good morning!").await.unwrap();
        }
    });
    fixture.wait_for_failed(2);
    let failed = fixture.run("failed");
    assert!(failed.contains("gone@example.com") && failed.contains("SMTP reply 550"), "{failed}");
    assert!(failed.contains("the mail cannot be composed"), "{failed}");
    assert!(!failed.contains("morning"), "{failed}");
    wait_until(|| !mails(&fixture, "b-1@example.com").is_empty());
    fixture.run("retry");
    fixture.wait_for_failed(2);
    assert_eq!(fixture.sink.mails().len(), 1);
}

/// The cursor has another epoch, as after a restored backup (P7). Messages since then arrive, a
/// repeated event has the id that it had before, and no message is in a second mail. Messages from
/// long before the last delivery do not come again.
#[test]
fn a_worker_that_starts_over_loses_nothing_and_repeats_ids() {
    let fixture = Fixture::new(100, NEVER);
    let worker = fixture.start_and_wait();
    let booking = Booking::new(BookingId::new("b-2").unwrap(), "K7Q2-XH42", "Harbour tour");
    let author = Participant::customer(ParticipantId::new("c-9").unwrap(), None);
    let old = ImportedMessage::new(author, "2020-07-30T08:01:00Z".parse().unwrap(), "Old.");
    let list = ThreadImport::new(booking).message(IdempotencyKey::new("m-1").unwrap(), old);
    block_on(fixture.desk.admin(harbour()).import(&list)).unwrap();
    send(&fixture, "First.");
    fixture.wait_until_sent();
    let before = webhooks(&fixture);
    drop(worker);

    fixture.change_epoch();
    send(&fixture, "Second.");
    let _worker = fixture.start();
    fixture.wait_until_sent();
    let mut texts = texts(&fixture);
    texts.sort();
    assert_eq!(texts, ["First.", "Old.", "Second."], "nothing is lost");
    let after = webhooks(&fixture);
    assert!(before.keys().all(|id| after.contains_key(id)) && after.len() == 3);
    let requests = fixture.server.accepted();
    let count = |text: &str| {
        let text = format!("\"body\":\"{text}\"");
        let has = |body: &[u8]| String::from_utf8_lossy(body).contains(&text);
        requests.iter().filter(|request| has(&request.body)).count()
    };
    assert_eq!([count("Old."), count("First."), count("Second.")], [1, 2, 1]);
    let mails = mails(&fixture, "team@example.org").concat();
    assert_eq!([mails.matches("First.").count(), mails.matches("Second.").count()], [1, 1]);
}
