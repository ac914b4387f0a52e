//! Display names and other single-line texts (T6).

use frontdesk::{ConfirmationCode, DisplayName, MessageBody, SingleLine};
use proptest::prelude::*;

use crate::reference;
use crate::strategies::any_text;

proptest! {
    /// T1, T6: every conversion to text returns the same text.
    #[test]
    fn t1_t6_every_conversion_returns_the_same_text(text in any_text()) {
        let line = SingleLine::from(text.as_str());
        prop_assert_eq!(&line, &SingleLine::new(&text));
        prop_assert_eq!((line.as_ref(), &*line.to_string()), (line.as_str(), line.as_str()));
        let code = ConfirmationCode::new(&text);
        prop_assert_eq!((code.as_ref(), &*code.to_string()), (line.as_str(), line.as_str()));
        if let Some(name) = DisplayName::new(&text) {
            prop_assert_eq!((name.as_ref(), &*name.to_string()), (name.as_str(), name.as_str()));
        }
        if let Ok(body) = MessageBody::new(&text) {
            prop_assert_eq!(body.as_ref(), body.as_str());
        }
    }

    /// T6: a single-line text equals the reference.
    #[test]
    fn t6_a_line_equals_the_reference(text in any_text()) {
        let line = SingleLine::new(&text);
        prop_assert_eq!(line.as_str(), reference::single_line(&text));
    }

    /// T6: a name equals the reference. A text without a visible character gives no name.
    #[test]
    fn t6_a_name_equals_the_reference(text in any_text()) {
        let name = DisplayName::new(&text);
        prop_assert_eq!(name.map(|name| name.as_str().to_owned()), reference::name(&text));
    }

    /// T6: cleaning a text twice equals cleaning it once.
    #[test]
    fn t6_cleaning_twice_changes_nothing(text in any_text()) {
        let line = SingleLine::new(&text);
        prop_assert_eq!(&SingleLine::new(line.as_str()), &line);
        if let Some(name) = DisplayName::new(&text) {
            prop_assert_eq!(DisplayName::new(name.as_str()), Some(name));
        }
    }

    /// T6: a single-line text has no line breaks, is trimmed and is within its limits.
    #[test]
    fn t6_a_line_is_within_its_limits(text in any_text()) {
        let line = SingleLine::new(&text);
        let line = line.as_str();
        prop_assert!(line.len() <= 512 && reference::clusters(line).len() <= 100);
        prop_assert!(!line.chars().any(|c| c.is_control() || c.is_whitespace() && c != ' '));
        prop_assert!(!line.contains("  "));
        prop_assert_eq!(reference::trim(line), line);
    }

    /// T6: a first and a last name are joined by a space, and either may be empty.
    #[test]
    fn t6_a_name_joins_its_parts(first in any_text(), last in any_text()) {
        let (first, last) = (&first[..], &last[..]);
        prop_assert_eq!(
            DisplayName::from_parts(first, last),
            DisplayName::new(format!("{first} {last}"))
        );
        prop_assert_eq!(DisplayName::from_parts(first, ""), DisplayName::new(first));
        prop_assert_eq!(DisplayName::from_parts("", last), DisplayName::new(last));
    }
}
