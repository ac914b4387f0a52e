//! The page in askama. With the feature `askama` of frontdesk, `{{ html }}` prints encoded text
//! unchanged, without `|safe`.

use askama::Template;
use frontdesk::view::CustomerHistoryView;

use crate::page::Page;

/// The name of the template ends with `.html`, so askama escapes.
#[derive(Template)]
#[template(path = "askama.html")]
struct Conversation<'a> {
    view: &'a CustomerHistoryView,
    is_encoded: bool,
}

/// Renders the page.
///
/// # Errors
///
/// Returns the error of askama.
pub fn render(page: &Page<'_>) -> askama::Result<String> {
    Conversation { view: page.view, is_encoded: page.is_encoded() }.render()
}
