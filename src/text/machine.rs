use std::borrow::Cow;

/// The changes that the cleaning of a machine's text made (T3).
///
/// ```
/// use frontdesk::desk::{CustomerSent, Sent};
/// use frontdesk::{Draft, TextCleaning};
///
/// # use frontdesk::store::MemoryStore;
/// # use frontdesk::{Booking, BookingId, FrontDesk, LocationId, ParticipantId};
/// # futures::executor::block_on(async {
/// # let desk = FrontDesk::new(MemoryStore::new());
/// # let harbour = LocationId::new("harbour")?;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
/// # let kim = desk.operator(harbour, ParticipantId::new("u-7")?, None);
/// # let ann = desk
/// #     .customer(LocationId::new("harbour")?, booking.id.clone(), ParticipantId::new("c-9")?)
/// #     .starting_with(booking.clone());
/// // A mail gateway decoded windows-1252 as if it were ISO 8859-1.
/// let draft = Draft::new("It\u{92}s at nine.\u{0}").cleaned();
/// let received: CustomerSent = ann.send(draft.clone()).await?;
/// let cleaning: TextCleaning = received.cleaning();
/// assert_eq!((cleaning.replaced, cleaning.removed), (1, 1));
///
/// let sent: Sent = kim.reply(&booking.id, draft).await?;
/// assert_eq!(sent.message.body().unwrap().as_str(), "It’s at nine.");
/// assert_eq!(sent.cleaning(), cleaning);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TextCleaning {
    /// The number of C1 control characters that became what they mean in windows-1252.
    pub replaced: usize,
    /// The number of other control characters that were removed.
    pub removed: usize,
}

/// The characters that the bytes 0x80 to 0x9F mean in windows-1252, by the WHATWG Encoding
/// Standard. U+FFFD stands for the five bytes that the standard maps to control characters.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{FFFD}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{FFFD}', 'Ž',
    '\u{FFFD}', '\u{FFFD}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{FFFD}',
    'ž', 'Ÿ',
];

/// Cleans a text that comes from a machine (T3). Line breaks other than U+0085 stay as they are.
pub(crate) fn clean_machine_text(text: &str) -> (Cow<'_, str>, TextCleaning) {
    let mut cleaning = TextCleaning::default();
    let is_kept = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\u{B}'..='\r');
    if text.chars().all(is_kept) {
        return (Cow::Borrowed(text), cleaning);
    }
    let cleaned = text.chars().filter_map(|c| {
        let meant = match c {
            '\u{80}'..='\u{9F}' => WINDOWS_1252[c as usize - 0x80],
            _ if is_kept(c) => return Some(c),
            _ => char::REPLACEMENT_CHARACTER,
        };
        let is_removed = meant == char::REPLACEMENT_CHARACTER;
        cleaning.removed += usize::from(is_removed);
        cleaning.replaced += usize::from(!is_removed);
        (!is_removed).then_some(meant)
    });
    let cleaned = cleaned.collect::<String>();
    (Cow::Owned(cleaned), cleaning)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MessageBody;
    use proptest::prelude::*;

    /// T3: C1 characters become what they mean in windows-1252, and other control characters that
    /// are not line breaks or tabs are removed.
    #[test]
    fn t3_c1_characters_become_what_they_mean_in_windows_1252() {
        let all: String = ('\u{80}'..='\u{9F}').collect();
        let (cleaned, cleaning) = clean_machine_text(&all);
        assert_eq!(cleaned, "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ");
        assert_eq!(cleaning, TextCleaning { replaced: 27, removed: 5 });

        let controls: String = ('\0'..='\u{1F}').chain(['\u{7F}', 'é', '\u{FFFD}']).collect();
        let (cleaned, cleaning) = clean_machine_text(&controls);
        assert_eq!(cleaned, "\t\n\u{B}\u{C}\ré\u{FFFD}");
        assert_eq!(cleaning, TextCleaning { replaced: 0, removed: 28 });

        // U+0085 is an ellipsis here, and T1 sees the text after the cleaning.
        let (cleaned, _) = clean_machine_text("\0 See you\u{85}\r\n\0");
        assert_eq!(MessageBody::new(&cleaned).unwrap().as_str(), "See you…");
    }

    proptest! {
        /// T3: a cleaned text has no forbidden control character, cleaning it again changes
        /// nothing, and the counts add up.
        #[test]
        fn t3_cleaning_is_idempotent_and_counts_each_change(
            text in "[ -~\\n\\t\\r\\x00\\x07\\x7F\u{80}-\u{9F}é\u{FFFD}]{0,30}|\\PC{0,20}",
        ) {
            let (cleaned, cleaning) = clean_machine_text(&text);
            prop_assert_eq!(text.chars().count() - cleaning.removed, cleaned.chars().count());
            let differing = text.chars().filter(|c| matches!(c, '\u{80}'..='\u{9F}')).count();
            prop_assert!(cleaning.replaced <= differing);
            let again = clean_machine_text(&cleaned);
            prop_assert_eq!(again, (Cow::Borrowed(&*cleaned), TextCleaning::default()));
            let body = MessageBody::new(&cleaned);
            let has_control = matches!(body, Err(crate::BodyError::Control { .. }));
            prop_assert!(!has_control);
        }
    }
}
