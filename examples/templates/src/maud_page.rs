//! The page in maud. With the feature `maud` of frontdesk, `(html)` prints encoded text unchanged,
//! without `PreEscaped`.

use frontdesk::view::Entry;
use maud::{DOCTYPE, Markup, html};

use crate::page::Page;

/// Renders the page.
pub fn render(page: &Page<'_>) -> String {
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            meta charset="utf-8";
            title { @if let Some(header) = &page.view.header { (header.activity) } }
            span.badge { (page.view.badge) }
            @for section in &page.view.sections {
                h2 { (section.heading) }
                @for entry in &section.entries {
                    p class=(entry.side) title=(entry.sender) { (text(entry, page)) }
                }
            }
        }
    };
    markup.into_string()
}

fn text(entry: &Entry, page: &Page<'_>) -> Markup {
    html! {
        @if let Some(removed) = &entry.removed {
            (removed)
        } @else if page.is_encoded() {
            @if let Some(html) = &entry.html { (html) }
        } @else if let Some(text) = &entry.text {
            (text)
        }
    }
}
