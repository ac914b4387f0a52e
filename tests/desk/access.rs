//! The threads that each desk reaches (A1), the content of each side's view (A2) and display names
//! (T6).

use frontdesk::desk::PageRequest;
use frontdesk::view::English;
use frontdesk::{Booking, CustomerDesk, DeskError, DisplayName, ProfileId};
use time::UtcOffset;

use crate::support::fixture::{Fixture, expect_update, open_thread};
use crate::support::{booking, booking_id, number, participant_id};

/// Returns the desk of a customer for a booking snapshot that differs from the default.
fn customer_of(fixture: &Fixture, booking: Booking) -> CustomerDesk {
    let (location, id) = (fixture.location.clone(), booking.id.clone());
    fixture.desk.customer(location, id, participant_id("ann")).starting_with(booking)
}

/// A1: every method of every desk treats a thread of another location as a thread that does not
/// exist.
#[tokio::test]
async fn a1_a_thread_of_another_location_looks_like_a_missing_thread() {
    let fixture = Fixture::new();
    fixture.ann().send("hello").await.unwrap();
    let elsewhere = fixture.clone().at_location("elsewhere");
    let stranger = elsewhere.kim();

    for id in [booking_id("b-1"), booking_id("never")] {
        let errors = [
            stranger.open(&id).await.unwrap_err(),
            stranger.history(&id, None, 10).await.unwrap_err(),
            stranger.reply(&id, "hi").await.unwrap_err(),
            stranger.mark_read(&id, number(1)).await.unwrap_err(),
            stranger.mark_unread(&id, number(1)).await.unwrap_err(),
        ];
        for error in errors {
            assert!(matches!(error, DeskError::NotFound), "{error}");
        }
        let error = elsewhere.admin().thread(&id).await.unwrap_err();
        assert!(matches!(error, DeskError::NotFound), "{error}");
        assert!(!elsewhere.admin().erase(&id).await.unwrap());
    }
    let page = stranger.inbox(&PageRequest::first(10)).await.unwrap();
    assert!(page.threads.is_empty() && page.unread == 0);
    let poll = stranger.poll(&page.cursor, Some(&open_thread("b-1", 0))).await.unwrap();
    assert!(expect_update(poll).is_empty());

    // At another location, the same booking id belongs to another thread.
    assert!(!elsewhere.ann().open().await.unwrap().is_started());
    assert_eq!(elsewhere.ann().send("hello").await.unwrap().number(), number(1));
    assert_eq!(fixture.thread("b-1").await.message_count(), 1);
}

/// A1: a customer desk does not reach the thread of another booking.
#[tokio::test]
async fn a1_a_customer_reaches_only_their_own_thread() {
    let fixture = Fixture::new();
    fixture.ann_with("b-2").send("for another booking").await.unwrap();
    assert!(!fixture.ann().open().await.unwrap().is_started());
    let cursor = fixture.ann_with("b-2").open().await.unwrap().cursor().clone();
    assert!(matches!(fixture.ann().poll(&cursor).await, Err(DeskError::Cursor(_))));
}

/// A2: a customer's view contains no CRM profile, no operator's id and nothing about the
/// location's other threads, not even the location's revision.
#[tokio::test]
async fn a2_a_customers_view_contains_no_internal_data() {
    let fixture = Fixture::new();
    let with_profile = booking("b-1").with_profile(ProfileId::new("crm-secret").unwrap());
    fixture.kim().start(with_profile.clone()).await.unwrap();
    for n in 0..50 {
        fixture.ann_with(&format!("other-{n}")).send("other-text").await.unwrap();
    }
    let operator = fixture.operator("operator-secret");
    operator.reply(&booking_id("b-1"), "hello").await.unwrap();

    let ann = customer_of(&fixture, with_profile);
    let context = fixture.desk.view_context(&UtcOffset::UTC, &English);
    let opened = ann.open().await.unwrap();
    let polled = ann.poll(opened.cursor()).await.unwrap();
    let sent = ann.send("thanks").await.unwrap();
    let views = [
        serde_json::to_string(&opened.view(&context)).unwrap(),
        serde_json::to_string(&polled.view(&context)).unwrap(),
        serde_json::to_string(&sent.view(&context)).unwrap(),
    ];
    let revision = fixture.revision().await;
    for view in &views {
        for secret in ["crm-secret", "operator-secret", "other-", "revision"] {
            assert!(!view.contains(secret), "the view contains {secret}: {view}");
        }
        assert!(!view.contains(&format!(".{revision}.")), "the view contains the revision: {view}");
    }
    let operators = fixture.kim().open(&booking_id("b-1")).await.unwrap();
    let operators = serde_json::to_string(&operators.view(&context)).unwrap();
    assert!(operators.contains("crm-secret") && operators.contains("operator-secret"));
}

/// T6: an operator without a name is shown as "Support". A customer is shown under their
/// own name, or under the booking's customer name, or as "Customer", in this order.
#[tokio::test]
async fn t6_every_participant_has_a_display_name() {
    let fixture = Fixture::new();
    let with_name = booking("b-1").with_customer_name(DisplayName::new("Ann of the booking"));
    let named = customer_of(&fixture, with_name.clone()).with_name(DisplayName::new("Ann"));
    named.send("1").await.unwrap();
    customer_of(&fixture, with_name).send("2").await.unwrap();
    customer_of(&fixture, booking("b-2")).send("3").await.unwrap();
    fixture.kim().reply(&booking_id("b-1"), "4").await.unwrap();
    fixture.operator("u-1").reply(&booking_id("b-1"), "5").await.unwrap();

    let context = fixture.desk.view_context(&UtcOffset::UTC, &English);
    let mut senders = Vec::new();
    for id in ["b-1", "b-2"] {
        let view = fixture.kim().open(&booking_id(id)).await.unwrap().view(&context);
        let entries = view.sections.iter().flat_map(|section| &section.entries);
        senders.extend(entries.map(|entry| entry.entry.sender.to_string()));
    }
    assert_eq!(senders, ["Ann", "Ann of the booking", "Kim", "Support", "Customer"]);
    let page = fixture.kim().inbox(&PageRequest::first(9)).await.unwrap().view(&context);
    let customers: Vec<_> = page.rows.iter().map(|row| row.customer.as_str()).collect();
    assert_eq!(customers, ["Ann of the booking", "Customer"]);
}
