//! Cursors are input from clients: any text is a cursor or an error, and a valid cursor is
//! written as it was read.
#![no_main]

use std::fmt::{Debug, Display};
use std::str::FromStr;

use frontdesk::cursor::{CustomerCursor, PageCursor, PollCursor};
use libfuzzer_sys::fuzz_target;

fn check_round_trip<C: FromStr + Display + PartialEq + Debug>(text: &str) {
    let Ok(cursor) = text.parse::<C>() else { return };
    let written = cursor.to_string();
    assert_eq!(written, text);
    assert_eq!(written.parse::<C>().ok(), Some(cursor), "{written}");
}

fuzz_target!(|text: &str| {
    check_round_trip::<PollCursor>(text);
    check_round_trip::<PageCursor>(text);
    check_round_trip::<CustomerCursor>(text);
});
