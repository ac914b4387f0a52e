use std::time::Duration;

use frontdesk::record::{MessageRecord, ThreadRecord};
use frontdesk::store::{Commit, NewMessage, NewMessages, StoredMessage, ThreadState};
use frontdesk::{
    Booking, BookingPatch, BookingStatus, DisplayName, LastMessage, Message, MessageBody, Preview,
    ProfileId, Role, Thread, Timestamp,
};

use crate::commit_builders::{Base, TestMessage, messages_of, post_commit, record_commit};
use crate::failure::{CaseResult, check_eq};
use crate::fixtures::{LOCATION, all_messages, at, booking, booking_id, customer, operator};
use crate::harness::Harness;
use crate::text_round_trip::write_and_read_texts;
use crate::tracked_location::TrackedLocation;

pub(super) async fn texts_round_trip_byte_for_byte(harness: &Harness<'_>) -> CaseResult {
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
    write_and_read_texts(harness.store(), texts).await
}

pub(super) async fn times_round_trip_to_the_microsecond(harness: &Harness<'_>) -> CaseResult {
    let mut tracked = TrackedLocation::new(harness.store(), LOCATION);
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
    let talk = tracked.id("talk");
    for (index, now) in times.into_iter().enumerate() {
        // One thread has a message, a read mark and a wait at each time. Another thread
        // was created at that time, for a booking that starts then.
        let message = TestMessage::new(&customer("c-1"), "x", now);
        let commit = post_commit(Base::new(&talk, tracked.stored("talk")), &message);
        let message = messages_of(&commit).remove(0);
        tracked.commit(commit).await?;
        tracked.update("talk", |thread| thread.mark_read(Role::Operator, &message, now)).await?;
        tracked.set_waiting("talk", Some(now)).await?;
        let booking = Booking::new(booking_id(&format!("b-{index}")), "", "").with_start(now);
        let thread = Thread::start(talk.location.clone(), booking, now);
        tracked.commit(Commit::new(ThreadState::Live(thread), None)).await?;
    }
    let found = harness.store().messages(&all_messages(&talk)).await?;
    let sent: Vec<Timestamp> = found.iter().map(|stored| stored.message.sent_at()).collect();
    check_eq(&*sent, &times, "the times of messages")?;
    tracked.check().await
}

pub(super) async fn parts_of_a_booking_can_be_removed(harness: &Harness<'_>) -> CaseResult {
    let mut tracked = TrackedLocation::new(harness.store(), LOCATION);
    let full = booking("b-1")
        .with_duration(Duration::from_secs(7_200))
        .with_customer_name(DisplayName::new("Ann"))
        .with_profile(ProfileId::new("crm-88").expect("a valid profile id"))
        .with_short_code("XH41")
        .with_version(7);
    let thread = Thread::start(tracked.id("b-1").location, full.clone(), at(0));
    tracked.commit(Commit::new(ThreadState::Live(thread), None)).await?;
    let id = booking_id("b-1");
    for removal in [
        BookingPatch::new(id.clone()).without_start(),
        BookingPatch::new(id.clone()).with_duration(Duration::ZERO),
        BookingPatch::new(id.clone()).without_customer_name(),
        BookingPatch::new(id.clone()).without_profile(),
        BookingPatch::new(id.clone()).without_short_code(),
        BookingPatch::new(id.clone()).without_version(),
        BookingPatch::from(full).with_version(8),
        BookingPatch::from(Booking::enquiry(id, "Whales?")).without_version(),
    ] {
        tracked.update("b-1", |thread| thread.update_booking(&removal)).await?;
        tracked.check().await?;
    }
    Ok(())
}

pub(super) async fn every_field_of_a_head_round_trips(harness: &Harness<'_>) -> CaseResult {
    let mut tracked = TrackedLocation::new(harness.store(), LOCATION);
    let profile = ProfileId::new("crm:88/é").expect("a valid profile id");
    let full = Booking::new(booking_id("full"), "K7Q2-XH41/é", "Whales & <dolphins> 🐋")
        .with_start(at(9))
        .with_duration(Booking::MAX_DURATION)
        .with_status(BookingStatus::from_word("on hold"))
        .with_customer_name(DisplayName::new("Zoë 'Z' \u{1F419}"))
        .with_profile(profile)
        .with_short_code("XH41/é")
        .with_version(Booking::MAX_VERSION);
    let empty =
        Booking::new(booking_id("empty"), "", "").with_start(Timestamp::MIN).with_version(0);
    for booking in [
        full,
        Booking::enquiry(booking_id("enquiry"), "Whales?"),
        empty.with_status(BookingStatus::Pending),
        booking("b-1").with_status(BookingStatus::Confirmed),
        booking("b-2").with_status(BookingStatus::Cancelled),
        booking("b-3").with_status(BookingStatus::Complete),
        booking("b-4").with_status(BookingStatus::NoShow),
    ] {
        let id = tracked.id(booking.id.as_str());
        let name = id.booking.as_str();
        let thread = Thread::start(id.location.clone(), booking, at(0));
        tracked.commit(Commit::new(ThreadState::Live(thread), None)).await?;
        tracked.check().await?;
        for text in ["é".repeat(200), "👩‍👩‍👧‍👦".repeat(90), "x".repeat(80), "a\n b".to_owned()]
        {
            tracked.send(name, &TestMessage::new(&customer("c-1"), &text, at(1))).await?;
        }
        tracked.check().await?;
        let messages = tracked.model.history(&id);
        let message = |index: usize| &messages[index].message;
        for (reader, index, read) in
            [(Role::Operator, 3, true), (Role::Operator, 1, false), (Role::Customer, 2, false)]
        {
            let mark = |thread: &Thread| {
                if read {
                    thread.mark_read(reader, message(index), at(2))
                } else {
                    thread.mark_unread(reader, message(index), at(3))
                }
            };
            tracked.update(name, mark).await?;
        }
        tracked.check().await?;
        // A store does not check the number of redactions against the messages.
        let mut record = ThreadRecord::from(tracked.thread(name).clone());
        (record.waiting_since, record.redactions) = (Some(at(1)), 3);
        tracked.commit(record_commit(tracked.stored(name), record)).await?;
        tracked.check().await?;
    }
    Ok(())
}

pub(super) async fn message_flags_round_trip(harness: &Harness<'_>) -> CaseResult {
    let mut tracked = TrackedLocation::new(harness.store(), LOCATION);
    let mut messages = Vec::new();
    for author in [customer("c-1"), operator("u-1")] {
        let plain = TestMessage::new(&author, "Hello!", at(0));
        let both = plain.clone().automatic().imported();
        messages.extend([plain.clone().automatic(), plain.clone().imported(), both, plain]);
    }
    for message in &messages {
        tracked.send("b-1", message).await?;
    }
    tracked.send_all("b-1", &messages).await?;
    // A redaction keeps the flags.
    for number in [1, 2, 3, 4, 13] {
        tracked.redact("b-1", number).await?;
    }
    let id = tracked.id("b-1");
    let found = harness.store().messages(&all_messages(&id)).await?;
    let flags = |StoredMessage { message, .. }: &StoredMessage| {
        (message.is_automatic(), message.is_imported())
    };
    let found: Vec<_> = found.iter().map(flags).collect();
    let expected = messages.iter().map(|message| (message.automatic, message.imported));
    let expected: Vec<_> = expected.clone().chain(expected).collect();
    check_eq(&found, &expected, "the flags (automatic, imported) of messages")?;
    tracked.check().await
}

pub(super) async fn data_of_other_versions_and_limits_is_read_back(
    harness: &Harness<'_>,
) -> CaseResult {
    let mut tracked = TrackedLocation::new(harness.store(), LOCATION);
    let long = "x".repeat(512);
    let larger = "x".repeat(3 * MessageBody::DEFAULT_MAX_CHARS);
    let rows = [
        // Texts that are blank or untrimmed by the rules of this version of the library.
        ForeignTexts { body: "\u{200B}", name: "\u{200B}", line: "\u{202E}" },
        ForeignTexts { body: " x ", name: " Ann\u{3000}", line: "  two  spaces  " },
        // Unassigned and private code points.
        ForeignTexts { body: "\u{378}\u{E000}", name: "\u{1FFFE}", line: "\u{10FFFF}" },
        // More clusters than the limit of a line.
        ForeignTexts { body: "a\n\u{2028}b", name: &long, line: &long },
        // More characters than the default limit of a body.
        ForeignTexts { body: &larger, name: "Ann", line: &long },
    ];
    for (index, texts) in rows.into_iter().enumerate() {
        let booking = format!("b-{index}");
        let commit = texts.commit(&tracked, &booking);
        tracked.commit(commit).await?;
        let id = tracked.id(&booking);
        let found = harness.store().messages(&all_messages(&id)).await?;
        let body = found.first().and_then(|stored| stored.message.body());
        check_eq(&body.map(MessageBody::as_str), &Some(texts.body), "a body")?;
        check_eq(&found, &tracked.model.history(&id), "the messages")?;
    }
    tracked.check().await
}

/// Texts that this version of the library would clean, cut or refuse in new input.
#[derive(Clone, Copy)]
struct ForeignTexts<'a> {
    body: &'a str,
    name: &'a str,
    line: &'a str,
}

impl ForeignTexts<'_> {
    /// Makes a commit with the texts from records, which are not cleaned.
    fn commit(self, tracked: &TrackedLocation, booking: &str) -> Commit {
        let id = tracked.id(booking);
        let message = TestMessage::new(&customer("c-1"), "x", at(0));
        let commit = post_commit(Base::new(&id, None), &message);
        let mut record = MessageRecord::from(messages_of(&commit).remove(0));
        record.name = Some(self.name.to_owned());
        record.body = Some(self.body.to_owned());
        let message = Message::try_from(record).expect("a message of another version");
        let thread = commit.next().live().expect("a live thread").clone();
        let preview = Preview::from_stored(self.line, true).expect("a preview of another version");
        let mut record = ThreadRecord::from(thread);
        for text in
            [&mut record.booking.code, &mut record.booking.activity, &mut record.booking.status]
        {
            self.line.clone_into(text);
        }
        record.booking.customer_name = Some(self.name.to_owned());
        record.last = Some(LastMessage::new(Role::Customer, at(0), preview));
        let messages = NewMessages::one(NewMessage::new(message, None));
        record_commit(None, record).with_messages(messages).expect("the last message")
    }
}
