//! The worker against a local HTTP server and a local SMTP server.

mod failures;
mod foreign;
mod http_server;
mod outbox;
mod process;
mod smtp_sink;

use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::{Duration, Instant};

use frontdesk::{BookingId, Draft};
use futures::executor::block_on;
use mail_parser::MessageParser;
use process::{Fixture, harbour};
use serde_json::Value;

/// The delay of mails that must not be sent in a test.
const NEVER: u64 = 3_600_000;

/// Returns the bodies of the webhooks by the event's id. Asserts that an event always has the same
/// text.
fn webhooks(fixture: &Fixture) -> BTreeMap<String, Value> {
    let mut events: BTreeMap<String, Value> = BTreeMap::new();
    for request in fixture.server.accepted() {
        foreign::assert_signed(&request);
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(body["data"]["id"], request.header("webhook-id"));
        let known = events.entry(request.header("webhook-id").to_owned()).or_insert(body.clone());
        assert_eq!(known["data"]["message"], body["data"]["message"], "an id names two messages");
    }
    events
}

/// Returns the texts of the mails to an address by `Message-ID`. Asserts that a mail that came twice
/// has the same bytes.
fn mails(fixture: &Fixture, recipient: &str) -> Vec<String> {
    let mut by_id: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut texts = Vec::new();
    for mail in fixture.sink.mails().into_iter().filter(|mail| mail.recipient == recipient) {
        let parsed = MessageParser::default().parse(&mail.content).unwrap();
        let id = parsed.message_id().unwrap().to_owned();
        let text = parsed.body_text(0).unwrap().into_owned();
        match by_id.insert(id, mail.content.clone()) {
            Some(known) => assert_eq!(known, mail.content, "a message id names two mails"),
            None => texts.push(text),
        }
    }
    texts
}

/// The worker is killed at random moments while customers and operators write. Every message arrives
/// as a webhook, every unread message in exactly one mail, and a repeated delivery has the same id.
#[test]
fn a_killed_worker_loses_nothing() {
    let fixture = Fixture::new(150, 150);
    drop(fixture.start_and_wait());
    let (mut sent, mut seed) = (BTreeSet::new(), 7_u64);
    let mut random = |end: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) % end
    };
    for round in 0..25 {
        let worker = fixture.start();
        for message in 0..random(6) {
            let booking = format!("b-{}", random(4));
            let text = format!("question {round}-{message}.");
            block_on(fixture.customer(&booking).send(text.as_str())).unwrap();
            sent.insert((booking, text));
            thread::sleep(Duration::from_millis(random(40)));
        }
        thread::sleep(Duration::from_millis(random(150)));
        drop(worker);
    }
    let _worker = fixture.start();
    fixture.wait_until_sent();

    let delivered: BTreeSet<(String, String)> = webhooks(&fixture)
        .values()
        .map(|body| {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            (text(&body["data"]["thread"]["booking"]), text(&body["data"]["message"]["body"]))
        })
        .collect();
    assert_eq!(delivered, sent);
    let mails = mails(&fixture, "team@example.org").concat();
    for (_, text) in &sent {
        assert_eq!(mails.matches(text.as_str()).count(), 1, "{text}");
    }
    let (requests, events) = (fixture.server.accepted().len(), delivered.len());
    println!("{requests} accepted requests for {events} events");
}

/// Messages that were read in time are in no mail. One mail contains all unread messages of a thread.
#[test]
fn one_mail_contains_the_messages_that_were_not_read_in_time() {
    let fixture = Fixture::new(400, 400);
    let _worker = fixture.start_and_wait();
    let (kim, b_1) = (fixture.kim(), BookingId::new("b-1").unwrap());
    block_on(async {
        fixture.customer("b-0").send("Seen in time.").await.unwrap();
        kim.open(&BookingId::new("b-0").unwrap()).await.unwrap();
        let ann = fixture.customer("b-1");
        ann.send("First question.").await.unwrap();
        ann.send("Second question.").await.unwrap();
    });
    fixture.wait_until_sent();
    let to_team = mails(&fixture, "team@example.org");
    assert_eq!(to_team.len(), 1, "{to_team:?}");
    assert!(to_team[0].contains("First question.") && to_team[0].contains("Second question."));

    block_on(async {
        kim.reply(&b_1, "First answer.").await.unwrap();
        kim.reply(&b_1, "Second answer.").await.unwrap();
        kim.reply(&BookingId::new("b-0").unwrap(), "Read by the customer.").await.unwrap();
        fixture.customer("b-0").open().await.unwrap();
    });
    fixture.wait_until_sent();
    let digests = mails(&fixture, "b-1@example.com");
    assert_eq!(digests.len(), 1, "{digests:?}");
    assert!(digests[0].contains("First answer.") && digests[0].contains("Second answer."));
    assert!(!digests[0].contains("question"));
    assert_eq!(fixture.sink.mails().len(), 2, "nothing else was sent");
}

/// Automatic and imported messages arrive as webhooks, but are in no mail.
#[test]
fn an_automatic_or_imported_message_is_in_no_mail() {
    let fixture = Fixture::new(NEVER, 100);
    let _worker = fixture.start_and_wait();
    block_on(async {
        fixture.customer("b-1").send("Hello?").await.unwrap();
        let reply = Draft::new("We are closed today.").automatic();
        fixture.kim().reply(&BookingId::new("b-1").unwrap(), reply).await.unwrap();
        fixture.import_reply("b-1", "Written in the old system.").await;
    });
    fixture.wait_for_webhooks(3);
    let imported = |body: &Value| body["data"]["message"]["imported"] == true;
    assert_eq!(webhooks(&fixture).values().filter(|body| imported(body)).count(), 1);
    thread::sleep(Duration::from_millis(300));
    assert_eq!(fixture.sink.mails().len(), 0);
}

/// A mail contains what people wrote, and not the automatic and imported messages among it.
#[test]
fn automatic_and_imported_messages_are_not_in_the_mail_of_others() {
    let fixture = Fixture::new(NEVER, 200);
    let _worker = fixture.start_and_wait();
    let b_1 = BookingId::new("b-1").unwrap();
    block_on(async {
        fixture.customer("b-1").send("Hello?").await.unwrap();
        let kim = fixture.kim();
        kim.reply(&b_1, "From Kim.").await.unwrap();
        kim.reply(&b_1, Draft::new("From a program.").automatic()).await.unwrap();
        fixture.import_reply("b-1", "From the old system.").await;
    });
    fixture.wait_for_webhooks(4);
    fixture.wait_for_mails(1);
    let digests = mails(&fixture, "b-1@example.com");
    assert!(digests[0].contains("From Kim."), "{digests:?}");
    assert!(!digests[0].contains("program") && !digests[0].contains("old system"), "{digests:?}");
}

/// The delay of a mail begins with the first unread message. A message before it that was read in
/// time does not count.
#[test]
fn the_delay_begins_with_the_first_unread_message() {
    let fixture = Fixture::new(800, NEVER);
    let _worker = fixture.start_and_wait();
    let sent_at = block_on(async {
        let ann = fixture.customer("b-1");
        ann.send("Read in time.").await.unwrap();
        fixture.kim().open(&BookingId::new("b-1").unwrap()).await.unwrap();
        fixture.wait_for_webhooks(1);
        thread::sleep(Duration::from_millis(400));
        ann.send("Not read.").await.unwrap();
        Instant::now()
    });
    fixture.wait_for_mails(1);
    assert!(sent_at.elapsed() >= Duration::from_millis(780), "{:?}", sent_at.elapsed());
    assert!(!mails(&fixture, "team@example.org")[0].contains("Read in time."));
}

/// Messages from before the first round are not delivered. A location that appears later is new.
#[test]
fn the_first_round_delivers_nothing_that_was_sent_before() {
    let fixture = Fixture::new(NEVER, NEVER);
    block_on(fixture.customer("b-1").send("Before the first round.")).unwrap();
    let _worker = fixture.start_and_wait();
    block_on(fixture.customer("b-1").send("After the first round.")).unwrap();
    fixture.wait_for_webhooks(1);
    let bodies: Vec<Value> = webhooks(&fixture).into_values().collect();
    assert_eq!(bodies.len(), 1);
    assert_eq!(bodies[0]["data"]["message"]["body"], "After the first round.");
}

/// An erasure arrives as a webhook and takes back a mail that was not sent yet.
#[test]
fn an_erased_message_is_in_no_mail() {
    let fixture = Fixture::new(500, NEVER);
    let _worker = fixture.start_and_wait();
    block_on(async {
        fixture.customer("b-1").send("My card is 4111 1111 1111 1111.").await.unwrap();
        let admin = fixture.desk.admin(harbour());
        assert!(admin.erase(&BookingId::new("b-1").unwrap()).await.unwrap());
    });
    fixture.wait_until_sent();
    thread::sleep(Duration::from_millis(600));
    let kinds: Vec<String> =
        webhooks(&fixture).values().map(|body| body["type"].as_str().unwrap().to_owned()).collect();
    assert!(kinds.contains(&"threadErased".to_owned()), "{kinds:?}");
    assert_eq!(fixture.sink.mails().len(), 0);
}
