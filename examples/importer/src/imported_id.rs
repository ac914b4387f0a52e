use frontdesk::MAX_ID_BYTES;
use sha2::{Digest, Sha256};

/// Returns an id (I1) for a text of another system.
///
/// A text that is a valid id stays as it is. In any other text, each run of whitespace and control
/// characters becomes a hyphen, and the text is cut at the limit. The id then ends with a digest of
/// the whole text, so that two texts have two ids, and a text has the same id in each import.
pub(crate) fn imported_id(text: &str) -> String {
    let is_separator = |c: char| c.is_whitespace() || c.is_control();
    if text.len() <= MAX_ID_BYTES && !text.contains(is_separator) {
        return text.to_owned();
    }
    let digest = Sha256::digest(text);
    let digest = digest[..8].iter().fold(0_u64, |sum, &byte| sum << 8 | u64::from(byte));
    let digest = format!("-{digest:016x}");
    let words: Vec<&str> = text.split(is_separator).filter(|word| !word.is_empty()).collect();
    let mut id = words.join("-");
    let mut end = id.len().min(MAX_ID_BYTES - digest.len());
    while !id.is_char_boundary(end) {
        end -= 1;
    }
    id.truncate(end);
    id + &digest
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use frontdesk::BookingId;

    use super::imported_id;

    #[test]
    fn a_valid_id_stays_as_it_is() {
        let long = "x".repeat(128);
        for text in ["zendesk-35", "whatsapp-Инес-Моро", &long] {
            assert_eq!(imported_id(text), text);
        }
    }

    #[test]
    fn two_texts_have_two_valid_ids() {
        let cyrillic = "Переписка-".repeat(20);
        let texts = [
            "a b",
            "a-b",
            "a  b",
            "a\u{A0}b",
            "a\u{1}b",
            " a-b",
            "a b ",
            &"x".repeat(129),
            &"x".repeat(130),
            &cyrillic,
            &format!("{cyrillic}2"),
        ];
        let ids: BTreeSet<String> = texts.iter().map(|text| imported_id(text)).collect();
        assert_eq!(ids.len(), texts.len(), "{ids:?}");
        assert!(ids.iter().all(|id| BookingId::new(id).is_ok()), "{ids:?}");
    }

    /// Otherwise an import of a later version would store everything again.
    #[test]
    fn an_id_never_changes() {
        assert_eq!(imported_id("a b"), "a-b-c8687a08aa5d6ed2");
        let long = imported_id(&"long".repeat(40));
        assert_eq!(long, format!("{}lon-ed357a84262b77f0", "long".repeat(27)));
    }
}
