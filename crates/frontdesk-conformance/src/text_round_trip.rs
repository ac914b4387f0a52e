use frontdesk::store::{Commit, StoredMessage, ThreadState};
use frontdesk::{Booking, BookingStatus, DisplayName, MessageBody};

use crate::commit_builders::{Base, TestMessage, post_commit};
use crate::factory::DynFactory;
use crate::failure::{CaseResult, Failure, check_eq};
use crate::fixtures::{LOCATION, all_messages, at, booking_id, customer};
use crate::harness::Harness;
use crate::recording_store::StoreHandle;
use crate::tracked_location::TrackedLocation;

/// Checks that a store returns the host's own collection of difficult texts, such as the
/// Big List of Naughty Strings, byte for byte.
///
/// The kit writes each text as a message body, and also as a display name and as texts of
/// a booking, cleaned where those types clean their input. It skips a text that is not a
/// valid [`MessageBody`].
///
/// # Errors
///
/// [`Failure`] with the first text that changed.
///
/// ```
/// use frontdesk::store::MemoryStore;
/// use frontdesk_conformance::{Failure, check_text_round_trip, from_fn};
///
/// # futures::executor::block_on(async {
/// let factory = from_fn(MemoryStore::new);
/// check_text_round_trip(&factory, &["Ω≈ç√∫˜µ≤≥÷", "' OR 1=1 -- 1"]).await?;
/// # Ok::<(), Failure>(())
/// # }).unwrap();
/// ```
pub async fn check_text_round_trip(
    factory: &dyn DynFactory,
    texts: &[impl AsRef<str> + Sync],
) -> Result<(), Failure> {
    let texts = texts.iter().map(|text| text.as_ref().to_owned()).collect();
    let mut harness = Harness::new(factory).await?;
    write_and_read_texts(harness.store(), texts).await?;
    harness.check_after_reopening().await
}

/// Writes texts as bodies, names and booking texts, and checks what the store returns.
pub(crate) async fn write_and_read_texts(store: &StoreHandle, texts: Vec<String>) -> CaseResult {
    const MESSAGES_PER_THREAD: usize = 32;
    let bodies: Vec<MessageBody> =
        texts.iter().filter_map(|text| MessageBody::with_limit(text, usize::MAX).ok()).collect();
    let mut tracked = TrackedLocation::new(store, LOCATION);
    for (index, bodies) in bodies.chunks(MESSAGES_PER_THREAD).enumerate() {
        let booking = format!("b-{index}");
        write_bodies(&mut tracked, &booking, bodies).await?;
        let id = tracked.id(&booking);
        let found = store.messages(&all_messages(&id)).await?;
        check_texts(&found, bodies)?;
        check_eq(&found, &tracked.model.history(&id), "the messages")?;
        if let Some(last) = bodies.last() {
            let snapshot = Booking::new(booking_id(&booking), last, last)
                .with_start(at(0))
                .with_status(BookingStatus::from_word(last))
                .with_short_code(last)
                .with_customer_name(DisplayName::new(last));
            let next = tracked.thread(&booking).update_booking(&snapshot.into());
            let next = ThreadState::Live(next.expect("another snapshot"));
            let commit = Commit::new(next, tracked.stored(&booking));
            tracked.commit(commit).await?;
        }
    }
    tracked.check().await
}

async fn write_bodies(
    tracked: &mut TrackedLocation,
    booking: &str,
    bodies: &[MessageBody],
) -> CaseResult {
    let id = tracked.id(booking);
    for body in bodies {
        let mut author = customer("c:1@é");
        author.name = DisplayName::new(body.as_str());
        let message = TestMessage::with_body(&author, body.clone(), at(0));
        let commit = post_commit(Base::new(&id, tracked.stored(booking)), &message);
        tracked.commit(commit).await?;
    }
    Ok(())
}

/// Compares the texts that `Debug` of a message does not show.
fn check_texts(found: &[StoredMessage], sent: &[MessageBody]) -> CaseResult {
    for (StoredMessage { message, .. }, sent) in found.iter().zip(sent) {
        let body = message.body().map(MessageBody::as_str);
        check_eq(&body, &Some(sent.as_str()), "a body")?;
        let found = message.author().name.as_ref().map(DisplayName::as_str);
        let name = DisplayName::new(sent.as_str());
        check_eq(&found, &name.as_ref().map(DisplayName::as_str), "a name")?;
    }
    Ok(())
}
