//! Following the events of a location with a stored cursor (P5, P7).

mod follower;
#[path = "../support/rng.rs"]
mod rng;
mod run;
#[path = "../support/mod.rs"]
mod support;
mod workload;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use async_trait::async_trait;
use frontdesk::cursor::{CursorError, FollowCursor};
use frontdesk::desk::{Event, EventPage, FollowAnswer, MAX_LOCATIONS, MAX_PAGE};
use frontdesk::store::{MemoryStore, StoreError};
use frontdesk::{AdminDesk, BookingPatch, DeskError};
use futures::executor::block_on;
use support::fixture::Fixture;
use support::hooked_store::{Hook, HookedStore};
use support::{booking, booking_id, location_id};
use workload::Workload;

/// Counts the calls of a store.
#[derive(Clone, Default)]
struct CallCounter(Arc<AtomicUsize>);

#[async_trait]
impl Hook for CallCounter {
    async fn before_call(&self) -> Result<(), StoreError> {
        self.0.fetch_add(1, SeqCst);
        Ok(())
    }

    async fn after_call(&self) {}
}

/// Returns the cursors before and after all events of a location.
async fn cursors(admin: &AdminDesk) -> (FollowCursor, FollowCursor) {
    match admin.follow(None, 1).await.unwrap() {
        FollowAnswer::StartOver { oldest, newest } => (oldest, newest),
        FollowAnswer::Events(page) => panic!("a follower without a cursor got {page:?}"),
    }
}

async fn events(admin: &AdminDesk, cursor: &FollowCursor, limit: usize) -> EventPage {
    match admin.follow(Some(cursor), limit).await.unwrap() {
        FollowAnswer::Events(page) => page,
        FollowAnswer::StartOver { .. } => panic!("the follower starts over"),
    }
}

/// Returns a line of text for each event.
fn lines(page: &EventPage) -> Vec<String> {
    let line = |event: &Event| match event {
        Event::MessageReceived { thread, message } | Event::ReplySent { thread, message } => {
            format!("{} message {}", thread.id().booking, message.number())
        }
        Event::ThreadChanged { thread } => format!("{} changed", thread.id().booking),
        Event::ThreadErased { tombstone } => {
            format!("{} erased to {}", tombstone.booking(), tombstone.last)
        }
        other => panic!("a follower got {other:?}"),
    };
    page.events.iter().map(|event| line(&event.event)).collect()
}

/// P5: random operations, limits and crashes. Every message and every erasure comes at least once,
/// with the same id, the messages of a thread in the order of their numbers.
#[test]
fn p5_every_message_and_every_erasure_comes_at_least_once() {
    let runs = std::env::var("FRONTDESK_FOLLOWERS").map_or(15, |runs| runs.parse().unwrap());
    let mut delivered = 0;
    for seed in 0..runs {
        let store = Arc::new(MemoryStore::new());
        delivered += block_on(run::follow_random_operations(store, seed, 100));
    }
    assert!(delivered > 2_000, "the runs delivered only {delivered} messages");
}

/// P5: a message comes even if its thread moved to the end of the feed afterwards, past a thread
/// that the follower has processed.
#[test]
fn p5_a_message_that_was_read_before_the_follower_came_still_comes() {
    let fixture = Fixture::new();
    let (kim, admin) = (fixture.kim(), fixture.admin());
    block_on(async {
        let (_, newest) = cursors(&admin).await;
        fixture.ann_with("b-1").send("one").await.unwrap();
        fixture.ann_with("b-2").send("two").await.unwrap();
        kim.open(&booking_id("b-1")).await.unwrap();

        let first = events(&admin, &newest, 1).await;
        assert_eq!((lines(&first), first.more), (vec!["b-2 message 1".to_owned()], true));
        let second = events(&admin, &first.cursor, 1).await;
        assert_eq!(lines(&second), ["b-1 message 1"]);
        let third = events(&admin, &second.cursor, 1).await;
        assert_eq!((lines(&third), third.more), (vec!["b-1 changed".to_owned()], false));
        assert_eq!(lines(&events(&admin, &third.cursor, 1).await), [""; 0]);
    });
}

/// P5: several changes of a thread are one event, and a message that is the last change of its
/// thread has no such event beside it.
#[test]
fn p5_all_other_changes_of_a_thread_are_one_event() {
    let fixture = Fixture::new();
    let (kim, ann, admin, id) = (fixture.kim(), fixture.ann(), fixture.admin(), booking_id("b-1"));
    block_on(async {
        let (oldest, _) = cursors(&admin).await;
        ann.send("one").await.unwrap();
        let page = events(&admin, &oldest, 9).await;
        assert_eq!(lines(&page), ["b-1 message 1"]);

        kim.open(&id).await.unwrap();
        admin.refresh(&BookingPatch::new(id.clone()).with_activity("Kayaks")).await.unwrap();
        admin.link(&id, &booking("b-9")).await.unwrap();
        let page = events(&admin, &page.cursor, 9).await;
        assert_eq!(lines(&page), ["b-1 changed"]);
        let Event::ThreadChanged { thread } = &page.events[0].event else { unreachable!() };
        assert_eq!(thread.linked_booking(), Some(&booking_id("b-9")));

        kim.reply(&id, "two").await.unwrap();
        let page = events(&admin, &page.cursor, 9).await;
        assert_eq!((lines(&page), page.more), (vec!["b-1 message 2".to_owned()], false));
    });
}

/// P5, L3: the erasure of a thread that was started again comes before its new messages.
#[test]
fn p5_an_erasure_comes_although_the_thread_was_started_again() {
    let fixture = Fixture::new();
    let (ann, admin, id) = (fixture.ann(), fixture.admin(), booking_id("b-1"));
    block_on(async {
        ann.send("one").await.unwrap();
        let (oldest, newest) = cursors(&admin).await;
        admin.erase(&id).await.unwrap();
        let erased = events(&admin, &newest, 9).await;
        ann.send("two").await.unwrap();
        for cursor in [&oldest, &newest] {
            let page = events(&admin, cursor, 9).await;
            assert_eq!(lines(&page), ["b-1 erased to 1", "b-1 message 2"]);
            assert_eq!(page.events[0].id, erased.events[0].id);
        }
        assert_eq!(lines(&events(&admin, &erased.cursor, 9).await)[1..], ["b-1 message 2"]);

        // Later messages bring no erasure.
        let (_, newest) = cursors(&admin).await;
        ann.send("three").await.unwrap();
        assert_eq!(lines(&events(&admin, &newest, 9).await), ["b-1 message 3"]);
    });
}

/// P5: the listener's event of a message or an erasure has the same id as the follower's event.
#[test]
fn p5_a_listener_and_a_follower_get_the_same_ids() {
    let fixture = Fixture::new();
    let admin = fixture.admin();
    block_on(async {
        fixture.ann().send("one").await.unwrap();
        fixture.kim().reply(&booking_id("b-1"), "two").await.unwrap();
        fixture.ann_with("b-2").send("three").await.unwrap();
        admin.erase(&booking_id("b-2")).await.unwrap();
        let (oldest, _) = cursors(&admin).await;
        let page = events(&admin, &oldest, 9).await;
        let followed: Vec<_> = page.events.into_iter().map(|event| event.id).collect();
        let listened: Vec<_> = fixture.events().iter().filter_map(Event::id).collect();
        assert_eq!(followed, [&listened[..2], &listened[3..]].concat());
    });
}

/// P5: "nothing new" costs one read. A new message costs three: the feed, the end of the thread, and
/// the new messages.
#[test]
fn p5_nothing_new_costs_one_read() {
    let counter = CallCounter::default();
    let fixture = Fixture::over(HookedStore::new(MemoryStore::new(), counter.clone()));
    let admin = fixture.admin();
    block_on(async {
        for number in 0..50 {
            fixture.ann().send(format!("{number}").as_str()).await.unwrap();
        }
        let (_, newest) = cursors(&admin).await;
        counter.0.store(0, SeqCst);
        let page = events(&admin, &newest, MAX_PAGE).await;
        assert_eq!((page.events.len(), page.more, counter.0.load(SeqCst)), (0, false, 1));
        assert_eq!(page.cursor, newest);

        fixture.ann().send("new").await.unwrap();
        counter.0.store(0, SeqCst);
        let page = events(&admin, &newest, MAX_PAGE).await;
        assert_eq!(lines(&page), ["b-1 message 51"]);
        assert_eq!(counter.0.load(SeqCst), 3);
    });
}

/// P5: an imported thread of thousands of messages comes in bounded steps, each message once.
#[test]
fn p5_thousands_of_imported_messages_come_in_bounded_steps() {
    let counter = CallCounter::default();
    let store = Arc::new(MemoryStore::new());
    let workload = Workload::new(store.clone(), 0);
    let fixture = Fixture::over(HookedStore::new(store, counter.clone()));
    let admin = fixture.admin();
    block_on(async {
        fixture.ann().send("hello").await.unwrap();
        let (_, mut cursor) = cursors(&admin).await;
        for _ in 0..3 {
            workload.import("b-1", 1_000).await;
        }
        fixture.kim().open(&booking_id("b-1")).await.unwrap();
        let (mut numbers, mut steps) = (Vec::new(), 0);
        loop {
            counter.0.store(0, SeqCst);
            let page = events(&admin, &cursor, MAX_PAGE).await;
            assert!(counter.0.load(SeqCst) <= 16, "a step needs too many reads");
            for event in &page.events {
                if let Event::MessageReceived { message, .. } = &event.event {
                    assert!(message.is_imported());
                    numbers.push(message.number().get());
                }
            }
            steps += 1;
            cursor = page.cursor;
            if !page.more {
                break;
            }
        }
        assert_eq!(numbers, (2..=3_001).collect::<Vec<u32>>());
        assert_eq!(steps, 16, "the last step brings the change of the thread");
    });
}

/// P7: a follower whose cursor cannot be continued starts over, and an invalid request is refused.
#[test]
fn p7_a_follower_that_cannot_continue_starts_over() {
    let fixture = Fixture::new();
    let admin = fixture.admin();
    block_on(async {
        fixture.ann().send("one").await.unwrap();
        let (oldest, newest) = cursors(&admin).await;
        let restored = fixture.reconfigured(|builder| builder.epoch(1)).admin();
        let answer = restored.follow(Some(&newest), 9).await.unwrap();
        let FollowAnswer::StartOver { oldest: fresh, .. } = answer else { panic!("{answer:?}") };
        assert_eq!(lines(&events(&restored, &fresh, 9).await), ["b-1 message 1"]);

        let lost = Fixture::over(MemoryStore::new());
        let answer = lost.admin().follow(Some(&newest), 9).await.unwrap();
        assert!(matches!(answer, FollowAnswer::StartOver { .. }), "another epoch");
        let ahead = newest.to_string().replacen(".1.1.", ".2.2.", 1).parse().unwrap();
        let answer = admin.follow(Some(&ahead), 9).await.unwrap();
        assert!(matches!(answer, FollowAnswer::StartOver { .. }), "ahead of the location");

        for limit in [0, MAX_PAGE + 1] {
            let refused = admin.follow(Some(&oldest), limit).await;
            assert!(matches!(refused, Err(DeskError::PageLimit { .. })));
        }
        let elsewhere = fixture.clone().at_location("elsewhere").admin();
        let refused = elsewhere.follow(Some(&oldest), 9).await;
        assert!(matches!(refused, Err(DeskError::Cursor(CursorError::WrongLocation))));
    });
}

/// P5: the list of locations says which of them have something new for a cursor.
#[test]
fn p5_the_list_of_locations_says_where_something_is_new() {
    let fixture = Fixture::new();
    let desk = &fixture.desk;
    let ids = ["airport", "harbour", "museum"];
    block_on(async {
        for id in ids {
            fixture.clone().at_location(id).ann().send("one").await.unwrap();
        }
        let mut known = Vec::new();
        for id in ids {
            known.push(cursors(&desk.admin(location_id(id))).await.1);
        }
        fixture.clone().at_location("harbour").ann().send("two").await.unwrap();
        let locations = desk.locations(None, MAX_LOCATIONS).await.unwrap();
        let changed: Vec<&str> = locations
            .iter()
            .zip(&known)
            .filter(|(newest, cursor)| newest.has_changed_since(cursor))
            .map(|(newest, _)| newest.location.as_str())
            .collect();
        assert_eq!(changed, ["harbour"]);

        let page = events(&desk.admin(location_id("harbour")), &known[1], 9).await;
        assert!(!locations[1].has_changed_since(&page.cursor));
        let restored = fixture.reconfigured(|builder| builder.epoch(1)).desk;
        let locations = restored.locations(None, 9).await.unwrap();
        assert!(locations[0].has_changed_since(&known[0]), "the follower starts over");

        let after = desk.locations(Some(&location_id("airport")), 1).await.unwrap();
        assert_eq!((after.len(), after[0].location.as_str()), (1, "harbour"));
        for limit in [0, MAX_LOCATIONS + 1] {
            let refused = desk.locations(None, limit).await;
            assert!(matches!(refused, Err(DeskError::LocationLimit { .. })));
        }
    });
}
