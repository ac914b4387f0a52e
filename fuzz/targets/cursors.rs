//! Cursors come back from clients: any text is a cursor or an error, and a cursor that
//! is taken is written as it was.
#![no_main]

use std::fmt::{Debug, Display};
use std::str::FromStr;

use frontdesk::desk::{CustomerCursor, PageCursor, PollCursor};
use libfuzzer_sys::fuzz_target;

fn goes_round<C: FromStr + Display + PartialEq + Debug>(text: &str) {
    let Ok(cursor) = text.parse::<C>() else { return };
    let written = cursor.to_string();
    assert_eq!(written, text);
    assert_eq!(written.parse::<C>().ok(), Some(cursor), "{written}");
}

fuzz_target!(|text: &str| {
    goes_round::<PollCursor>(text);
    goes_round::<PageCursor>(text);
    goes_round::<CustomerCursor>(text);
});
