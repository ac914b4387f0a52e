//! T1 to T4: what a body takes, keeps and refuses is what the plain rules say.
#![no_main]

use frontdesk::MessageBody;
use libfuzzer_sys::fuzz_target;

#[path = "../../tests/support/text.rs"]
mod oracle;

fuzz_target!(|text: &str| {
    for limit in [3, MessageBody::DEFAULT_MAX_CHARS] {
        match (MessageBody::with_limit(text, limit), oracle::body(text, limit)) {
            (Ok(body), Ok(expected)) => {
                assert_eq!(body.as_str(), expected);
                // What was accepted is accepted again, and unchanged.
                assert_eq!(MessageBody::with_limit(body.as_str(), limit), Ok(body));
            }
            (Err(error), Err(is_right)) => assert!(is_right(&error), "{error:?}"),
            (found, _) => panic!("{found:?} is not what the rules say"),
        }
    }
});
