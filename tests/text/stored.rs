//! Writing and reading stored texts (T8).

use frontdesk::{BodyError, DisplayName, MessageBody, Preview, SingleLine, SingleLineError};
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::reference;
use crate::strategies::any_text;

/// Asserts that deserializing the JSON of `value` returns `value`.
#[track_caller]
fn assert_survives_json<T: Serialize + DeserializeOwned + PartialEq>(value: &T) {
    let json = serde_json::to_string(value).unwrap();
    assert!(serde_json::from_str::<T>(&json).unwrap() == *value, "{json}");
}

/// Deserializes a JSON string.
fn from_json<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(text.into()).ok()
}

proptest! {
    /// T8: every text that the crate writes is read unchanged, from JSON and from a database
    /// column.
    #[test]
    fn t8_written_texts_are_read_unchanged(text in any_text()) {
        let line = SingleLine::new(&text);
        assert_survives_json(&line);
        prop_assert_eq!(SingleLine::from_stored(line.as_str()), Ok(line));
        if let Some(name) = DisplayName::new(&text) {
            assert_survives_json(&name);
            prop_assert_eq!(DisplayName::from_stored(name.as_str()), Ok(name));
        }
        if let Ok(body) = MessageBody::with_limit(&text, usize::MAX) {
            assert_survives_json(&body);
            prop_assert_eq!(MessageBody::from_stored(body.as_str()), Ok(body.clone()));
            let preview = Preview::of(&body);
            assert_survives_json(&preview);
            prop_assert_eq!(Preview::from_stored(preview.as_str(), preview.is_cut()), Ok(preview));
        }
    }

    /// T8: a text that can have been stored is read unchanged, and any other text is rejected.
    /// Reading from JSON and reading from a column give the same result.
    #[test]
    fn t8_reading_accepts_exactly_the_texts_that_can_be_stored(text in any_text()) {
        let control = text.char_indices().find(|(_, c)| c.is_control());
        let line = |limit: usize| match control {
            Some((at, found)) => Err(SingleLineError::Control { found, at }),
            None if text.len() > limit => {
                Err(SingleLineError::TooLong { bytes: text.len(), limit })
            }
            None => Ok(text.clone()),
        };
        let body = match reference::forbidden(&text) {
            Some((at, found)) => Err(BodyError::Control { found, at }),
            None if text.is_empty() => Err(BodyError::Blank),
            None => Ok(text.clone()),
        };
        let name = if text.is_empty() { Err(SingleLineError::Empty) } else { line(512) };

        let actual = MessageBody::from_stored(&*text).map(|body| body.as_str().to_owned());
        prop_assert_eq!(actual, body);
        let actual = SingleLine::from_stored(&*text).map(|line| line.as_str().to_owned());
        prop_assert_eq!(actual, line(512));
        let actual = DisplayName::from_stored(&*text).map(|name| name.as_str().to_owned());
        prop_assert_eq!(actual, name);
        let actual = Preview::from_stored(&*text, true).map(|preview| preview.as_str().to_owned());
        prop_assert_eq!(actual, line(2048));

        prop_assert_eq!(from_json(&text), MessageBody::from_stored(&*text).ok());
        prop_assert_eq!(from_json(&text), SingleLine::from_stored(&*text).ok());
        prop_assert_eq!(from_json(&text), DisplayName::from_stored(&*text).ok());
        let json = serde_json::json!({ "text": text, "cut": true });
        let preview = serde_json::from_value(json).ok();
        prop_assert_eq!(preview, Preview::from_stored(&*text, true).ok());
    }
}
