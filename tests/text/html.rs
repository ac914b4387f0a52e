//! HTML encoding of all texts (T5).

use frontdesk::{Booking, BookingId, DisplayName, EncodedHtml, MessageBody, Preview, SingleLine};
use proptest::prelude::*;

use crate::reference;
use crate::strategies::{any_text, text_without_control_characters};

/// Asserts that an HTML parser reads back every text that the crate makes from `text`.
fn assert_all_outputs_read_back(text: &str) {
    let mut outputs = Vec::new();
    let line = SingleLine::new(text);
    outputs.push((line.as_str().to_owned(), line.to_html()));
    let booking = Booking::new(BookingId::new("b-1").unwrap(), text, text);
    outputs.push((booking.code.as_str().to_owned(), booking.code.to_html()));
    if let Some(name) = DisplayName::new(text) {
        outputs.push((name.as_str().to_owned(), name.to_html()));
    }
    if let Ok(body) = MessageBody::with_limit(text, usize::MAX) {
        outputs.push((body.as_str().to_owned(), body.to_html()));
        let preview = Preview::of(&body);
        outputs.push((preview.to_string(), preview.to_html()));
    }
    reference::assert_read_back(outputs.iter().map(|(text, html)| (&**text, html.to_string())));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// T5: an HTML parser reads a body, a name, a single-line text and a preview unchanged,
    /// and finds no element or attribute in them.
    #[test]
    fn t5_an_html_parser_reads_encoded_text_unchanged(text in text_without_control_characters()) {
        assert_all_outputs_read_back(&text);
    }

    /// T5: an HTML parser reads any text without CR and NUL unchanged. The test removes CR and NUL,
    /// because a parser turns CR into a line feed and drops NUL. `encode_into` appends the same
    /// encoding to an existing page.
    #[test]
    fn t5_an_html_parser_reads_any_text_without_cr_and_nul_unchanged(text in any_text()) {
        let text = text.replace(['\r', '\0'], "");
        let html = EncodedHtml::encode(&text).to_string();
        let mut page = "<p>".to_owned();
        EncodedHtml::encode_into(&text, &mut page);
        prop_assert_eq!(page.strip_prefix("<p>"), Some(&*html));
        reference::assert_read_back([(&*text, html)]);
    }
}

/// Texts that people type into a form to test its encoding.
const TYPED: [&str; 16] = [
    "<b>",
    "&lt;",
    "&amp;amp;",
    "&#39;",
    "&#x27",
    "&notit;",
    "&copy",
    "</p><script>alert(1)</script>",
    "<!-- -->",
    "<![CDATA[ x ]]>",
    "\" onmouseover=\"alert(1)",
    "' onfocus='alert(1)",
    "a/b//c",
    "\u{202E}\u{FEFF}x",
    "{{7*7}} ${x}",
    "fish & chips",
];

/// T5: typed markup reads back as typed, from a page and from JSON. In JSON, encoded text
/// is a string.
#[test]
fn t5_typed_markup_reads_back_as_typed() {
    for typed in TYPED {
        assert_all_outputs_read_back(typed);
        let body = MessageBody::new(typed).unwrap();
        let json = serde_json::to_value(body.to_html()).unwrap();
        assert_eq!(json, serde_json::Value::from(body.to_html().to_string()), "{typed}");
        let html: String = serde_json::from_value(json).unwrap();
        reference::assert_read_back([(typed, html)]);
        assert_eq!(serde_json::to_value(&body).unwrap(), typed, "a body is serialized raw");
    }
}
