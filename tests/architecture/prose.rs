//! The paragraphs of doc comments.

/// Returns the paragraphs of a file's doc comments, without code, headings and tables. Each item of
/// a list is a separate paragraph.
pub(crate) fn doc_paragraphs(source: &str) -> Vec<String> {
    let mut paragraphs = vec![String::new()];
    let mut in_code = false;
    for line in source.lines() {
        let Some(doc) = doc_line(line) else {
            paragraphs.push(String::new());
            in_code = false;
            continue;
        };
        if doc.starts_with("```") {
            in_code = !in_code;
            paragraphs.push(String::new());
            continue;
        }
        let is_list_item = doc.starts_with("- ") || doc.starts_with("* ");
        if doc.is_empty() || is_list_item {
            paragraphs.push(String::new());
        }
        if !in_code && !doc.starts_with(['#', '|']) {
            let paragraph = paragraphs.last_mut().expect("the list is never empty");
            paragraph.push_str(doc);
            paragraph.push(' ');
        }
    }
    paragraphs.retain(|paragraph| !paragraph.trim().is_empty());
    paragraphs
}

/// Returns the text of a line of a doc comment, or `None` for another line.
fn doc_line(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let doc = line.strip_prefix("///").or(line.strip_prefix("//!"))?;
    Some(doc.trim())
}

/// Returns the first word of a paragraph, without markup before or after it.
pub(crate) fn first_word(paragraph: &str) -> &str {
    let text = paragraph.trim_start_matches(|c: char| !c.is_alphanumeric());
    text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default()
}
