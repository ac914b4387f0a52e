//! What the standard library's traits make of the types is what their own doors make.

use std::collections::HashMap;

use frontdesk::inbox::InboxList;
use frontdesk::{BookingId, IdError, LocationId, MessageBody, ParticipantId, Thread, Timestamp};
use time::OffsetDateTime;

/// I1: however an id is made, it is checked.
#[test]
fn i1_an_id_is_checked_however_it_is_made() {
    for text in ["b-1", "", "b 1"] {
        let expected = BookingId::new(text);
        assert_eq!(text.parse::<BookingId>(), expected);
        assert_eq!(BookingId::try_from(text), expected);
        assert_eq!(BookingId::try_from(text.to_owned()), expected);
    }
    let unnamed: Result<LocationId, IdError> = String::new().try_into();
    assert!(unnamed.is_err());
}

/// I1: a map by ids is asked by text.
#[test]
fn i1_a_map_by_ids_is_asked_by_text() {
    let ann = ParticipantId::new("ann").unwrap();
    assert_eq!(ann.as_ref(), "ann");
    let rooms = HashMap::from([(ann, 7)]);
    assert_eq!((rooms.get("ann"), rooms.get("kim")), (Some(&7), None));
}

/// T1, T2: a body is checked however it is made.
#[test]
fn t1_a_body_is_checked_however_it_is_made() {
    for text in [" one\r\ntwo ", " "] {
        assert_eq!(text.parse(), MessageBody::new(text));
    }
}

/// W1: a timestamp becomes the `time` crate's own and comes back.
#[test]
fn w1_a_timestamp_becomes_a_date_and_time_and_comes_back() {
    for at in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
        assert_eq!(OffsetDateTime::from(at), at.to_offset_date_time());
        assert_eq!(Timestamp::try_from(OffsetDateTime::from(at)), Ok(at));
    }
}

/// L1: a list begins empty.
#[test]
fn l1_a_list_begins_empty() {
    assert_eq!(InboxList::<Thread>::default().iter().count(), 0);
}
