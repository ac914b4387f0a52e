//! Importing a thread from another system (I5).

use frontdesk::desk::{OperatorPoll, PageRequest};
use frontdesk::import::{ImportMark, RefusalReason};
use frontdesk::store::{KeyQuery, ThreadStore};
use frontdesk::{BodyError, Booking, DeskError, Draft, Message, MessageBody, MessageNumber, Role};

use crate::support::fixture::{Fixture, expect_update, open_thread, text};
use crate::support::importing::{asked, history, import, replied};
use crate::support::{at, booking, booking_id, customer, key, number, operator};

/// Returns the positions and the reasons of the refused messages.
fn refused(imported: &frontdesk::import::Imported) -> Vec<(usize, RefusalReason)> {
    let refused = imported.refused.iter();
    refused.map(|refused| (refused.position, refused.reason.clone())).collect()
}

/// I5: an import keeps the times, the authors, the texts, the keys and the automatic replies of the
/// other system.
#[tokio::test]
async fn i5_an_import_keeps_times_authors_and_external_ids() {
    let fixture = Fixture::new();
    let (robot_key, robot) = replied("m-2", -50, "We open at 8 AM.");
    let list = import("b-1")
        .messages([asked("m-1", -60, " <b>Hello?</b>\r\n")])
        .message(robot_key, robot.automatic())
        .messages([replied("m-3", -50, "Hello!")]);
    let imported = fixture.admin().import(&list).await.unwrap();
    assert_eq!((imported.stored, imported.already_stored, imported.clamped), (3, 0, 0));
    assert_eq!(imported.thread.as_ref(), Some(&fixture.thread("b-1").await));
    let numbers = [0, 1, 2, 3].map(|position| imported.number(position).map(MessageNumber::get));
    assert_eq!(numbers, [Some(1), Some(2), Some(3), None]);

    let messages = fixture.messages("b-1").await;
    assert_eq!(text(&messages[0]), "<b>Hello?</b>");
    assert_eq!(
        messages.iter().map(Message::sent_at).collect::<Vec<_>>(),
        [at(-60), at(-50), at(-50)]
    );
    let authors = messages.iter().map(|message| message.author().clone()).collect::<Vec<_>>();
    assert_eq!(authors, [customer("ann"), operator("kim"), operator("kim")]);
    assert!(messages.iter().all(Message::is_imported));
    let automatic = messages.iter().map(Message::is_automatic).collect::<Vec<_>>();
    assert_eq!(automatic, [false, true, false]);

    let (id, ann, m_1) = (fixture.thread_id("b-1"), customer("ann"), key("m-1"));
    let query = KeyQuery::new(&id, &ann, &m_1);
    let found = fixture.store.message_by_key(&query).await.unwrap().value.unwrap();
    assert_eq!(found.message, messages[0]);
    // A live retry with the same key replays the imported message (I4).
    let sent = fixture.ann().send(Draft::new("<b>Hello?</b>").with_key(m_1)).await.unwrap();
    assert!(sent.is_replayed());
}

/// I5, P5: an import notifies no listener, and the polls of open pages show the messages.
#[tokio::test]
async fn i5_an_import_is_silent_and_polls_show_it() {
    let fixture = Fixture::new();
    let cursor = fixture.cursor().await;
    let opened = fixture.ann().open().await.unwrap();
    let list = import("b-1").messages([asked("m-1", -60, "one"), replied("m-2", -50, "two")]);
    fixture.admin().import(&list).await.unwrap();
    assert_eq!(fixture.take_event_log(), [""; 0]);

    let update = fixture.poll(&cursor, Some(&open_thread("b-1", 0))).await;
    assert_eq!(update.threads, [fixture.thread("b-1").await]);
    assert_eq!(update.conversation.unwrap().messages, fixture.messages("b-1").await);
    let polled = fixture.ann().poll(opened.cursor()).await.unwrap();
    let frontdesk::desk::CustomerPoll::Update(polled) = polled else { panic!("{polled:?}") };
    assert_eq!(polled.message_count(), 2);
}

/// I5: a list that is older than the thread's last message is refused, and the error names that
/// message. Nothing is stored.
#[tokio::test]
async fn i5_a_list_older_than_the_last_message_is_refused() {
    let fixture = Fixture::new();
    fixture.ann().send("live").await.unwrap();
    let before = fixture.revision().await;
    let list = import("b-1").messages([asked("m-1", -1, "old"), asked("m-2", 0, "new")]);
    for list in [list.clone(), list.clamp_times()] {
        let error = fixture.admin().import(&list).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "message at position 0 of the import is older than the thread's last message 1"
        );
        let DeskError::ImportOutOfOrder(refused) = error else { panic!("{error:?}") };
        assert_eq!((refused.last, refused.last_sent_at), (number(1), at(0)));
        assert_eq!((refused.imported.stored, refused.imported.refused.len()), (0, 0));
    }
    assert_eq!(fixture.revision().await, before);
    // A message of the same time can follow.
    let list = import("b-1").messages([asked("m-2", 0, "new")]);
    assert_eq!(fixture.admin().import(&list).await.unwrap().stored, 1);
}

/// I5: the creation of a thread without messages moves back to the first imported message, and never
/// forward.
#[tokio::test]
async fn i5_the_creation_of_an_empty_thread_moves_back() {
    let fixture = Fixture::new();
    for id in ["b-1", "b-2"] {
        fixture.kim().start(booking(id)).await.unwrap();
    }
    let list = import("b-1").messages([asked("m-1", -60, "one")]);
    fixture.admin().import(&list).await.unwrap();
    assert_eq!(fixture.thread("b-1").await.created_at(), at(-60));
    assert_eq!(fixture.thread("b-1").await.active_at(), at(-60));

    fixture.advance(60);
    let list = import("b-2").messages([asked("m-1", 30, "one")]);
    fixture.admin().import(&list).await.unwrap();
    assert_eq!(fixture.thread("b-2").await.created_at(), at(0));

    let list = import("b-3").messages([asked("m-1", -3_600, "one")]);
    fixture.admin().import(&list).await.unwrap();
    assert_eq!(fixture.thread("b-3").await.created_at(), at(-3_600));
}

/// I5, W3: a message that was sent before the message that it follows is refused. On request, it
/// gets that message's time instead, and the answer counts it.
#[tokio::test]
async fn i5_times_are_clamped_only_on_request() {
    let fixture = Fixture::new();
    let list = |id| {
        import(id).messages([
            asked("m-1", -60, "one"),
            replied("m-2", -90, "two"),
            replied("m-3", -70, "three"),
            asked("m-4", -50, "four"),
        ])
    };
    let imported = fixture.admin().import(&list("b-1")).await.unwrap();
    let before = RefusalReason::BeforePrevious;
    assert_eq!(refused(&imported), [(1, before.clone()), (2, before)]);
    assert_eq!(fixture.texts("b-1").await, [(1, "one".into()), (2, "four".into())]);

    let imported = fixture.admin().import(&list("b-2").clamp_times()).await.unwrap();
    assert_eq!((imported.stored, imported.clamped, refused(&imported)), (4, 2, vec![]));
    let times: Vec<_> = fixture.messages("b-2").await.iter().map(Message::sent_at).collect();
    assert_eq!(times, [at(-60), at(-60), at(-60), at(-50)]);
}

/// I5: messages that are stored already stay, and the list continues after them. A new message
/// before a stored one is reported.
#[tokio::test]
async fn i5_the_stored_messages_are_a_prefix_of_the_list() {
    let fixture = Fixture::new();
    let all = history(5);
    let part = import("b-1").messages([all[0].clone(), all[2].clone()]);
    fixture.admin().import(&part).await.unwrap();
    let before = fixture.messages("b-1").await;

    let imported = fixture.admin().import(&import("b-1").messages(all)).await.unwrap();
    assert_eq!((imported.stored, imported.already_stored), (2, 2));
    assert_eq!(refused(&imported), [(1, RefusalReason::BeforeStored)]);
    let numbers: Vec<_> = (0..5).map(|n| imported.number(n).map(MessageNumber::get)).collect();
    assert_eq!(numbers, [Some(1), None, Some(2), Some(3), Some(4)]);
    assert_eq!(fixture.messages("b-1").await[..2], before);
}

/// I5, P6: importing the same list again changes nothing, whatever was read or written since.
#[tokio::test]
async fn i5_importing_again_changes_nothing() {
    let fixture = Fixture::new();
    let list = import("b-1").messages(history(5)).waiting();
    fixture.admin().import(&list).await.unwrap();
    fixture.kim().mark_unread(&booking_id("b-1"), number(1)).await.unwrap();
    fixture.kim().reply(&booking_id("b-1"), "live").await.unwrap();
    fixture.admin().redact(&booking_id("b-1"), number(2)).await.unwrap();
    let (thread, revision) = (fixture.thread("b-1").await, fixture.revision().await);

    let again = fixture.admin().import(&list).await.unwrap();
    assert_eq!((again.stored, again.already_stored, refused(&again)), (0, 5, vec![]));
    assert_eq!(again.thread, Some(thread));
    assert_eq!(fixture.revision().await, revision);
    // A list without messages starts no thread.
    let empty = fixture.admin().import(&import("b-2")).await.unwrap();
    assert_eq!((empty.thread, fixture.revision().await), (None, revision));
}

/// I5, U1: without marks, everything imported is read. A mark names a number of messages or a time.
#[tokio::test]
async fn i5_marks_name_messages_or_times() {
    let fixture = Fixture::new();
    let unread = async |id: &str, list: frontdesk::import::ThreadImport| {
        let imported = fixture.admin().import(&list).await.unwrap();
        let thread = imported.thread.unwrap();
        assert_eq!(thread.id().booking.as_str(), id);
        (thread.unread(Role::Customer), thread.unread(Role::Operator))
    };
    let list = |id| import(id).messages(history(6));
    assert_eq!(unread("b-1", list("b-1")).await, (0, 0));
    let mark = fixture.thread("b-1").await.mark(Role::Operator);
    assert_eq!((mark.number(), mark.set_at()), (number(6), Some(at(-100_000 + 5))));

    let marks = |customer, operator| {
        move |list: frontdesk::import::ThreadImport| {
            list.read_by_customers(customer).read_by_operators(operator)
        }
    };
    let some = marks(ImportMark::First(2), ImportMark::Until(at(-100_000 + 2)));
    assert_eq!(unread("b-2", some(list("b-2"))).await, (2, 1));
    let mark =
        |thread: &frontdesk::Thread, role| (thread.mark(role).number(), thread.mark(role).set_at());
    let thread = fixture.thread("b-2").await;
    assert_eq!(mark(&thread, Role::Customer), (number(2), Some(at(-100_000 + 1))));
    assert_eq!(mark(&thread, Role::Operator), (number(3), Some(at(-100_000 + 2))));

    let none = marks(ImportMark::Nothing, ImportMark::First(0));
    assert_eq!(unread("b-3", none(list("b-3"))).await, (3, 3));
    let future = marks(ImportMark::Until(at(60)), ImportMark::Until(at(-200_000)));
    assert_eq!(unread("b-4", future(list("b-4"))).await, (0, 3));
    let mark = fixture.thread("b-4").await.mark(Role::Customer);
    assert_eq!(mark.set_at(), Some(at(0)), "the mark was not set in the future");
}

/// I5, U1: a mark covers everything before it. A message that the thread had before and that nobody
/// has read stays unread, and so do the imported messages after it.
#[tokio::test]
async fn i5_an_import_hides_no_unread_message() {
    let fixture = Fixture::new();
    fixture.ann().send("live").await.unwrap();
    fixture.advance(60);
    let list = import("b-1").messages([replied("m-1", 10, "one"), asked("m-2", 20, "two")]);
    let thread = fixture.admin().import(&list).await.unwrap().thread.unwrap();
    assert_eq!((thread.unread(Role::Operator), thread.unread(Role::Customer)), (2, 0));
    let conversation = fixture.kim().open(&booking_id("b-1")).await.unwrap();
    assert_eq!(conversation.first_unread, Some(number(1)));
}

/// I5, U5: an imported customer message waits only if the import says so. An imported reply ends a
/// wait, except for an automatic one.
#[tokio::test]
async fn i5_an_imported_thread_waits_only_if_the_import_says_so() {
    let fixture = Fixture::new();
    let questions = [replied("m-1", -90, "a"), asked("m-2", -80, "b"), asked("m-3", -70, "c")];
    let list = |id| import(id).messages(questions.clone());
    fixture.admin().import(&list("b-1")).await.unwrap();
    assert_eq!(fixture.thread("b-1").await.waiting_since(), None);
    fixture.admin().import(&list("b-2").waiting()).await.unwrap();
    assert_eq!(fixture.thread("b-2").await.waiting_since(), Some(at(-80)));
    let page = fixture.kim().inbox(&PageRequest::waiting(10)).await.unwrap();
    assert_eq!((page.waiting, page.threads.len()), (1, 1));

    let (robot_key, robot) = replied("m-4", -60, "d");
    let list = import("b-2").message(robot_key, robot.automatic());
    fixture.admin().import(&list).await.unwrap();
    assert_eq!(fixture.thread("b-2").await.waiting_since(), Some(at(-80)));
    let list = import("b-2").messages([replied("m-5", -50, "e"), asked("m-6", -40, "f")]);
    fixture.admin().import(&list).await.unwrap();
    assert_eq!(fixture.thread("b-2").await.waiting_since(), None);
}

/// I5, L3: an erased thread is refused, unless the import restarts it. It is then the next
/// generation.
#[tokio::test]
async fn i5_an_erased_thread_is_refused_unless_the_import_restarts_it() {
    let fixture = Fixture::new();
    let list = import("b-1").messages(history(3));
    fixture.admin().import(&list).await.unwrap();
    fixture.admin().erase(&booking_id("b-1")).await.unwrap();
    let revision = fixture.revision().await;
    let error = fixture.admin().import(&list).await.unwrap_err();
    assert!(matches!(error, DeskError::ThreadErased), "{error:?}");
    assert_eq!(fixture.revision().await, revision);

    let imported = fixture.admin().import(&list.restart_erased()).await.unwrap();
    assert_eq!((imported.stored, imported.number(0)), (3, Some(number(4))));
    let thread = fixture.thread("b-1").await;
    assert_eq!((thread.first_number(), thread.created_at()), (number(4), at(-100_000)));
    assert_eq!((thread.unread(Role::Operator), thread.unread(Role::Customer)), (0, 0));
}

/// I5, T2 to T4, I4: a message that cannot be kept is reported by its position and is not changed.
/// The others are stored.
#[tokio::test]
async fn i5_what_cannot_be_kept_is_reported_by_position() {
    let fixture = Fixture::new();
    fixture.admin().import(&import("b-1").messages([asked("m-0", -90, "stored")])).await.unwrap();
    let long = "x".repeat(MessageBody::DEFAULT_MAX_CHARS + 1);
    let list = import("b-1").messages([
        asked("m-0", -90, "another text"),
        asked("m-1", -80, " \u{200B}"),
        asked("m-2", -80, "It\u{92}s"),
        asked("m-3", -80, &long),
        asked("m-4", 1, "from the future"),
        asked("m-5", 0, "kept"),
        asked("m-5", 0, "kept"),
        replied("m-5", 0, "another author"),
    ]);
    let imported = fixture.admin().import(&list).await.unwrap();
    assert_eq!(
        refused(&imported),
        [
            (0, RefusalReason::KeyReused),
            (1, BodyError::Blank.into()),
            (2, BodyError::Control { found: '\u{92}', at: 2 }.into()),
            (3, BodyError::TooLong { chars: 10_001, limit: 10_000 }.into()),
            (4, RefusalReason::Future),
            (6, RefusalReason::DuplicateKey),
        ]
    );
    assert_eq!((imported.stored, imported.already_stored), (2, 0));
    let texts = fixture.texts("b-1").await.into_iter().map(|(_, text)| text).collect::<Vec<_>>();
    assert_eq!(texts, ["stored", "kept", "another author"]);
}

/// I5, T3: on request, the texts are cleaned, and the answer counts the changes. A repeated import
/// compares the cleaned texts.
#[tokio::test]
async fn i5_t3_texts_are_cleaned_on_request() {
    let fixture = Fixture::new();
    let list = import("b-1")
        .messages([asked("m-1", -80, "It\u{92}s\u{0}"), asked("m-2", -70, "\u{0}")])
        .cleaned();
    let imported = fixture.admin().import(&list).await.unwrap();
    assert_eq!((imported.cleaning.replaced, imported.cleaning.removed), (1, 1));
    assert_eq!(refused(&imported), [(1, BodyError::Blank.into())]);
    assert_eq!(fixture.texts("b-1").await, [(1, "It’s".into())]);
    assert_eq!(fixture.admin().import(&list).await.unwrap().already_stored, 1);
}

/// I5, L5, I2: an import does not change the snapshot of a thread that exists, and reaches the thread
/// under a linked id.
#[tokio::test]
async fn i5_an_import_keeps_the_snapshot_and_follows_links() {
    let fixture = Fixture::new();
    fixture.admin().import(&import("b-1").messages([asked("m-1", -80, "one")])).await.unwrap();
    fixture.admin().link(&booking_id("b-1"), &booking("b-2")).await.unwrap();
    let mut list = import("b-2").messages([asked("m-1", -80, "one"), asked("m-2", -70, "two")]);
    list.booking = Booking::new(booking_id("b-2"), "OTHER", "Another tour");
    let imported = fixture.admin().import(&list).await.unwrap();
    assert_eq!((imported.stored, imported.already_stored), (1, 1));
    let thread = imported.thread.unwrap();
    assert_eq!((thread.id().booking.as_str(), thread.booking()), ("b-1", &booking("b-2")));
}

/// I5, P2: an operator's poll with a cursor from before the import shows the imported threads once.
#[tokio::test]
async fn i5_the_change_feed_has_imported_threads() {
    let fixture = Fixture::new();
    let cursor = fixture.cursor().await;
    for id in ["b-1", "b-2"] {
        fixture.admin().import(&import(id).messages(history(3))).await.unwrap();
    }
    let answer: OperatorPoll = fixture.kim().poll(&cursor, None).await.unwrap();
    let update = expect_update(answer);
    assert_eq!((update.threads.len(), update.unread, update.waiting), (2, 0, 0));
}
