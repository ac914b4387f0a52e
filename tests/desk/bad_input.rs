//! Bad input gets a clear typed error, and nothing is lost or half written.

use frontdesk::desk::{CursorError, CustomerCursor, MAX_PAGE, PageCursor, PageRequest, PollCursor};
use frontdesk::{BodyError, DeskError, Draft, LocationId, MessageNumber};

use crate::story::{Story, a_booking, booking, key, number, person};

/// T2, T3, T4: nothing is stored, no mark and no order changes, nobody is told.
#[tokio::test]
async fn t2_a_refused_body_changes_nothing() {
    let story = Story::new();
    story.ann().send("one").await.unwrap();
    story.heard();
    let (before, revision) = (story.thread("b-1").await, story.revision().await);
    story.wait(60);
    let long = "x".repeat(10_001);
    let refused = [
        (" \u{200B}\n", BodyError::Blank),
        ("a\u{1B}[2J", BodyError::Control { found: '\u{1B}', at: 1 }),
        (&long, BodyError::TooLong { chars: 10_001, limit: 10_000 }),
    ];
    for (text, expected) in refused {
        for draft in [Draft::new(text), Draft::new(text).with_key(key("k"))] {
            for error in [
                story.ann().send(draft.clone()).await.unwrap_err(),
                story.customer("b-2").send(draft.clone()).await.unwrap_err(),
                story.kim().reply(&booking("b-1"), draft.clone()).await.unwrap_err(),
            ] {
                assert!(matches!(&error, DeskError::Body(error) if *error == expected), "{error}");
                assert!(!error.to_string().contains("[2J"), "no words in errors");
            }
        }
    }
    assert_eq!(story.thread("b-1").await, before);
    assert_eq!(story.revision().await, revision);
    assert_eq!(story.heard(), [""; 0]);
}

/// U3: a number that is no message's is a typed error, and marks stay.
#[tokio::test]
async fn u3_marking_beyond_the_last_message_is_an_error() {
    let story = Story::new();
    story.ann().send("one").await.unwrap();
    let before = story.thread("b-1").await;
    for asked in [MessageNumber::START, number(2), MessageNumber::MAX] {
        for error in [
            story.kim().mark_read(&booking("b-1"), asked).await.unwrap_err(),
            story.kim().mark_unread(&booking("b-1"), asked).await.unwrap_err(),
        ] {
            let expected = (asked, number(1));
            assert!(
                matches!(error, DeskError::NoSuchMessage { asked, last } if (asked, last) == expected)
            );
        }
    }
    assert_eq!(story.thread("b-1").await, before);
}

/// L2: a page has 1 to 200 items.
#[tokio::test]
async fn l2_a_page_of_nothing_or_too_much_is_an_error() {
    let story = Story::new();
    story.ann().send("one").await.unwrap();
    for limit in [1, MAX_PAGE] {
        assert!(story.kim().inbox(&PageRequest::first(limit)).await.is_ok());
        assert!(story.kim().history(&booking("b-1"), None, limit).await.is_ok());
    }
    for wrong in [0, MAX_PAGE + 1, usize::MAX] {
        for error in [
            story.kim().inbox(&PageRequest::first(wrong)).await.unwrap_err(),
            story.location().threads(&PageRequest::first(wrong)).await.unwrap_err(),
            story.kim().history(&booking("b-1"), None, wrong).await.unwrap_err(),
            story.ann().history(None, wrong).await.unwrap_err(),
        ] {
            assert!(matches!(error, DeskError::PageLimit { limit } if limit == wrong));
        }
    }
}

/// L2, P7: garbage is not a cursor, and another location's is refused.
#[tokio::test]
async fn p7_garbage_and_foreign_cursors_are_errors() {
    let story = Story::new();
    for n in 0..3 {
        story.customer(&format!("b-{n}")).send("hello").await.unwrap();
    }
    let page = story.kim().inbox(&PageRequest::first(1)).await.unwrap();
    let (next, poll) = (page.next.unwrap(), page.cursor);
    let customers = story.ann().visit().await.unwrap().cursor().clone();

    let written = [next.to_string(), poll.to_string(), customers.to_string()];
    assert_eq!(written[0].parse(), Ok(next.clone()));
    assert_eq!(written[1].parse(), Ok(poll.clone()));
    assert_eq!(written[2].parse(), Ok(customers.clone()));
    let garbage = [
        "",
        "p",
        "i.1",
        "p.0.0.",
        "p.0.-1.68",
        "p.0.1.6",
        "p.0.1.zz",
        "c.0.9999999999.68.68",
        "é.é",
        "p.+0.1.68",
        "p.0.1.68.1",
        "p.0.1.68.1.6",
    ];
    let garbage = garbage.iter().map(|text| (*text).to_owned());
    let damaged = written.iter().flat_map(|text| {
        let fields: Vec<_> = text.split('.').collect();
        let ends = (0..fields.len()).map(|at| fields[..at].join("."));
        let other = |(at, field)| {
            let mut fields = fields.clone();
            fields[at] = field;
            fields.join(".")
        };
        let fields =
            (0..fields.len()).flat_map(|at| ["", "x", "99999999999999999999"].map(|it| (at, it)));
        ends.chain(fields.map(other)).collect::<Vec<_>>()
    });
    let longer = written
        .iter()
        .flat_map(|text| [format!("{text}.00"), format!("{text} "), text.to_uppercase()]);
    for text in garbage.chain(damaged).chain(longer) {
        assert_eq!(text.parse::<PageCursor>(), Err(CursorError::Malformed), "{text}");
        assert_eq!(text.parse::<PollCursor>(), Err(CursorError::Malformed), "{text}");
        assert_eq!(text.parse::<CustomerCursor>(), Err(CursorError::Malformed), "{text}");
        let json = serde_json::to_string(&text).unwrap();
        assert!(serde_json::from_str::<PollCursor>(&json).is_err());
    }

    let elsewhere = LocationId::new("elsewhere").unwrap();
    let stranger = story.desk.operator(elsewhere.clone(), person("kim"), None);
    let namesake = story.desk.customer(elsewhere, a_booking("b-1"), person("ann"), None);
    let errors = [
        stranger.inbox(&PageRequest::after(next, 1)).await.unwrap_err(),
        stranger.poll(&poll, None).await.unwrap_err(),
        namesake.poll(&customers).await.unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error, DeskError::Cursor(CursorError::Elsewhere)), "{error}");
    }
}

/// L5, A1: an operator cannot reply where no thread is started.
#[tokio::test]
async fn l5_an_operator_starts_a_thread_before_replying() {
    let story = Story::new();
    let error = story.kim().reply(&booking("b-1"), "hello?").await.unwrap_err();
    assert!(matches!(error, DeskError::NotFound));
    story.ann().send("hello").await.unwrap();
    story.location().erase(&booking("b-1")).await.unwrap();
    let error = story.kim().reply(&booking("b-1"), "hello?").await.unwrap_err();
    assert!(matches!(error, DeskError::NotFound));
    assert_eq!(story.kim().inbox(&PageRequest::first(9)).await.unwrap().threads, []);
}
