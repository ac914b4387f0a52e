//! Valid JSON from the JSON of Telegram Desktop.

use std::borrow::Cow;

/// Replaces the escape `\xNN`, which Telegram Desktop writes for control characters and which JSON
/// does not have, by `\u00NN`.
pub(crate) fn repair(json: &[u8]) -> Cow<'_, [u8]> {
    if !json.windows(2).any(|pair| pair == b"\\x") {
        return Cow::Borrowed(json);
    }
    let mut repaired = Vec::with_capacity(json.len() + json.len() / 64);
    let mut rest = json;
    // A backslash occurs only in strings, and the byte after it belongs to the same escape.
    while let Some(at) = rest.iter().position(|&byte| byte == b'\\') {
        let (before, escape) = rest.split_at(at);
        repaired.extend_from_slice(before);
        rest = if escape.get(1) == Some(&b'x') {
            repaired.extend_from_slice(b"\\u00");
            &escape[2..]
        } else {
            let end = escape.len().min(2);
            repaired.extend_from_slice(&escape[..end]);
            &escape[end..]
        };
    }
    repaired.extend_from_slice(rest);
    Cow::Owned(repaired)
}

#[cfg(test)]
mod tests {
    use super::repair;

    #[test]
    fn only_the_escape_of_a_control_character_is_replaced() {
        for (json, expected) in [
            (r#""plain""#, r#""plain""#),
            (r#""a\x01b\x1F""#, r#""a\u0001b\u001F""#),
            (r#""C:\\x01 \n \" ""#, r#""C:\\x01 \n \" ""#),
            (r#""\\\x02""#, r#""\\\u0002""#),
            (r#""cut\x"#, r#""cut\u00"#),
            (r#""cut\"#, r#""cut\"#),
        ] {
            assert_eq!(&*repair(json.as_bytes()), expected.as_bytes(), "{json}");
        }
    }
}
