//! The texts that WhatsApp itself writes into an export, on a phone whose language is English.

/// The mark before texts that an iPhone writes itself.
const MARK: char = '\u{200E}';
const EDITED: &str = "<This message was edited>";
const ATTACHMENT_KINDS: [&str; 9] = [
    "image",
    "video",
    "audio",
    "sticker",
    "GIF",
    "document",
    "Contact card",
    "video note",
    "view once message",
];

/// The content of an entry with an author.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Text(String),
    Deleted,
    SystemLine,
    /// An attachment without a text of its author.
    Attachment,
}

/// Finds out what the text of an entry is, and removes what WhatsApp added to it.
pub(crate) fn classify(text: &str, is_from_iphone: bool) -> Content {
    let text = text.trim_end_matches([' ', '\n', MARK]);
    let text = text.strip_suffix(EDITED).unwrap_or(text).trim_end_matches([' ', MARK]);
    let unmarked = text.trim_start_matches(MARK);
    if is_deleted(unmarked) {
        return Content::Deleted;
    }
    if let Some(caption) = caption(text) {
        let caption = caption.trim_matches([' ', '\n', MARK]);
        return if caption.is_empty() {
            Content::Attachment
        } else {
            Content::Text(caption.to_owned())
        };
    }
    if is_from_iphone && text.starts_with(MARK) {
        return Content::SystemLine;
    }
    Content::Text(text.to_owned())
}

fn is_deleted(text: &str) -> bool {
    let text = text.strip_suffix('.').unwrap_or(text);
    matches!(text, "This message was deleted" | "You deleted this message")
        || text.starts_with("This message was deleted by admin ")
}

/// Returns what the author wrote beside an attachment, or `None` if there is no attachment.
fn caption(text: &str) -> Option<&str> {
    if text == "<Media omitted>" {
        return Some("");
    }
    // Android writes "IMG-1.jpg (file attached)" and then the caption.
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    if first.ends_with(" (file attached)") {
        return Some(rest);
    }
    // An iPhone writes the caption, the mark, and then "image omitted" or "<attached: 1-PHOTO.jpg>".
    let (before, added) = text.rsplit_once(MARK)?;
    if added.starts_with("<attached: ") && added.ends_with('>') {
        return Some(before);
    }
    let kind = added.strip_suffix(" omitted")?;
    if !ATTACHMENT_KINDS.contains(&kind) {
        return None;
    }
    // The name and the number of pages of a document are not written by its sender.
    Some(if kind == "document" { "" } else { before })
}

#[cfg(test)]
mod tests {
    use super::{Content, classify};

    #[test]
    fn texts_of_whatsapp_are_told_from_texts_of_people() {
        use Content::{Attachment, Deleted, SystemLine};
        let text = |text: &str| Content::Text(text.to_owned());
        for (input, is_from_iphone, expected) in [
            ("Hello", false, text("Hello")),
            ("see you <3", true, text("see you <3")),
            ("six, not five <This message was edited>", false, text("six, not five")),
            ("six \u{200E}<This message was edited>", true, text("six")),
            ("This message was deleted", false, Deleted),
            ("You deleted this message", false, Deleted),
            ("\u{200E}This message was deleted.", true, Deleted),
            ("\u{200E}You deleted this message.", true, Deleted),
            ("The booking was deleted", false, text("The booking was deleted")),
            ("<Media omitted>", false, Attachment),
            ("IMG-20261127-WA0001.jpg (file attached)", false, Attachment),
            ("\u{200E}IMG-1.jpg (file attached)\nour boat", false, text("our boat")),
            ("\u{200E}image omitted", true, Attachment),
            ("our boat \u{200E}image omitted", true, text("our boat")),
            ("plan.pdf • \u{200E}3 pages \u{200E}document omitted", true, Attachment),
            ("\u{200E}<attached: 00000042-PHOTO-2026-11-27-18-05-09.jpg>", true, Attachment),
            ("image omitted", true, text("image omitted")),
            ("\u{200E}Ann created this group", true, SystemLine),
            ("\u{200E}Missed voice call", true, SystemLine),
            ("\u{200E}quoted", false, text("\u{200E}quoted")),
        ] {
            assert_eq!(classify(input, is_from_iphone), expected, "{input:?}");
        }
    }
}
