//! The text rules T1 to T8, compared with a second implementation, with Unicode's own test
//! data and with an HTML parser, on generated texts that are difficult to handle.

mod body;
mod html;
mod preview;
mod single_line;
mod stored;
mod strategies;
mod unicode_test_data;

#[path = "../support/text.rs"]
mod reference;
