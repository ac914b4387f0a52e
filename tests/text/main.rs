//! Tests of the text rules T1 to T8 on generated texts that are difficult to handle. The results
//! are compared with a second implementation, with Unicode's own test data and with an HTML parser.

mod body;
mod html;
mod preview;
mod single_line;
mod stored;
mod strategies;
mod unicode_test_data;

#[path = "../support/text.rs"]
mod reference;
