//! Who may do what (A1, A2), and who is shown as whom (T6).

use frontdesk::desk::PageRequest;
use frontdesk::view::English;
use frontdesk::{DeskError, DisplayName, LocationId, ProfileId};
use time::UtcOffset;

use crate::story::{Story, a_booking, booking, here, number, open, person};

/// A1: a thread of another location looks like one that does not exist, through
/// every method of every handle.
#[tokio::test]
async fn a1_what_is_out_of_reach_looks_like_what_does_not_exist() {
    let story = Story::new();
    story.ann().send("hello").await.unwrap();
    let elsewhere = LocationId::new("elsewhere").unwrap();
    let stranger = story.desk.operator(elsewhere.clone(), person("kim"), None);

    for id in [booking("b-1"), booking("never")] {
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
        assert!(!story.desk.location(elsewhere.clone()).erase(&id).await.unwrap());
    }
    let page = stranger.inbox(&PageRequest::first(10)).await.unwrap();
    assert!(page.threads.is_empty() && page.unread == 0);
    let frontdesk::desk::OperatorPoll::Update(update) =
        stranger.poll(&page.cursor, Some(&open("b-1", 0))).await.unwrap()
    else {
        panic!("it goes on")
    };
    assert!(update.is_empty());

    // The same booking id at another location is another thread.
    let namesake = story.desk.customer(elsewhere, a_booking("b-1"), person("ann"), None);
    assert!(!namesake.visit().await.unwrap().is_started());
    assert_eq!(namesake.send("hello").await.unwrap().number(), number(1));
    assert_eq!(story.thread("b-1").await.message_count(), 1);
}

/// A1: a customer's handle reaches one thread, so another booking's is not there.
#[tokio::test]
async fn a1_a_customer_reaches_one_thread() {
    let story = Story::new();
    story.customer("b-2").send("of another booking").await.unwrap();
    assert!(!story.ann().visit().await.unwrap().is_started());
    let cursor = story.customer("b-2").visit().await.unwrap().cursor().clone();
    assert!(matches!(story.ann().poll(&cursor).await, Err(DeskError::Cursor(_))));
}

/// A2: what a customer gets has no CRM profile, no operator's id and nothing of
/// the location's other threads, its revision included.
#[tokio::test]
async fn a2_a_customers_view_gives_nothing_away() {
    let story = Story::new();
    let with_profile = a_booking("b-1").with_profile(ProfileId::new("crm-secret").unwrap());
    story.kim().start(with_profile.clone()).await.unwrap();
    for n in 0..50 {
        story.customer(&format!("other-{n}")).send("other-words").await.unwrap();
    }
    let secretive = story.desk.operator(here(), person("operator-secret"), None);
    secretive.reply(&booking("b-1"), "hello").await.unwrap();

    let ann = story.desk.customer(here(), with_profile, person("ann"), None);
    let screen = story.desk.screen(&UtcOffset::UTC, &English);
    let visit = ann.visit().await.unwrap();
    let polled = ann.poll(visit.cursor()).await.unwrap();
    let sent = ann.send("thanks").await.unwrap();
    let seen = [
        serde_json::to_string(&visit.view(&screen)).unwrap(),
        serde_json::to_string(&polled.view(&screen)).unwrap(),
        serde_json::to_string(&sent.view(&screen)).unwrap(),
    ];
    let revision = story.revision().await;
    for seen in &seen {
        for secret in ["crm-secret", "operator-secret", "other-", "revision"] {
            assert!(!seen.contains(secret), "{secret} in {seen}");
        }
        assert!(!seen.contains(&format!(".{revision}.")), "the revision in {seen}");
    }
    let operators = story.kim().open(&booking("b-1")).await.unwrap();
    let operators = serde_json::to_string(&operators.view(&screen)).unwrap();
    assert!(operators.contains("crm-secret") && operators.contains("operator-secret"));
}

/// T6: an operator without a name is "Support"; a customer is their own name, else
/// the booking's, else "Customer".
#[tokio::test]
async fn t6_everybody_is_shown_under_a_name() {
    let story = Story::new();
    let named = a_booking("b-1").with_customer_name(DisplayName::new("Ann of the booking"));
    let nameless = a_booking("b-2");
    let customer = |booking, name| story.desk.customer(here(), booking, person("ann"), name);
    customer(named.clone(), DisplayName::new("Ann")).send("1").await.unwrap();
    customer(named, None).send("2").await.unwrap();
    customer(nameless, None).send("3").await.unwrap();
    story.kim().reply(&booking("b-1"), "4").await.unwrap();
    story.nameless().reply(&booking("b-1"), "5").await.unwrap();

    let screen = story.desk.screen(&UtcOffset::UTC, &English);
    let mut senders = Vec::new();
    for id in ["b-1", "b-2"] {
        let view = story.kim().open(&booking(id)).await.unwrap().view(&screen);
        let entries = view.sections.iter().flat_map(|section| &section.entries);
        senders.extend(entries.map(|entry| entry.entry.sender.to_string()));
    }
    assert_eq!(senders, ["Ann", "Ann of the booking", "Kim", "Support", "Customer"]);
    let page = story.kim().inbox(&PageRequest::first(9)).await.unwrap().view(&screen);
    let customers: Vec<_> = page.rows.iter().map(|row| row.customer.as_str()).collect();
    assert_eq!(customers, ["Ann of the booking", "Customer"]);
}
