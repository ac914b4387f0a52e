use frontdesk::store::{
    AuthorRedaction, Commit, CommitOutcome, KeyQuery, MessageQuery, StoredMessage,
};
use frontdesk::{Participant, Role};

use crate::commit_builders::{Base, TestMessage, post_commit, redact_commit};
use crate::failure::{CaseResult, Failure, check, check_eq};
use crate::fixtures::{LOCATION, NO_LIMIT, all_messages, at, customer, key, number, operator};
use crate::harness::Harness;
use crate::tracked_location::TrackedLocation;

/// Writes five messages of both sides into "b-1". Each has a key.
async fn conversation(harness: &Harness<'_>) -> CaseResult<TrackedLocation> {
    let mut tracked = TrackedLocation::new(harness.store(), LOCATION);
    let authors = [customer("c-1"), operator("u-1")];
    for step in 1..=5 {
        let author = &authors[usize::from(step % 3 == 0)];
        let message = TestMessage::new(author, &format!("Card number {step}"), at(step.into()));
        tracked.send("b-1", &message.with_key(&key(&format!("k-{step}")))).await?;
    }
    Ok(tracked)
}

pub(super) async fn redacting_removes_the_text_and_keeps_the_rest(
    harness: &Harness<'_>,
) -> CaseResult {
    let store = harness.store();
    let mut tracked = conversation(harness).await?;
    let id = tracked.id("b-1");
    let before = tracked.model.history(&id);
    // A customer's message, an operator's message and the last message.
    for (ordinal, redacted) in (1..).zip([2, 3, 5]) {
        tracked.redact("b-1", redacted).await?;
        let messages = store.messages(&all_messages(&id)).await?;
        let message = messages.iter().find(|stored| stored.message.number().get() == redacted);
        let message = message.map(|stored| (stored.message.body(), stored.message.redaction()));
        let expected = Some((None, Some(ordinal)));
        check_eq(&message, &expected, format_args!("the text of redacted message {redacted}"))?;
        tracked.check().await?;
    }
    let kept = |messages: &[StoredMessage]| {
        let kept = messages.iter().map(|StoredMessage { message, revision, .. }| {
            let author = message.author().clone();
            (message.number(), message.ordinal(), author, message.sent_at(), *revision)
        });
        kept.collect::<Vec<_>>()
    };
    let messages = store.messages(&all_messages(&id)).await?;
    check_eq(&kept(&messages), &kept(&before), "everything but the texts after redacting")?;
    // Later messages continue the numbers.
    tracked.post("b-1", &customer("c-1"), 6).await?;
    tracked.check().await?;
    tracked.erase("b-1").await?;
    tracked.check().await
}

pub(super) async fn a_conflicting_redaction_writes_nothing(harness: &Harness<'_>) -> CaseResult {
    let mut tracked = conversation(harness).await?;
    let older = tracked.stored("b-1").cloned();
    tracked.post("b-1", &customer("c-1"), 9).await?;
    let current = CommitOutcome::Conflict(tracked.stored("b-1").cloned());
    let outcome = harness.store().commit(redact_commit(older.as_ref(), number(2))).await?;
    check_eq(&outcome, &current, "redacting a text from an older revision")?;
    let names = author_redaction(&customer("c-1"), 1..=5);
    let state = older.as_ref().expect("a thread").state.clone();
    let commit = Commit::new(state, older.as_ref());
    let commit = commit.with_author_redaction(names).expect("messages of the thread");
    let outcome = harness.store().commit(commit).await?;
    check_eq(&outcome, &current, "redacting an author from an older revision")?;
    tracked.check().await
}

pub(super) async fn a_redacted_last_message_has_no_preview(harness: &Harness<'_>) -> CaseResult {
    let mut tracked = conversation(harness).await?;
    tracked.redact("b-1", 4).await?;
    let last = |tracked: &TrackedLocation| tracked.thread("b-1").last_message().cloned();
    check(last(&tracked).is_some_and(|last| last.preview.is_some()), || {
        Failure::new("redacting message 4 of 5", "the preview of message 5", "no preview")
    })?;
    tracked.redact("b-1", 5).await?;
    tracked.check().await?;
    let stored = harness.store().thread(&tracked.id("b-1")).await?;
    let thread = stored.as_ref().and_then(|stored| stored.state.live());
    let preview = thread.and_then(|thread| Some(thread.last_message()?.preview.is_some()));
    check_eq(&preview, &Some(false), "the preview of a redacted last message")?;
    // The next message has a preview again.
    tracked.post("b-1", &customer("c-1"), 9).await?;
    tracked.check().await
}

pub(super) async fn a_redacted_message_still_answers_its_key(harness: &Harness<'_>) -> CaseResult {
    let store = harness.store();
    let mut tracked = conversation(harness).await?;
    let (id, ann, used) = (tracked.id("b-1"), customer("c-1"), key("k-2"));
    tracked.redact("b-1", 2).await?;
    let query = KeyQuery::new(&id, &ann, &used);
    let found = store.message_by_key(&query).await?;
    check(found.as_ref().is_some_and(|stored| stored.message.redaction().is_some()), || {
        Failure::new(
            "the message of a redacted message's key",
            "the redacted message",
            format!("{found:?}"),
        )
    })?;
    check_eq(
        &found,
        &tracked.model.message_by_key(&query),
        "the message of a redacted message's key",
    )?;
    for text in ["Card number 2", "Something else"] {
        let retry = TestMessage::new(&ann, text, at(9)).with_key(&used);
        let outcome =
            store.commit(post_commit(Base::new(&id, tracked.stored("b-1")), &retry)).await?;
        let message = found.clone().expect("the redacted message");
        let expected = CommitOutcome::KeyTaken { index: 0, message };
        check_eq(&outcome, &expected, "a retry of a redacted message")?;
    }
    tracked.check().await
}

pub(super) async fn redacted_messages_are_listed_by_ordinal(harness: &Harness<'_>) -> CaseResult {
    let store = harness.store();
    let mut tracked = conversation(harness).await?;
    let id = tracked.id("b-1");
    for redacted in [4, 1, 5, 2] {
        tracked.redact("b-1", redacted).await?;
    }
    for after in [0, 1, 3, 4, 5, u32::MAX] {
        for limit in [0, 1, 2, 4, NO_LIMIT] {
            let query = MessageQuery::redacted_after(&id, after, limit);
            let found = store.messages(&query).await?;
            let numbers = |messages: &[StoredMessage]| -> Vec<u32> {
                messages.iter().map(|stored| stored.message.number().get()).collect()
            };
            let operation = format!("{limit} messages redacted after ordinal {after}");
            let expected = tracked.model.messages(&query);
            check_eq(&numbers(&found), &numbers(&expected), &operation)?;
            check_eq(&found, &expected, &operation)?;
        }
    }
    tracked.post("b-2", &customer("c-1"), 0).await?;
    tracked.erase("b-1").await?;
    for booking in ["b-1", "b-2", "unknown"] {
        let id = tracked.id(booking);
        let found = store.messages(&MessageQuery::redacted_after(&id, 0, NO_LIMIT)).await?;
        check_eq(&found, &Vec::new(), format_args!("the redacted messages of {id}"))?;
    }
    // The next generation counts its own redactions.
    tracked.post("b-1", &customer("c-1"), 10).await?;
    tracked.redact("b-1", 6).await?;
    tracked.check().await
}

fn author_redaction(
    author: &Participant,
    numbers: std::ops::RangeInclusive<u32>,
) -> AuthorRedaction {
    AuthorRedaction {
        role: author.role,
        author: author.id.clone(),
        messages: number(*numbers.start())..=number(*numbers.end()),
    }
}

pub(super) async fn redacting_an_author_removes_only_their_names(
    harness: &Harness<'_>,
) -> CaseResult {
    let mut tracked = TrackedLocation::new(harness.store(), LOCATION);
    // The same id on both sides, and similar ids.
    let ann = customer("p-1");
    let kim = Participant::new(Role::Operator, ann.id.clone(), ann.name.clone());
    let authors = [ann.clone(), kim.clone(), customer("P-1"), customer("p-12")];
    for booking in ["b-1", "b-2"] {
        for step in 0..12_u32 {
            let author = &authors[usize::try_from(step % 4).unwrap_or(0)];
            let message = TestMessage::new(author, &format!("Message {step}"), at(step.into()));
            tracked.send(booking, &message.with_key(&key(&format!("k-{step}")))).await?;
        }
    }
    for (author, numbers) in [(&ann, 2..=8), (&kim, 2..=2), (&kim, 7..=12), (&ann, 1..=12)] {
        let stored = tracked.stored("b-1");
        let state = stored.expect("a thread").state.clone();
        let commit = Commit::new(state, stored);
        let commit = commit.with_author_redaction(author_redaction(author, numbers.clone()));
        tracked.commit(commit.expect("messages of the thread")).await?;
        let operation = format!("removing the name of {author:?} from messages {numbers:?}");
        tracked.check().await.map_err(|failure| failure.during(operation))?;
    }
    Ok(())
}
