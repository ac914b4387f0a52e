//! Conversions through traits of the standard library agree with the types' own constructors.

use std::collections::HashMap;

use frontdesk::inbox::InboxList;
use frontdesk::{BookingId, IdError, LocationId, MessageBody, ParticipantId, Thread, Timestamp};
use time::OffsetDateTime;

/// I1: every conversion to an id validates it.
#[test]
fn i1_every_conversion_to_an_id_validates_it() {
    for text in ["b-1", "", "b 1"] {
        let expected = BookingId::new(text);
        assert_eq!(text.parse::<BookingId>(), expected);
        assert_eq!(BookingId::try_from(text), expected);
        assert_eq!(BookingId::try_from(text.to_owned()), expected);
    }
    let empty: Result<LocationId, IdError> = String::new().try_into();
    assert!(empty.is_err());
}

/// I1: a map with ids as keys can be searched by text.
#[test]
fn i1_a_map_with_ids_as_keys_can_be_searched_by_text() {
    let ann = ParticipantId::new("ann").unwrap();
    assert_eq!(ann.as_ref(), "ann");
    let rooms = HashMap::from([(ann, 7)]);
    assert_eq!((rooms.get("ann"), rooms.get("kim")), (Some(&7), None));
}

/// T1, T2: parsing a body validates it.
#[test]
fn t1_t2_parsing_a_body_validates_it() {
    for text in [" one\r\ntwo ", " "] {
        assert_eq!(text.parse(), MessageBody::new(text));
    }
}

/// W1: a timestamp stays the same when it is converted to the `time` crate and back.
#[test]
fn w1_a_timestamp_survives_conversion_to_a_date_and_time() {
    for at in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
        assert_eq!(OffsetDateTime::from(at), at.to_offset_date_time());
        assert_eq!(Timestamp::try_from(OffsetDateTime::from(at)), Ok(at));
    }
}

/// L1: the default list is empty.
#[test]
fn l1_the_default_list_is_empty() {
    assert_eq!(InboxList::<Thread>::default().iter().count(), 0);
}
