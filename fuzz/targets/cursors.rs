//! Clients send cursors, so any text can arrive as a cursor. Parsing must never panic. If
//! a text is a valid cursor, writing the cursor must give the same text.
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
