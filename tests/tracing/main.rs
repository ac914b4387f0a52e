//! The spans of the feature `tracing`. Each use case opens one span, which contains the location,
//! the booking, the outcome and the number of retries. No span contains a text or a participant's
//! id.

mod marked;
mod recorder;
#[path = "../support/mod.rs"]
mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use frontdesk::desk::{
    CustomerPoll, Event, FollowAnswer, MAX_ATTEMPTS, MAX_PAGE, OperatorPoll, PageRequest,
};
use frontdesk::store::StoreError;
use frontdesk::{DisplayName, Draft, Thread};
use futures::executor::block_on;
use futures::future::join_all;
use tracing::instrument::WithSubscriber;

use marked::{MARKER, ann, draft, fixture, fixture_with_thread, keyed_draft, kim, marked_booking};
use recorder::{SpanRecorder, assert_one_span, record_spans};
use support::faulty_store::{Failure, yield_once};
use support::fixture::{expect_update, open_thread};
use support::{booking, booking_id, number, thread_id};

#[test]
fn each_use_case_of_an_operator_is_one_span() {
    let fixture = fixture();
    let (kim, ann, id) = (kim(&fixture), ann(&fixture), booking_id("b-1"));
    assert_one_span(kim.open(&id), "operator.open here | b-1 | not found | 0").unwrap_err();
    assert_one_span(kim.reply(&id, draft("no")), "operator.reply here | b-1 | not found | 0")
        .unwrap_err();
    let start = || kim.start(marked_booking("b-1"));
    assert_one_span(start(), "operator.start here | b-1 | changed | 0").unwrap();
    assert_one_span(start(), "operator.start here | b-1 | unchanged | 0").unwrap();
    block_on(ann.send(draft("hello"))).unwrap();

    let first = PageRequest::first(9);
    let page = assert_one_span(kim.inbox(&first), "operator.inbox here | - | found | -").unwrap();
    assert_one_span(kim.unread_threads(), "operator.unread_threads here | - | found | -").unwrap();
    assert_one_span(kim.history(&id, None, 9), "operator.history here | b-1 | found | -").unwrap();
    let opened = assert_one_span(kim.open(&id), "operator.open here | b-1 | found | 0").unwrap();
    let mark_read = || kim.mark_read(&id, number(1));
    let mark_unread = || kim.mark_unread(&id, number(1));
    assert_one_span(mark_read(), "operator.mark_read here | b-1 | unchanged | 0").unwrap();
    assert_one_span(mark_unread(), "operator.mark_unread here | b-1 | changed | 0").unwrap();
    assert_one_span(mark_read(), "operator.mark_read here | b-1 | changed | 0").unwrap();
    let reply = || kim.reply(&id, keyed_draft("hi"));
    assert_one_span(reply(), "operator.reply here | b-1 | sent | 0").unwrap();
    assert_one_span(reply(), "operator.reply here | b-1 | repeated | 0").unwrap();

    let open = opened.open_thread();
    let poll = kim.poll(&page.cursor, Some(&open));
    let answer = assert_one_span(poll, "operator.poll here | b-1 | update | 0").unwrap();
    let cursor = expect_update(answer).cursor;
    let poll = kim.poll(&cursor, None);
    assert_one_span(poll, "operator.poll here | - | nothing new | 0").unwrap();
    let ahead = open_thread("b-1", 99);
    let poll = kim.poll(&cursor, Some(&ahead));
    let answer = assert_one_span(poll, "operator.poll here | b-1 | start over | 0").unwrap();
    assert!(matches!(answer, OperatorPoll::StartOver { .. }));
}

#[test]
fn each_use_case_of_a_customer_is_one_span() {
    let fixture = fixture();
    let (kim, ann) = (kim(&fixture), ann(&fixture));
    assert_one_span(ann.open(), "customer.open here | b-1 | not started | 0").unwrap();
    assert_one_span(ann.history(None, 9), "customer.history here | b-1 | not started | -").unwrap();
    let send = || ann.send(keyed_draft("hi"));
    assert_one_span(send(), "customer.send here | b-1 | sent | 0").unwrap();
    assert_one_span(send(), "customer.send here | b-1 | repeated | 0").unwrap();
    let opened = assert_one_span(ann.open(), "customer.open here | b-1 | found | 0").unwrap();
    assert_one_span(ann.history(None, 9), "customer.history here | b-1 | found | -").unwrap();
    let unread = ann.unread_messages();
    assert_one_span(unread, "customer.unread_messages here | b-1 | found | -").unwrap();

    let poll = ann.poll(opened.cursor());
    assert_one_span(poll, "customer.poll here | b-1 | nothing new | 0").unwrap();
    block_on(kim.reply(&booking_id("b-1"), draft("hello"))).unwrap();
    let poll = ann.poll(opened.cursor());
    let answer = assert_one_span(poll, "customer.poll here | b-1 | update | 0").unwrap();
    let CustomerPoll::Update(update) = answer else { panic!("{answer:?}") };
    let restored = fixture.reconfigured(|builder| builder.epoch(1));
    let ann = marked::ann(&restored);
    let poll = ann.poll(update.cursor());
    assert_one_span(poll, "customer.poll here | b-1 | start over | 0").unwrap();
}

#[test]
fn each_use_case_of_the_administration_is_one_span() {
    let fixture = fixture_with_thread();
    let (admin, id) = (fixture.admin(), booking_id("b-1"));
    let first = PageRequest::first(9);
    assert_one_span(admin.threads(&first), "admin.threads here | - | found | -").unwrap();
    assert_one_span(admin.thread(&id), "admin.thread here | b-1 | found | -").unwrap();
    let ids = [booking_id("b-1")];
    assert_one_span(admin.threads_for(&ids), "admin.threads_for here | - | found | -").unwrap();
    let follow = admin.follow(None, 9);
    let answer = assert_one_span(follow, "admin.follow here | - | start over | -").unwrap();
    let FollowAnswer::StartOver { oldest, newest } = answer else { panic!("{answer:?}") };
    let follow = admin.follow(Some(&oldest), 9);
    assert_one_span(follow, "admin.follow here | - | update | -").unwrap();
    let follow = admin.follow(Some(&newest), 9);
    assert_one_span(follow, "admin.follow here | - | nothing new | -").unwrap();
    let same = marked_booking("b-1");
    assert_one_span(
        admin.refresh(&same.clone().into()),
        "admin.refresh here | b-1 | unchanged | 0",
    )
    .unwrap();
    let other = booking("b-1");
    assert_one_span(admin.refresh(&other.clone().into()), "admin.refresh here | b-1 | changed | 0")
        .unwrap();
    let never = |_: &Thread| false;
    assert_one_span(admin.erase_if(&id, never), "admin.erase here | b-1 | unchanged | 0").unwrap();
    assert_one_span(admin.erase(&id), "admin.erase here | b-1 | changed | 0").unwrap();
}

/// Each kind of [`DeskError`](frontdesk::DeskError) is recorded as a different outcome.
#[test]
fn each_error_is_an_outcome() {
    let fixture = fixture_with_thread();
    let (kim, ann, id) = (kim(&fixture), ann(&fixture), booking_id("b-1"));
    let send = "customer.send here | b-1";
    assert_one_span(ann.send("\0"), &format!("{send} | not a message | -")).unwrap_err();
    block_on(ann.send(keyed_draft("one"))).unwrap();
    let other_text = ann.send(keyed_draft("two"));
    assert_one_span(other_text, &format!("{send} | key reused | 0")).unwrap_err();
    let off = ann.clone().with_messaging(frontdesk::Messaging::Off);
    assert_one_span(off.send(draft("off")), &format!("{send} | messaging off | -")).unwrap_err();

    let history = kim.history(&id, None, MAX_PAGE + 1);
    assert_one_span(history, "operator.history here | b-1 | page limit | -").unwrap_err();
    let mark = kim.mark_read(&id, number(99));
    assert_one_span(mark, "operator.mark_read here | b-1 | no such message | 0").unwrap_err();
    let elsewhere = fixture.clone().at_location("elsewhere");
    let cursor = block_on(elsewhere.cursor());
    let poll = kim.poll(&cursor, None);
    assert_one_span(poll, "operator.poll here | - | not its cursor | -").unwrap_err();

    let failures: [(Failure, &str); 4] = [
        (|| StoreError::unavailable(MARKER), "store unavailable"),
        (|| StoreError::outcome_unknown(MARKER), "outcome unknown"),
        (|| StoreError::corrupt(thread_id(MARKER, MARKER), MARKER), "store corrupt"),
        (|| StoreError::other(MARKER), "store failed"),
    ];
    for (failure, outcome) in failures {
        fixture.store.fail(failure);
        let expected = format!("operator.unread_threads here | - | {outcome} | -");
        assert_one_span(kim.unread_threads(), &expected).unwrap_err();
    }
}

/// For each use case that commits, the field `retries` is the number of conflicts. If every attempt
/// conflicts, `retries` is one less, because no retry follows the last attempt.
#[test]
fn the_retries_after_conflicts_are_counted() {
    for conflicts in [0, 1, 7, MAX_ATTEMPTS - 1] {
        let fixture = fixture_with_thread();
        let (kim, ann, admin) = (kim(&fixture), ann(&fixture), fixture.admin());
        let id = booking_id("b-1");
        let page = block_on(kim.inbox(&PageRequest::first(9))).unwrap();
        let opened = block_on(ann.open()).unwrap();
        let span =
            |name: &str, outcome: &str| format!("{name} here | b-1 | {outcome} | {conflicts}");
        let conflict = || fixture.store.conflict(conflicts);

        conflict();
        assert_one_span(kim.open(&id), &span("operator.open", "found")).unwrap();
        conflict();
        let mark = kim.mark_unread(&id, number(1));
        assert_one_span(mark, &span("operator.mark_unread", "changed")).unwrap();
        conflict();
        let open = open_thread("b-1", 0);
        let poll = kim.poll(&page.cursor, Some(&open));
        assert_one_span(poll, &span("operator.poll", "update")).unwrap();
        conflict();
        assert_one_span(kim.reply(&id, draft("hi")), &span("operator.reply", "sent")).unwrap();
        conflict();
        let poll = ann.poll(opened.cursor());
        assert_one_span(poll, &span("customer.poll", "update")).unwrap();
        conflict();
        assert_one_span(ann.send(draft("hi")), &span("customer.send", "sent")).unwrap();
        conflict();
        let other = booking("b-1");
        assert_one_span(admin.refresh(&other.clone().into()), &span("admin.refresh", "changed"))
            .unwrap();
        conflict();
        assert_one_span(admin.erase(&id), &span("admin.erase", "changed")).unwrap();
        conflict();
        assert_one_span(kim.start(other), &span("operator.start", "changed")).unwrap();
    }
    let fixture = fixture_with_thread();
    fixture.store.conflict(MAX_ATTEMPTS);
    let busy = format!("customer.send here | b-1 | busy | {}", MAX_ATTEMPTS - 1);
    assert_one_span(ann(&fixture).send(draft("hi")), &busy).unwrap_err();
}

#[test]
fn the_listener_is_notified_inside_the_span() {
    let recorder = SpanRecorder::default();
    let (spans, notified) = (recorder.clone(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&notified);
    let fixture = fixture().reconfigured(|builder| {
        builder.listener(move |event: &Event| {
            assert!(spans.is_inside_a_span(), "{event:?} is emitted outside a span");
            count.fetch_add(1, SeqCst);
        })
    });
    let (kim, ann, id) = (kim(&fixture), ann(&fixture), booking_id("b-1"));
    let use_cases = async {
        kim.start(booking("b-1")).await.unwrap();
        ann.send("hello").await.unwrap();
        kim.mark_read(&id, number(1)).await.unwrap();
        kim.reply(&id, "hi").await.unwrap();
        ann.open().await.unwrap();
        fixture.admin().erase(&id).await.unwrap();
    };
    block_on(use_cases.with_subscriber(recorder));
    assert_eq!(notified.load(SeqCst), 6);
}

/// A use case whose caller drops the future has no outcome, and its span is closed.
#[test]
fn a_cancelled_use_case_has_no_outcome() {
    let ann = ann(&fixture());
    let ((), spans) = record_spans(async {
        let send = Box::pin(ann.send(draft("hi")));
        // The store yields before its first call, so the future is not ready.
        assert!(futures::poll!(send).is_pending());
    });
    assert_eq!(spans, ["customer.send here | b-1 | - | -"]);
}

/// No field of any span contains a text, name, key, code, status or participant's id.
#[test]
fn no_span_contains_text_or_participants() {
    let fixture = fixture();
    let (kim, ann, admin) = (kim(&fixture), ann(&fixture), fixture.admin());
    let (recorder, id) = (SpanRecorder::default(), booking_id("b-1"));
    let use_cases = async {
        ann.send(keyed_draft("one")).await.unwrap();
        ann.send(keyed_draft("two")).await.unwrap_err();
        ann.send(format!("{MARKER}\0")).await.unwrap_err();
        let page = kim.inbox(&PageRequest::first(9)).await.unwrap();
        let opened = kim.open(&id).await.unwrap();
        kim.reply(&id, keyed_draft("hi")).await.unwrap();
        kim.poll(&page.cursor, Some(&opened.open_thread())).await.unwrap();
        ann.poll(ann.open().await.unwrap().cursor()).await.unwrap();
        kim.start(marked_booking("b-2")).await.unwrap();
        fixture.store.fail(|| StoreError::unavailable(MARKER));
        kim.unread_threads().await.unwrap_err();
        let other = marked_booking("b-1").with_customer_name(DisplayName::new("other marker"));
        admin.refresh(&other.clone().into()).await.unwrap();
        admin.erase(&id).await.unwrap();
    };
    block_on(use_cases.with_subscriber(recorder.clone()));
    let spans = recorder.spans();
    assert_eq!(spans.len(), 13);
    for span in spans {
        assert!(!format!("{span:?}").contains(MARKER), "{span:?}");
        let known = ["booking", "location", "outcome", "retries"];
        assert!(span.fields.keys().all(|field| known.contains(&field.as_str())), "{span:?}");
    }
}

/// The spans of concurrent use cases do not mix their fields.
#[test]
fn concurrent_use_cases_have_separate_spans() {
    let fixture = fixture();
    let customers: Vec<_> = (0..20)
        .map(|n| {
            let (location, id) = (format!("l-{n}"), format!("b-{n}"));
            let customer = fixture.clone().at_location(&location).customer(&id, "c-1");
            customer.starting_with(marked_booking(&id))
        })
        .collect();
    let sends = customers.iter().enumerate().map(|(n, customer)| async move {
        // The sends start after different waits, and every second send is refused.
        for _ in 0..n % 3 {
            yield_once().await;
        }
        let draft = if n % 2 == 0 { keyed_draft("hi") } else { Draft::new(" ") };
        customer.send(draft).await.is_ok()
    });
    let (sent, mut spans) = record_spans(join_all(sends));
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
