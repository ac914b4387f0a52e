//! Order, pages, starting and erasing (I2, L1 to L5, P5).

use frontdesk::desk::PageRequest;
use frontdesk::store::{ThreadState, ThreadStore};
use frontdesk::view::English;
use frontdesk::{BookingStatus, DeskError, Draft, MessageNumber, ThreadId};
use time::UtcOffset;

use crate::story::{START, Story, a_booking, at, booking, here, key, number, open};

async fn order(story: &Story, request: &PageRequest) -> Vec<String> {
    let page = story.kim().inbox(request).await.unwrap();
    page.threads.iter().map(|thread| thread.id().booking.to_string()).collect()
}

/// I2: a booking has one thread, whoever starts it and however often (L5).
#[tokio::test]
async fn i2_a_booking_has_one_thread() {
    let story = Story::new();
    let started = story.kim().start(a_booking("b-1")).await.unwrap();
    story.ann().send("hello").await.unwrap();
    let again = story.nameless().start(a_booking("b-1")).await.unwrap();
    assert_eq!(again.id(), started.id());
    assert_eq!(again.created_at(), started.created_at());
    assert_eq!(order(&story, &PageRequest::first(10)).await, ["b-1"]);
}

/// L1: newest first, equal times by booking id; reading, marking and refreshing
/// move nothing; a thread without messages counts from its creation.
#[tokio::test]
async fn l1_the_inbox_is_ordered_by_last_message() {
    let story = Story::new();
    for id in ["b-2", "b-1", "b-3"] {
        story.customer(id).send("hello").await.unwrap();
    }
    story.wait(60);
    story.kim().start(a_booking("b-9")).await.unwrap();
    story.wait(60);
    story.customer("b-3").send("hello?").await.unwrap();
    let expected = ["b-3", "b-9", "b-1", "b-2"];
    assert_eq!(order(&story, &PageRequest::first(10)).await, expected);

    story.wait(60);
    story.kim().open(&booking("b-2")).await.unwrap();
    assert_eq!(story.kim().unread().await.unwrap(), 2);
    story.kim().mark_unread(&booking("b-2"), number(1)).await.unwrap();
    let cancelled = a_booking("b-1").with_status(BookingStatus::Cancelled);
    assert!(story.location().refresh(&cancelled).await.unwrap());
    assert_eq!(order(&story, &PageRequest::first(10)).await, expected);
}

/// L2: walking pages while messages arrive repeats nothing and skips nothing that
/// did not move.
#[tokio::test]
async fn l2_walking_pages_while_threads_move() {
    let story = Story::new();
    for n in 0..25 {
        story.customer(&format!("b-{n:02}")).send("hello").await.unwrap();
        story.wait(1);
    }
    let mut seen = Vec::new();
    let mut request = PageRequest::first(7);
    loop {
        let page = story.kim().inbox(&request).await.unwrap();
        seen.extend(page.threads.iter().map(|thread| thread.id().booking.to_string()));
        // The thread that would be next but three moves to the top.
        story.wait(1);
        let moving = 24_usize.saturating_sub(seen.len() + 3);
        story.customer(&format!("b-{moving:02}")).send("again").await.unwrap();
        let Some(next) = page.next else { break };
        request = PageRequest::after(next, 7);
    }
    // Before the walk came to them, these went to where it had been.
    let moved = ["b-14", "b-07", "b-00"];
    let mut others: Vec<String> = (0..25).rev().map(|n| format!("b-{n:02}")).collect();
    others.retain(|booking| !moved.contains(&booking.as_str()));
    assert_eq!(seen, others, "each that did not move, once and in order");
}

/// L2: a page says from where polling starts: what comes after it is in the poll.
#[tokio::test]
async fn l2_a_page_says_from_where_polling_starts() {
    let story = Story::new();
    story.customer("b-1").send("one").await.unwrap();
    let page = story.kim().inbox(&PageRequest::first(10)).await.unwrap();
    assert!(story.poll(&page.cursor, None).await.is_empty());
    story.customer("b-2").send("two").await.unwrap();
    let update = story.poll(&page.cursor, None).await;
    assert_eq!(update.threads[0].id().booking, booking("b-2"));
}

/// L2, P2: whichever page a client polls on from, and however late it arrived,
/// its list ends as the store's.
#[tokio::test]
async fn l2_polling_on_from_any_page_misses_nothing() {
    for late in [false, true] {
        let story = Story::new();
        for n in 0..4 {
            story.customer(&format!("b-{n}")).send("hello").await.unwrap();
            story.wait(1);
        }
        let first = story.kim().inbox(&PageRequest::first(2)).await.unwrap();
        story.customer("b-3").send("moves within the first page").await.unwrap();
        let second = PageRequest::after(first.next.unwrap(), 2);
        let second = story.kim().inbox(&second).await.unwrap();
        let mut list: frontdesk::inbox::InboxList<_> = first.threads.into_iter().collect();
        if late {
            story.location().erase(&booking("b-0")).await.unwrap();
            story.poll(&first.cursor, None).await.apply_to(&mut list);
        }
        list.extend(second.threads);
        story.poll(&second.cursor, None).await.apply_to(&mut list);
        let expected = story.kim().inbox(&PageRequest::first(9)).await.unwrap().threads;
        assert!(list.iter().eq(&expected), "late: {late}");
    }
}

/// U4, L2: the unread filter and the idle ones page like the rest.
#[tokio::test]
async fn l2_filtered_and_idle_pages_page_alike() {
    let story = Story::new();
    for n in 0..6 {
        story.customer(&format!("b-{n}")).send("hello").await.unwrap();
        story.wait(60);
    }
    story.kim().open(&booking("b-4")).await.unwrap();
    let unread = PageRequest::unread(2);
    assert_eq!(order(&story, &unread).await, ["b-5", "b-3"]);
    let next = story.kim().inbox(&unread).await.unwrap().next.unwrap();
    let rest = PageRequest::after(next, 9);
    assert_eq!(order(&story, &rest).await, ["b-2", "b-1", "b-0"]);

    let since = at(START).saturating_add(std::time::Duration::from_secs(120));
    assert_eq!(order(&story, &PageRequest::idle_since(since, 9)).await, ["b-2", "b-1", "b-0"]);
}

/// L3: erasing removes words, names and keys and leaves the id, the revision and
/// the last number; everybody sees it gone.
#[tokio::test]
async fn l3_erasing_leaves_a_tombstone() {
    let story = Story::new();
    let draft = Draft::new("secret").with_key(key("k"));
    story.ann().send(draft.clone()).await.unwrap();
    story.kim().reply(&booking("b-1"), "a word").await.unwrap();
    let cursor = story.cursor().await;
    story.heard();

    assert!(story.location().erase(&booking("b-1")).await.unwrap());
    assert_eq!(story.heard(), ["erased 2"]);
    let id = ThreadId::new(here(), booking("b-1"));
    let stored = story.store.thread(&id).await.unwrap().unwrap();
    let ThreadState::Erased(tombstone) = &stored.state else { panic!("it should be gone") };
    assert_eq!(tombstone.last, number(2));
    assert!(!format!("{stored:?}").contains("Ann"));
    let all = MessageNumber::START..=MessageNumber::MAX;
    let direction = frontdesk::store::Direction::OldestFirst;
    assert!(story.store.messages(&id, all, 100, direction).await.unwrap().is_empty());

    let gone = story.kim().open(&booking("b-1")).await.unwrap_err();
    assert!(matches!(gone, DeskError::NotFound));
    assert!(!story.ann().visit().await.unwrap().is_started());
    let update = story.poll(&cursor, Some(&open("b-1", 2))).await;
    assert_eq!(update.erased, std::slice::from_ref(tombstone));
    assert!(update.threads.is_empty() && update.conversation.is_none());

    assert!(!story.location().erase(&booking("b-1")).await.unwrap(), "there is nothing left");
    assert!(!story.location().erase(&booking("never")).await.unwrap());
}

/// L3: a thread started again goes on from the next number and says which is its
/// first; a late retry of an erased message is a new message.
#[tokio::test]
async fn l3_a_late_retry_of_an_erased_message_is_a_new_message() {
    let story = Story::new();
    let draft = Draft::new("hello").with_key(key("k"));
    story.ann().send(draft.clone()).await.unwrap();
    story.kim().reply(&booking("b-1"), "hi").await.unwrap();
    let cursor = story.cursor().await;
    story.location().erase(&booking("b-1")).await.unwrap();

    let sent = story.ann().send(draft).await.unwrap();
    assert_eq!((sent.number(), sent.is_replayed()), (number(3), false));
    let thread = story.thread("b-1").await;
    assert_eq!((thread.first_number(), thread.message_count()), (number(3), 1));

    // A client that slept through both sees one thread, and what to drop.
    let update = story.poll(&cursor, Some(&open("b-1", 2))).await;
    let conversation = update.conversation.unwrap();
    assert_eq!(conversation.thread.first_number(), number(3));
    assert_eq!(conversation.messages[0].number(), number(3));
    assert!(update.erased.is_empty());
    let screen = story.desk.screen(&UtcOffset::UTC, &English);
    assert_eq!(conversation.view(&screen).part.first_number, number(3));
}

/// L3, T8, U3: a stale screen of an earlier life marks nothing, and the thread is
/// one that a store can read back.
#[tokio::test]
async fn l3_a_stale_screen_of_an_earlier_life_marks_nothing() {
    let story = Story::new();
    story.ann().send("one").await.unwrap();
    story.location().erase(&booking("b-1")).await.unwrap();
    story.ann().send("two").await.unwrap();
    let draft = Draft::new("three").having_seen(number(1));
    let thread = story.kim().reply(&booking("b-1"), draft).await.unwrap().thread;
    assert_eq!(thread.unread(frontdesk::Role::Operator), 1);
    assert_eq!(thread.mark(frontdesk::Role::Operator), frontdesk::ReadMark::default());
    let json = serde_json::to_string(&thread).unwrap();
    assert_eq!(serde_json::from_str::<frontdesk::Thread>(&json).unwrap(), thread);
}

/// L3: erasing on a condition looks at the thread as it is at that moment.
#[tokio::test]
async fn l3_erasing_on_a_condition_spares_what_was_written_since() {
    let story = Story::new();
    story.ann().send("old").await.unwrap();
    let cutoff = story.desk.now();
    story.wait(60);
    story.ann().send("new").await.unwrap();
    let idle = |thread: &frontdesk::Thread| thread.active_at() <= cutoff;
    assert!(!story.location().erase_if(&booking("b-1"), idle).await.unwrap());
    assert_eq!(story.thread("b-1").await.message_count(), 2);
}

/// L5: a customer's visit or poll before the thread starts writes nothing.
#[tokio::test]
async fn l5_a_visit_before_the_start_writes_nothing() {
    let story = Story::new();
    let visit = story.ann().visit().await.unwrap();
    assert!(!visit.is_started());
    story.ann().poll(visit.cursor()).await.unwrap();
    story.ann().history(None, 10).await.unwrap();
    assert_eq!(story.ann().unread().await.unwrap(), 0);
    assert_eq!(story.revision().await.get(), 0);
    assert_eq!(story.heard(), [""; 0]);
    let screen = story.desk.screen(&UtcOffset::UTC, &English);
    let view = visit.view(&screen).conversation;
    assert_eq!(view.header.code.as_str(), "K7Q2-XH41");
    assert!(view.sections.is_empty());
}

/// L5: only a refresh changes the booking's snapshot.
#[tokio::test]
async fn l5_only_a_refresh_changes_the_booking() {
    let story = Story::new();
    story.ann().send("hello").await.unwrap();
    let cancelled = a_booking("b-1").with_status(BookingStatus::Cancelled);
    story.kim().start(cancelled.clone()).await.unwrap();
    story
        .desk
        .customer(here(), cancelled.clone(), crate::story::person("ann"), None)
        .send("more")
        .await
        .unwrap();
    assert_eq!(story.thread("b-1").await.booking().status, BookingStatus::Pending);

    assert!(story.location().refresh(&cancelled).await.unwrap());
    assert_eq!(story.thread("b-1").await.booking().status, BookingStatus::Cancelled);
    assert!(!story.location().refresh(&cancelled).await.unwrap());
    assert!(!story.location().refresh(&a_booking("b-2")).await.unwrap(), "nothing is started");
    assert_eq!(story.kim().inbox(&PageRequest::first(9)).await.unwrap().threads.len(), 1);
}

/// P5: the listener is told what was committed, in words of the domain; not of a
/// booking that was refreshed or a message that was marked unread.
#[tokio::test]
async fn p5_a_listener_is_told_what_was_committed() {
    let story = Story::new();
    story.ann().send("one").await.unwrap();
    assert_eq!(story.heard(), ["opened b-1", "received 1"]);
    story.kim().open(&booking("b-1")).await.unwrap();
    story.kim().reply(&booking("b-1"), "two").await.unwrap();
    assert_eq!(story.heard(), ["operator read to 1", "replied 2"]);
    story.kim().mark_unread(&booking("b-1"), number(1)).await.unwrap();
    assert!(
        story
            .location()
            .refresh(&a_booking("b-1").with_status(BookingStatus::Complete))
            .await
            .unwrap()
    );
    assert!(story.heard().is_empty());
    story.ann().visit().await.unwrap();
    story.location().erase(&booking("b-1")).await.unwrap();
    story.kim().start(a_booking("b-1")).await.unwrap();
    assert_eq!(story.heard(), ["customer read to 2", "erased 2", "opened b-1"]);
}
