//! The feature `tracing`: one span for each use case, which says where, how it ended
//! and after how many retries, and never what was written or by whom.

#[path = "../support/busy.rs"]
mod busy;
mod house;
mod listening;
#[path = "../support/mod.rs"]
mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use frontdesk::desk::{
    CustomerPoll, Event, MAX_ATTEMPTS, MAX_PAGE, Messaging, OpenThread, OperatorPoll, PageRequest,
};
use frontdesk::store::StoreError;
use frontdesk::{DisplayName, Draft, FrontDesk, MessageNumber, Thread, ThreadId};
use futures::executor::block_on;
use futures::future::join_all;
use tracing::instrument::WithSubscriber;

use busy::{Busy, Failure, yield_once};
use house::{House, MARKER, draft, keyed, marked};
use listening::{Listening, one_span, spans_of};
use support::{booking, booking_id, number, place, who};

/// Each use case of an operator's handle is one span with its place and outcome.
#[test]
fn every_use_case_of_an_operator_is_one_span() {
    let House { kim, ann, .. } = House::new();
    let b = booking_id("b-1");
    one_span(kim.open(&b), "operator.open here | b-1 | not found | 0").unwrap_err();
    one_span(kim.reply(&b, draft("no")), "operator.reply here | b-1 | not found | 0").unwrap_err();
    one_span(kim.start(marked("b-1")), "operator.start here | b-1 | changed | 0").unwrap();
    one_span(kim.start(marked("b-1")), "operator.start here | b-1 | unchanged | 0").unwrap();
    block_on(ann.send(draft("hello"))).unwrap();

    let first = PageRequest::first(9);
    let page = one_span(kim.inbox(&first), "operator.inbox here | - | found | -").unwrap();
    one_span(kim.unread(), "operator.unread here | - | found | -").unwrap();
    one_span(kim.history(&b, None, 9), "operator.history here | b-1 | found | -").unwrap();
    let opened = one_span(kim.open(&b), "operator.open here | b-1 | found | 0").unwrap();
    one_span(kim.mark_read(&b, number(1)), "operator.mark_read here | b-1 | unchanged | 0")
        .unwrap();
    one_span(kim.mark_unread(&b, number(1)), "operator.mark_unread here | b-1 | changed | 0")
        .unwrap();
    one_span(kim.mark_read(&b, number(1)), "operator.mark_read here | b-1 | changed | 0").unwrap();
    one_span(kim.reply(&b, keyed("hi")), "operator.reply here | b-1 | sent | 0").unwrap();
    one_span(kim.reply(&b, keyed("hi")), "operator.reply here | b-1 | repeated | 0").unwrap();

    let open = opened.to_open();
    let polling = kim.poll(&page.cursor, Some(&open));
    let answer = one_span(polling, "operator.poll here | b-1 | update | 0").unwrap();
    let OperatorPoll::Update(update) = answer else { panic!("a fresh cursor goes on") };
    let polling = kim.poll(&update.cursor, None);
    one_span(polling, "operator.poll here | - | nothing new | 0").unwrap();
    let ahead = OpenThread { booking: b, shown: number(99) };
    let polling = kim.poll(&update.cursor, Some(&ahead));
    one_span(polling, "operator.poll here | b-1 | start over | 0").unwrap();
}

/// Each use case of a customer's handle is one span with its place and outcome.
#[test]
fn every_use_case_of_a_customer_is_one_span() {
    let House { kim, ann, store, .. } = House::new();
    one_span(ann.visit(), "customer.visit here | b-1 | not started | 0").unwrap();
    one_span(ann.history(None, 9), "customer.history here | b-1 | not started | -").unwrap();
    one_span(ann.send(keyed("hi")), "customer.send here | b-1 | sent | 0").unwrap();
    one_span(ann.send(keyed("hi")), "customer.send here | b-1 | repeated | 0").unwrap();
    let visit = one_span(ann.visit(), "customer.visit here | b-1 | found | 0").unwrap();
    one_span(ann.history(None, 9), "customer.history here | b-1 | found | -").unwrap();
    one_span(ann.unread(), "customer.unread here | b-1 | found | -").unwrap();

    let polling = ann.poll(visit.cursor());
    one_span(polling, "customer.poll here | b-1 | nothing new | 0").unwrap();
    block_on(kim.reply(&booking_id("b-1"), draft("hello"))).unwrap();
    let polling = ann.poll(visit.cursor());
    let answer = one_span(polling, "customer.poll here | b-1 | update | 0").unwrap();
    let CustomerPoll::Update(update) = answer else { panic!("a fresh cursor goes on") };
    let restored = FrontDesk::builder(store).epoch(1).build();
    let ann = restored.customer(place("here"), marked("b-1"), who("marker-c"), None);
    one_span(ann.poll(update.cursor()), "customer.poll here | b-1 | start over | 0").unwrap();
}

/// Each of the host's chores is one span with its place and outcome.
#[test]
fn every_use_case_of_a_location_is_one_span() {
    let House { here, .. } = House::with_a_thread();
    let b = booking_id("b-1");
    let first = PageRequest::first(9);
    one_span(here.threads(&first), "location.threads here | - | found | -").unwrap();
    let again = marked("b-1");
    one_span(here.refresh(&again), "location.refresh here | b-1 | unchanged | 0").unwrap();
    let other = booking("b-1");
    one_span(here.refresh(&other), "location.refresh here | b-1 | changed | 0").unwrap();
    let never = |_: &Thread| false;
    one_span(here.erase_if(&b, never), "location.erase here | b-1 | unchanged | 0").unwrap();
    one_span(here.erase(&b), "location.erase here | b-1 | changed | 0").unwrap();
}

/// What was not done says why, in a word, each [`DeskError`](frontdesk::DeskError)
/// its own.
#[test]
fn an_error_is_an_outcome() {
    let House { kim, ann, store, desk, .. } = House::with_a_thread();
    let b = booking_id("b-1");
    let sent = "customer.send here | b-1";
    one_span(ann.send("\0"), &format!("{sent} | not a message | -")).unwrap_err();
    block_on(ann.send(keyed("one"))).unwrap();
    one_span(ann.send(keyed("two")), &format!("{sent} | key reused | 0")).unwrap_err();
    let off = ann.clone().with_messaging(Messaging::Off);
    one_span(off.send(draft("off")), &format!("{sent} | messaging off | -")).unwrap_err();

    let reading = kim.history(&b, None, MAX_PAGE + 1);
    one_span(reading, "operator.history here | b-1 | page limit | -").unwrap_err();
    let marking = kim.mark_read(&b, number(99));
    one_span(marking, "operator.mark_read here | b-1 | no such message | -").unwrap_err();
    let there = desk.operator(place("there"), who("marker-u"), None);
    let page = block_on(there.inbox(&PageRequest::first(1))).unwrap();
    let polling = kim.poll(&page.cursor, None);
    one_span(polling, "operator.poll here | - | not its cursor | -").unwrap_err();

    let table: [(Failure, &str); 4] = [
        (|| StoreError::unavailable(MARKER), "store unavailable"),
        (|| StoreError::outcome_unknown(MARKER), "outcome unknown"),
        (
            || StoreError::corrupt(ThreadId::new(place(MARKER), booking_id(MARKER)), MARKER),
            "store corrupt",
        ),
        (|| StoreError::other(MARKER), "store failed"),
    ];
    for (error, outcome) in table {
        store.fail(error);
        one_span(kim.unread(), &format!("operator.unread here | - | {outcome} | -")).unwrap_err();
    }
}

/// `retries` is how often others were faster, in each use case that commits; when
/// they always are, the last attempt is not tried again.
#[test]
fn lost_commits_are_counted() {
    for lost in [0, 1, 7, MAX_ATTEMPTS - 1] {
        let House { kim, ann, here, store, .. } = House::with_a_thread();
        let b = booking_id("b-1");
        let page = block_on(kim.inbox(&PageRequest::first(9))).unwrap();
        let visit = block_on(ann.visit()).unwrap();
        let span = |name: &str, outcome: &str| format!("{name} here | b-1 | {outcome} | {lost}");

        store.conflict(lost);
        one_span(kim.open(&b), &span("operator.open", "found")).unwrap();
        store.conflict(lost);
        let marking = kim.mark_unread(&b, number(1));
        one_span(marking, &span("operator.mark_unread", "changed")).unwrap();
        store.conflict(lost);
        let open = OpenThread { booking: b.clone(), shown: MessageNumber::START };
        let polling = kim.poll(&page.cursor, Some(&open));
        one_span(polling, &span("operator.poll", "update")).unwrap();
        store.conflict(lost);
        one_span(kim.reply(&b, draft("hi")), &span("operator.reply", "sent")).unwrap();
        store.conflict(lost);
        one_span(ann.poll(visit.cursor()), &span("customer.poll", "update")).unwrap();
        store.conflict(lost);
        one_span(ann.send(draft("hi")), &span("customer.send", "sent")).unwrap();
        store.conflict(lost);
        one_span(here.refresh(&booking("b-1")), &span("location.refresh", "changed")).unwrap();
        store.conflict(lost);
        one_span(here.erase(&b), &span("location.erase", "changed")).unwrap();
        store.conflict(lost);
        one_span(kim.start(booking("b-1")), &span("operator.start", "changed")).unwrap();
    }
    let House { ann, store, .. } = House::with_a_thread();
    store.conflict(MAX_ATTEMPTS);
    let busy = format!("customer.send here | b-1 | busy | {}", MAX_ATTEMPTS - 1);
    one_span(ann.send(draft("hi")), &busy).unwrap_err();
}

/// The listener is told inside of the span of the use case that committed.
#[test]
fn the_listener_is_told_inside_of_the_span() {
    let listening = Listening::default();
    let (inside, told) = (listening.clone(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&told);
    let desk = FrontDesk::builder(Busy::default())
        .listener(move |event: &Event| {
            assert!(inside.is_inside(), "{event:?} is told outside");
            count.fetch_add(1, SeqCst);
        })
        .build();
    let kim = desk.operator(place("here"), who("u"), None);
    let ann = desk.customer(place("here"), booking("b-1"), who("c"), None);
    let b = booking_id("b-1");
    let day = async {
        kim.start(booking("b-1")).await.unwrap();
        ann.send("hello").await.unwrap();
        kim.mark_read(&b, number(1)).await.unwrap();
        kim.reply(&b, "hi").await.unwrap();
        ann.visit().await.unwrap();
        desk.location(place("here")).erase(&b).await.unwrap();
    };
    block_on(day.with_subscriber(listening));
    assert_eq!(told.load(SeqCst), 6);
}

/// What the caller gave up has no outcome, and its span is closed.
#[test]
fn what_the_caller_gave_up_has_no_outcome() {
    let House { ann, .. } = House::new();
    let ((), spans) = spans_of(async {
        let sending = Box::pin(ann.send(draft("hi")));
        // The store lets others run first, so that the send is only begun.
        assert!(futures::poll!(sending).is_pending());
    });
    assert_eq!(spans, ["customer.send here | b-1 | - | -"]);
}

/// A day of everything, told by every field of every span: no text, name, key, code,
/// status or person's id.
#[test]
fn no_span_says_what_was_written_or_by_whom() {
    let House { kim, ann, here, store, .. } = House::new();
    let listening = Listening::default();
    let b = booking_id("b-1");
    let day = async {
        ann.send(keyed("one")).await.unwrap();
        ann.send(keyed("two")).await.unwrap_err();
        ann.send(format!("{MARKER}\0")).await.unwrap_err();
        let page = kim.inbox(&PageRequest::first(9)).await.unwrap();
        let opened = kim.open(&b).await.unwrap();
        kim.reply(&b, keyed("hi")).await.unwrap();
        kim.poll(&page.cursor, Some(&opened.to_open())).await.unwrap();
        ann.poll(ann.visit().await.unwrap().cursor()).await.unwrap();
        kim.start(marked("b-2")).await.unwrap();
        store.fail(|| StoreError::unavailable(MARKER));
        kim.unread().await.unwrap_err();
        here.refresh(&marked("b-1").with_customer_name(DisplayName::new("other marker")))
            .await
            .unwrap();
        here.erase(&b).await.unwrap();
    };
    block_on(day.with_subscriber(listening.clone()));
    let spans = listening.spans();
    assert_eq!(spans.len(), 13);
    for span in spans {
        assert!(!format!("{span:?}").contains(MARKER), "{span:?}");
        let known = ["booking", "location", "outcome", "retries"];
        assert!(span.fields.keys().all(|field| known.contains(&field.as_str())), "{span:?}");
    }
}

/// Use cases that run at the same time, each waiting for the store in between, each
/// say what is theirs.
#[test]
fn use_cases_at_once_do_not_mix() {
    let house = House::new();
    let customers: Vec<_> = (0..20)
        .map(|n| {
            house.desk.customer(place(&format!("l-{n}")), marked(&format!("b-{n}")), who("c"), None)
        })
        .collect();
    let sending = customers.iter().enumerate().map(|(n, ann)| async move {
        // Every other one is refused, after some have waited longer than others.
        for _ in 0..n % 3 {
            yield_once().await;
        }
        let draft = if n % 2 == 0 { keyed("hi") } else { Draft::new(" ") };
        ann.send(draft).await.is_ok()
    });
    let (sent, mut spans) = spans_of(join_all(sending));
    assert_eq!(sent.iter().filter(|sent| **sent).count(), 10);
    let mut expected: Vec<_> = (0..20)
        .map(|n| {
            let outcome = if n % 2 == 0 { "sent | 0" } else { "not a message | -" };
            format!("customer.send l-{n} | b-{n} | {outcome}")
        })
        .collect();
    spans.sort();
    expected.sort();
    assert_eq!(spans, expected);
}
