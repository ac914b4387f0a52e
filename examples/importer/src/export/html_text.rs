//! Text from HTML.

use html2text::config;
use html2text::render::{RichAnnotation, TaggedLine};

use super::html_parser;

/// The width at which html2text breaks lines. Texts with longer paragraphs are too long for a
/// message (T4).
const WIDTH: usize = 40_000;

/// Returns the text of an HTML fragment: entities are decoded, blocks and `<br>` become lines, list
/// items begin with "* " or their number, and quotes with "> ". A link whose label is not its
/// address is followed by the address in parentheses. Images appear as their alternative text.
pub(crate) fn html_to_text(html: &str) -> String {
    // By default, html2text adds U+0336 to each letter of struck text.
    let config = config::rich().raw_mode(true).allow_width_overflow().unicode_strikeout(false);
    let tree = config.dom_to_render_tree(&html_parser::parse(html));
    // html2text fails only if the width is too small for the text.
    let lines = tree.and_then(|tree| config.render_to_lines(tree, WIDTH)).unwrap_or_default();
    let lines: Vec<String> = lines.iter().map(line_text).collect();
    let text = lines.join("\n");
    text.trim_matches('\n').to_owned()
}

fn line_text(line: &TaggedLine<Vec<RichAnnotation>>) -> String {
    let (mut text, mut anchor) = (String::new(), None::<(String, usize)>);
    for part in line.tagged_strings() {
        let address = part.tag.iter().find_map(|tag| match tag {
            RichAnnotation::Link(address) => Some(address),
            _ => None,
        });
        if anchor.as_ref().map(|(address, _)| address) != address {
            close_link(&mut text, anchor.take());
            anchor = address.map(|address| (address.clone(), text.len()));
        }
        text.push_str(&part.s);
    }
    close_link(&mut text, anchor);
    text.truncate(text.trim_end_matches(' ').len());
    text
}

fn close_link(text: &mut String, link: Option<(String, usize)>) {
    let Some((address, start)) = link else { return };
    let label = text[start..].trim();
    let bare = |text: &str| {
        let text = text.trim_start_matches("mailto:").trim_start_matches("tel:");
        let text = text.trim_start_matches("https://").trim_start_matches("http://");
        text.trim_end_matches('/').to_owned()
    };
    if !label.is_empty() && !address.is_empty() && bare(label) != bare(&address) {
        text.push_str(" (");
        text.push_str(&address);
        text.push(')');
    }
}

#[cfg(test)]
mod tests {
    use super::html_to_text;

    #[test]
    fn html_becomes_the_text_that_a_reader_sees() {
        for (html, text) in [
            ("", ""),
            ("<p>Hi &amp; bye</p>", "Hi & bye"),
            ("<p>one</p>\n<p>two<br>three</p>", "one\n\ntwo\nthree"),
            ("<div>a &lt;b&gt; &amp;amp; c</div>", "a <b> &amp; c"),
            ("<ul><li>bread</li><li>milk</li></ul>", "* bread\n* milk"),
            ("<ol><li>bread</li><li>milk</li></ol>", "1. bread\n2. milk"),
            (
                "<p>see <a href=\"https://x.example/a\">the map</a>.</p>",
                "see the map (https://x.example/a).",
            ),
            ("<a href=\"https://x.example/\">x.example</a>", "x.example"),
            ("<a href=\"mailto:ann@x.example\">ann@x.example</a>", "ann@x.example"),
            ("<p>up<hr>down</p>", "up\n\ndown"),
            ("<img src=\"x.png\" alt=\"a ticket\">", "a ticket"),
            ("<p>at <s>nine</s> <del>or</del> ten</p>", "at nine or ten"),
            ("<style>p{}</style><script>let x;</script><p>seen</p>", "seen"),
        ] {
            assert_eq!(html_to_text(html), text, "{html}");
        }
    }

    #[test]
    fn a_long_line_is_not_broken() {
        let words = "word ".repeat(1_900);
        assert_eq!(html_to_text(&format!("<p>{words}</p>")), words.trim_end());
    }

    /// Without a limit of the open elements, the time grows with the square of their number.
    #[test]
    fn the_text_of_deeply_nested_elements_is_kept() {
        for (tag, end) in [("<div>", "</div>"), ("<b>", "</b>"), ("<i><x-y>", "</x-y></i>")] {
            let (tags, ends) = (tag.repeat(20_000), end.repeat(20_000));
            let html = format!("<p>one</p>{tags}two<br>three{ends}<p>four</p><div>five</div>six");
            assert_eq!(html_to_text(&html), "one\n\ntwo\nthree\n\nfour\n\nfive\nsix");
            assert_eq!(html_to_text(&format!("{tags}two<p>three")), "two\n\nthree");
        }
    }

    /// The end tags of elements that are left out end no other element.
    #[test]
    fn a_deep_element_ends_where_its_own_end_tag_is() {
        let (tags, ends) = ("<blockquote>".repeat(300), "</blockquote>".repeat(40));
        let text = html_to_text(&format!("{tags}a{ends}b"));
        assert_eq!(text, "> ".repeat(256) + "ab");
    }

    /// Some of these elements have no end tag, and each of the others is closed.
    #[test]
    fn many_elements_that_are_not_nested_are_kept() {
        let html = "<p>a<br><div>b</div><svg><path/></svg><ul><li>c</ul>".repeat(300);
        let lines = ["a\n\nb\n* c"; 300];
        assert!(html_to_text(&html) == lines.join("\n\n"), "{:.100}", html_to_text(&html));
    }
}
