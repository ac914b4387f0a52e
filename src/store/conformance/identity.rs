use std::sync::Arc;
use std::time::Duration;

use super::cast::{HERE, MANY, WHOLE, at, booking, booking_id, customer, key, marks, place};
use super::factory::Host;
use super::ledger::Ledger;
use super::proposal::{putting, said, saying};
use super::report::{Outcome, same};
use super::stage::{Shared, Stage};
use crate::booking::{Booking, BookingRecord, BookingStatus};
use crate::id::ProfileId;
use crate::inbox::InboxPosition;
use crate::message::{Message, MessageNumber, MessageRecord};
use crate::participant::Role;
use crate::store::{Commit, Direction, Filter, ThreadState, ThreadStore as _};
use crate::text::{DisplayName, MessageBody, Preview};
use crate::thread::{LastMessage, Thread, ThreadRecord};
use crate::timestamp::Timestamp;

pub(super) async fn locations_never_see_each_other(stage: &Stage<'_>) -> Outcome {
    let store = stage.store();
    let mut here = Ledger::new(store, "here");
    let mut there = Ledger::new(store, "there");
    let (ann, once) = (customer("c-1"), key("once"));
    here.say_with("b-1", &ann, "Here", &once).await?;
    there.check().await?;
    there.say_with("b-1", &ann, "There", &once).await?;
    there.say("b-1", &ann, 5).await?;
    here.check().await?;
    there.check().await?;

    // A position of one location is only a place in the other.
    let after = InboxPosition::of(there.thread("b-1"));
    let page = store.threads(&here.location, Some(&after), MANY, Filter::All).await?;
    let expected = here.model.page(&here.location, Some(&after), MANY, Filter::All);
    same(&page, &expected, "a page after a position of another location")?;

    // A revision of one location says nothing of the other.
    for _ in 0..5 {
        there.start("b-2", 6).await?;
        there.erase("b-2").await?;
    }
    let feed = store.changes(&here.location, here.newest(), MANY).await?;
    let expected = here.model.changes(&here.location, here.newest(), MANY);
    same(&feed, &expected, "the feed while another location is written to")?;

    here.read("b-1", Role::Operator).await?;
    here.erase("b-1").await?;
    here.check().await?;
    there.check().await
}

pub(super) async fn ids_are_compared_by_bytes(stage: &Stage<'_>) -> Outcome {
    let alike = ["k", "K", "é", "e\u{301}", "e", "ｅ", "ss", "ß", "%", "_", "\\", "'", "/", "a/b"];
    let mut ledgers = Vec::new();
    for location in alike {
        let mut ledger = Ledger::new(stage.store(), location);
        for booking in alike {
            ledger.say(booking, &customer(location), 0).await?;
        }
        ledgers.push(ledger);
    }
    // Alike to collations, and outside of what two bytes of UTF-16 hold.
    let mut ledger = Ledger::new(stage.store(), HERE);
    for booking in ["a", "a\u{200D}", "a\u{AD}", "😀", "🎉"] {
        ledger.say(booking, &customer(booking), 0).await?;
    }
    ledgers.push(ledger);
    // Halves that are the same when they are put together.
    for (pair, mark) in marks().enumerate() {
        let start = format!("p{pair}");
        for (location, booking) in
            [(&start, format!("q{mark}r")), (&format!("{start}{mark}q"), "r".to_owned())]
        {
            let mut ledger = Ledger::new(stage.store(), location);
            ledger.say(&booking, &customer("c-1"), 0).await?;
            ledgers.push(ledger);
        }
    }
    for ledger in &ledgers {
        ledger.check().await?;
    }
    // Of 128 bytes, which the last one tells apart.
    let longest = ["é", "è"].map(|last| "é".repeat(63) + last);
    let mut ledgers = longest.each_ref().map(|location| Ledger::new(stage.store(), location));
    for ledger in &mut ledgers {
        for id in &longest {
            ledger.say_with(id, &customer(id), "Hello!", &key(id)).await?;
        }
    }
    for ledger in &ledgers {
        ledger.check().await?;
    }
    Ok(())
}

/// Whether a store gives back, byte for byte, the host's own collection of
/// difficult texts, such as the Big List of Naughty Strings. A text that is no
/// [`MessageBody`] is left out; the others are also sent as names, where they are
/// [`DisplayName`]s, and as words of bookings.
///
/// # Errors
///
/// [`Failure`](super::Failure) with the first text that came back as another.
///
/// ```
/// use frontdesk::store::{MemoryStore, conformance};
///
/// # futures::executor::block_on(async {
/// let factory = conformance::each(MemoryStore::new);
/// conformance::these_texts_come_back(&factory, &["Ω≈ç√∫˜µ≤≥÷", "' OR 1=1 -- 1"]).await?;
/// # Ok::<(), conformance::Failure>(())
/// # }).unwrap();
/// ```
pub async fn these_texts_come_back(
    host: &dyn Host,
    texts: &[impl AsRef<str> + Sync],
) -> Result<(), super::Failure> {
    let texts = texts.iter().map(|text| text.as_ref().to_owned()).collect();
    let mut stage = Stage::open(host).await;
    texts_come_back(stage.store(), texts).await?;
    stage.look_again().await
}

async fn texts_come_back(store: &Shared, texts: Vec<String>) -> Outcome {
    // So many in a thread, each in the booking before it is said.
    const IN_A_THREAD: usize = 32;
    let bodies: Vec<MessageBody> =
        texts.iter().filter_map(|text| MessageBody::with_limit(text, usize::MAX).ok()).collect();
    let mut ledger = Ledger::new(store, HERE);
    for (part, bodies) in bodies.chunks(IN_A_THREAD).enumerate() {
        let booking = format!("b-{part}");
        let id = ledger.id(&booking);
        for body in bodies {
            let mut author = customer("c:1@é");
            author.name = DisplayName::new(body.as_str());
            let commit = putting(&id, ledger.found(&booking), &author, body.clone(), at(0));
            ledger.commit(commit).await?;
        }
        let found = store.messages(&id, WHOLE, MANY, Direction::OldestFirst).await?;
        for (found, sent) in found.iter().zip(bodies) {
            same(found.body().as_str(), sent.as_str(), "a body")?;
            let name = DisplayName::new(sent.as_str());
            same(
                &found.author().name.as_ref().map(DisplayName::as_str),
                &name.as_ref().map(DisplayName::as_str),
                "a name",
            )?;
        }
        same(&found, &ledger.model.history(&id), "the messages")?;
        if let Some(last) = bodies.last() {
            let booked = self::booking(&booking);
            let booked = Booking::new(booked.id, last, last, at(0))
                .with_status(BookingStatus::from_word(last))
                .with_customer_name(DisplayName::new(last));
            let commit = Commit::new(
                ThreadState::Live(ledger.thread(&booking).rebook(&booked).expect("another one")),
                ledger.found(&booking),
            );
            ledger.commit(commit).await?;
        }
    }
    ledger.check().await
}

pub(super) async fn texts_come_back_byte_for_byte(stage: &Stage<'_>) -> Outcome {
    let texts = vec![
        "é".to_owned(),
        "e\u{301}".to_owned(),
        "👩‍👩‍👧‍👦🏽🇳🇱".to_owned(),
        "שלום \u{200F}\u{202E}abc\u{202C} مرحبا".to_owned(),
        "\u{1112}\u{1161}\u{11AB} 한".to_owned(),
        "a\tb\n\n  c".to_owned(),
        "'; drop table messages; -- \" ` \\ \\0 \\u0000 %s ? $1 :a {}".to_owned(),
        "<b>&amp;amp; &lt;</b>".to_owned(),
        "null".to_owned(),
        "0".to_owned(),
        "1e999".to_owned(),
        "\u{10FFFF}\u{FFFD}\u{FFFF}\u{E000}a\u{200B}".to_owned(),
        "Zalgo".chars().flat_map(|c| [c, '\u{0300}', '\u{0323}', '\u{0489}']).collect(),
        "x".repeat(10_000),
        "😀".repeat(10_000),
        "x".repeat(MessageBody::MAX_BYTES),
    ];
    texts_come_back(stage.store(), texts).await
}

pub(super) async fn times_come_back_to_the_microsecond(stage: &Stage<'_>) -> Outcome {
    let mut ledger = Ledger::new(stage.store(), HERE);
    let micro = Duration::from_micros(1);
    let times = [
        Timestamp::MIN,
        Timestamp::MIN.saturating_add(micro),
        Timestamp::UNIX_EPOCH.saturating_sub(micro),
        Timestamp::UNIX_EPOCH,
        Timestamp::UNIX_EPOCH.saturating_add(micro),
        at(0).saturating_add(Duration::from_micros(999_999)),
        Timestamp::MAX.saturating_sub(micro),
        Timestamp::MAX,
    ];
    let talk = ledger.id("talk");
    for (place, now) in times.into_iter().enumerate() {
        // Said and read at each time in one thread, and a booking at each.
        let commit = saying(&talk, ledger.found("talk"), &customer("c-1"), "x", now);
        let message = said(&commit);
        ledger.commit(commit).await?;
        ledger.change("talk", |thread| thread.mark_read(Role::Operator, &message, now)).await?;
        let booking = Booking::new(booking_id(&format!("b-{place}")), "", "", now);
        let thread = Thread::start(talk.location.clone(), booking, now, MessageNumber::START);
        let thread = thread.expect("a thread with room for messages");
        ledger.commit(Commit::new(ThreadState::Live(thread), None)).await?;
    }
    let found = stage.store().messages(&talk, WHOLE, MANY, Direction::OldestFirst).await?;
    let sent: Vec<Timestamp> = found.iter().map(Message::sent_at).collect();
    same(&*sent, &times, "the times of messages")?;
    ledger.check().await
}

pub(super) async fn a_head_comes_back_whole(stage: &Stage<'_>) -> Outcome {
    let mut ledger = Ledger::new(stage.store(), HERE);
    let profile = ProfileId::new("crm:88/é").expect("a profile id");
    let full = Booking::new(booking_id("full"), "K7Q2-XH41/é", "Whales & <dolphins> 🐋", at(9))
        .lasting(Booking::MAX_DURATION)
        .with_status(BookingStatus::from_word("on hold"))
        .with_customer_name(DisplayName::new("Zoë 'Z' \u{1F419}"))
        .with_profile(profile);
    let empty = Booking::new(booking_id("empty"), "", "", Timestamp::MIN);
    for booking in [
        full,
        empty.with_status(BookingStatus::Pending),
        booking("b-1").with_status(BookingStatus::Confirmed),
        booking("b-2").with_status(BookingStatus::Cancelled),
        booking("b-3").with_status(BookingStatus::Complete),
    ] {
        let id = ledger.id(booking.id.as_str());
        let name = id.booking.as_str();
        let thread = Thread::start(place(HERE), booking, at(0), MessageNumber::START);
        let thread = thread.expect("a thread with room for messages");
        ledger.commit(Commit::new(ThreadState::Live(thread), None)).await?;
        ledger.check().await?;
        for text in ["é".repeat(200), "👩‍👩‍👧‍👦".repeat(90), "x".repeat(80), "a\n b".to_owned()]
        {
            let commit = saying(&id, ledger.found(name), &customer("c-1"), &text, at(1));
            ledger.commit(commit).await?;
        }
        ledger.check().await?;
        let messages = ledger.model.history(&id);
        ledger.change(name, |thread| thread.mark_read(Role::Operator, &messages[3], at(2))).await?;
        ledger
            .change(name, |thread| thread.mark_unread(Role::Operator, &messages[1], at(3)))
            .await?;
        ledger
            .change(name, |thread| thread.mark_unread(Role::Customer, &messages[2], at(4)))
            .await?;
        ledger.check().await?;
    }
    Ok(())
}

pub(super) async fn what_other_versions_and_limits_wrote_is_read_back(
    stage: &Stage<'_>,
) -> Outcome {
    let mut ledger = Ledger::new(stage.store(), HERE);
    let long = "x".repeat(512);
    let rows = [
        // Blank today, and untrimmed.
        ("\u{200B}", "\u{200B}", "\u{202E}"),
        (" x ", " Ann\u{3000}", "  two  spaces  "),
        // Unassigned, and private.
        ("\u{378}\u{E000}", "\u{1FFFE}", "\u{10FFFF}"),
        // More clusters than a line is cut to.
        ("a\n\u{2028}b", &long, &long),
    ];
    for (place, (body, name, line)) in rows.into_iter().enumerate() {
        let commit = written_by_another(&ledger, &format!("b-{place}"), body, name, line);
        ledger.commit(commit).await?;
    }
    let larger = "x".repeat(3 * MessageBody::DEFAULT_MAX_CHARS);
    let commit = written_by_another(&ledger, "large", &larger, "Ann", &"p".repeat(512));
    ledger.commit(commit).await?;
    for booking in ["b-0", "b-1", "b-2", "b-3", "large"] {
        let id = ledger.id(booking);
        let found = stage.store().messages(&id, WHOLE, MANY, Direction::OldestFirst).await?;
        let expected = ledger.model.history(&id);
        let bodies = |messages: &[Message]| -> Vec<Arc<str>> {
            messages.iter().map(|message| message.body().as_str().into()).collect()
        };
        same(&bodies(&found), &bodies(&expected), "a body")?;
        same(&found, &expected, "the messages")?;
    }
    ledger.check().await
}

/// A commit whose texts this version would clean, cut or refuse at the door.
fn written_by_another(
    ledger: &Ledger,
    booking: &str,
    body: &str,
    name: &str,
    line: &str,
) -> Commit {
    let id = ledger.id(booking);
    let commit = saying(&id, None, &customer("c-1"), "x", at(0));
    let record = MessageRecord {
        name: Some(name.to_owned()),
        body: body.to_owned(),
        ..MessageRecord::from(said(&commit))
    };
    let message = Message::try_from(record).expect("a message of another version");
    let thread = commit.next.live().expect("a live thread").clone();
    let preview = Preview::from_stored(line, true).expect("a preview of another version");
    let record = ThreadRecord::from(thread);
    let record = ThreadRecord {
        booking: BookingRecord {
            code: line.to_owned(),
            activity: line.to_owned(),
            status: line.to_owned(),
            customer_name: Some(name.to_owned()),
            ..record.booking
        },
        last: Some(LastMessage::new(Role::Customer, at(0), preview)),
        ..record
    };
    let thread = Thread::try_from(record).expect("a thread of another version");
    Commit::new(ThreadState::Live(thread), None).with_message(message, None)
}
