//! Small repairs of names and texts.

/// Removes the marks that set the direction of a text, and the ends' whitespace. Phones put such
/// marks around names and numbers.
pub(crate) fn clean_name(name: &str) -> String {
    let is_kept = |c: &char| !matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let cleaned: String = name.chars().filter(is_kept).collect();
    cleaned.trim().to_owned()
}

/// Returns a text unless it is empty or only whitespace.
pub(crate) fn not_blank(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}
