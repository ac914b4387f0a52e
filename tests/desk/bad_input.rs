//! Invalid input: each case returns a typed error and writes nothing.

use frontdesk::cursor::{CursorError, CustomerCursor, PageCursor, PollCursor};
use frontdesk::desk::{MAX_PAGE, PageRequest};
use frontdesk::{BodyError, DeskError, Draft, MessageNumber};

use crate::support::fixture::Fixture;
use crate::support::{booking_id, key, number};

/// T2, T3, T4: an invalid body changes no message, mark or order and emits no event.
#[tokio::test]
async fn t2_an_invalid_body_changes_nothing() {
    let fixture = Fixture::new();
    fixture.ann().send("one").await.unwrap();
    fixture.take_event_log();
    let (before, revision) = (fixture.thread("b-1").await, fixture.revision().await);
    fixture.advance(60);
    let long = "x".repeat(10_001);
    let invalid = [
        (" \u{200B}\n", BodyError::Blank),
        ("a\u{1B}[2J", BodyError::Control { found: '\u{1B}', at: 1 }),
        (&long, BodyError::TooLong { chars: 10_001, limit: 10_000 }),
    ];
    for (text, expected) in invalid {
        for draft in [Draft::new(text), Draft::new(text).with_key(key("k"))] {
            for error in [
                fixture.ann().send(draft.clone()).await.unwrap_err(),
                fixture.ann_with("b-2").send(draft.clone()).await.unwrap_err(),
                fixture.kim().reply(&booking_id("b-1"), draft.clone()).await.unwrap_err(),
            ] {
                assert!(matches!(&error, DeskError::Body(error) if *error == expected), "{error}");
                assert!(
                    !error.to_string().contains("[2J"),
                    "the error contains text of the message"
                );
            }
        }
    }
    assert_eq!(fixture.thread("b-1").await, before);
    assert_eq!(fixture.revision().await, revision);
    assert_eq!(fixture.take_event_log(), [""; 0]);
}

/// U3: marking at a number without a message is an error and changes no mark.
#[tokio::test]
async fn u3_marking_at_a_number_without_a_message_is_an_error() {
    let fixture = Fixture::new();
    fixture.ann().send("one").await.unwrap();
    let before = fixture.thread("b-1").await;
    for asked in [MessageNumber::START, number(2), MessageNumber::MAX] {
        for error in [
            fixture.kim().mark_read(&booking_id("b-1"), asked).await.unwrap_err(),
            fixture.kim().mark_unread(&booking_id("b-1"), asked).await.unwrap_err(),
        ] {
            let expected = (asked, number(1));
            assert!(
                matches!(error, DeskError::NoSuchMessage { asked, last } if (asked, last) == expected)
            );
        }
    }
    assert_eq!(fixture.thread("b-1").await, before);
}

/// L2: a page limit is 1 to 200.
#[tokio::test]
async fn l2_a_page_limit_outside_1_to_200_is_an_error() {
    let fixture = Fixture::new();
    fixture.ann().send("one").await.unwrap();
    for limit in [1, MAX_PAGE] {
        assert!(fixture.kim().inbox(&PageRequest::first(limit)).await.is_ok());
        assert!(fixture.kim().history(&booking_id("b-1"), None, limit).await.is_ok());
    }
    for invalid in [0, MAX_PAGE + 1, usize::MAX] {
        for error in [
            fixture.kim().inbox(&PageRequest::first(invalid)).await.unwrap_err(),
            fixture.admin().threads(&PageRequest::first(invalid)).await.unwrap_err(),
            fixture.kim().history(&booking_id("b-1"), None, invalid).await.unwrap_err(),
            fixture.ann().history(None, invalid).await.unwrap_err(),
        ] {
            assert!(matches!(error, DeskError::PageLimit { limit } if limit == invalid));
        }
    }
}

/// L2, P7: malformed text is not a cursor, and a cursor of another location is refused.
#[tokio::test]
async fn p7_malformed_cursors_and_cursors_of_another_location_are_errors() {
    let fixture = Fixture::new();
    for n in 0..3 {
        fixture.ann_with(&format!("b-{n}")).send("hello").await.unwrap();
    }
    let page = fixture.kim().inbox(&PageRequest::first(1)).await.unwrap();
    let (next, poll) = (page.next.unwrap(), page.cursor);
    let customers = fixture.ann().open().await.unwrap().cursor().clone();

    let valid = [next.to_string(), poll.to_string(), customers.to_string()];
    assert_eq!(valid[0].parse(), Ok(next.clone()));
    assert_eq!(valid[1].parse(), Ok(poll.clone()));
    assert_eq!(valid[2].parse(), Ok(customers.clone()));
    let malformed = [
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
    let malformed = malformed.iter().map(|text| (*text).to_owned());
    for text in malformed.chain(valid.iter().flat_map(|cursor| damaged(cursor))) {
        assert_eq!(text.parse::<PageCursor>(), Err(CursorError::Malformed), "{text}");
        assert_eq!(text.parse::<PollCursor>(), Err(CursorError::Malformed), "{text}");
        assert_eq!(text.parse::<CustomerCursor>(), Err(CursorError::Malformed), "{text}");
        let json = serde_json::to_string(&text).unwrap();
        assert!(serde_json::from_str::<PollCursor>(&json).is_err());
    }

    let elsewhere = fixture.clone().at_location("elsewhere");
    let errors = [
        elsewhere.kim().inbox(&PageRequest::after(next, 1)).await.unwrap_err(),
        elsewhere.kim().poll(&poll, None).await.unwrap_err(),
        elsewhere.ann().poll(&customers).await.unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error, DeskError::Cursor(CursorError::WrongLocation)), "{error}");
    }
}

/// Returns texts that differ from a valid cursor: shorter texts, longer texts, and texts with one
/// changed field.
fn damaged(cursor: &str) -> Vec<String> {
    let fields: Vec<&str> = cursor.split('.').collect();
    let mut damaged = vec![format!("{cursor}.00"), format!("{cursor} "), cursor.to_uppercase()];
    for at in 0..fields.len() {
        damaged.push(fields[..at].join("."));
        for replacement in ["", "x", "99999999999999999999"] {
            let mut fields = fields.clone();
            fields[at] = replacement;
            damaged.push(fields.join("."));
        }
    }
    damaged
}

/// L5, A1: a reply is an error before the thread starts and after it is erased.
#[tokio::test]
async fn l5_a_reply_without_a_thread_is_an_error() {
    let fixture = Fixture::new();
    let error = fixture.kim().reply(&booking_id("b-1"), "hello?").await.unwrap_err();
    assert!(matches!(error, DeskError::NotFound));
    fixture.ann().send("hello").await.unwrap();
    fixture.admin().erase(&booking_id("b-1")).await.unwrap();
    let error = fixture.kim().reply(&booking_id("b-1"), "hello?").await.unwrap_err();
    assert!(matches!(error, DeskError::NotFound));
    assert_eq!(fixture.kim().inbox(&PageRequest::first(9)).await.unwrap().threads, []);
}
