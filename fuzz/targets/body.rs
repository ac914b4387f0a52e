//! T1 to T4: a body is accepted, normalized or refused as the reference implementation
//! says.
#![no_main]

use frontdesk::MessageBody;
use libfuzzer_sys::fuzz_target;

#[path = "../../tests/support/text.rs"]
mod reference;

fuzz_target!(|text: &str| {
    for limit in [3, MessageBody::DEFAULT_MAX_CHARS] {
        match (MessageBody::with_limit(text, limit), reference::body(text, limit)) {
            (Ok(body), Ok(expected)) => {
                assert_eq!(body.as_str(), expected);
                // A body that was accepted is accepted again, unchanged.
                assert_eq!(MessageBody::with_limit(body.as_str(), limit), Ok(body));
            }
            (Err(error), Err(is_correct)) => assert!(is_correct(&error), "{error:?}"),
            (found, _) => panic!("the reference implementation differs from {found:?}"),
        }
    }
});
