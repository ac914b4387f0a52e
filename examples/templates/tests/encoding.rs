//! Every text of a page is the text that was typed, in each engine and in both forms (T5).

use frontdesk::view::CustomerHistoryView;
use futures::executor::block_on;
use html5ever::tendril::TendrilSink as _;
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use templates::conversation::{conversation, redacted_conversation};
use templates::{Engine, MessageForm, Page};

/// Texts that an engine could encode twice, leave unencoded or read as a template.
const TEXTS: [&str; 16] = [
    "Tom's & \"Ann\"",
    "&amp;#39; &amp;amp; &lt;b&gt; &#x27;",
    "<script>alert(1)</script>",
    "</p></title></script><img src=x onerror=alert(1)>",
    "\" onmouseover=\"alert(1)",
    "' onmouseover='alert(1)",
    "<!-- --> <![CDATA[ ]]> <?x ?>",
    "{{ 7 * 7 }} {% raw %} {# no comment #}",
    "${7 * 7} #{7 * 7} <%= 7 * 7 %> @(7 * 7)",
    "none None null",
    "one\ntwo\n\n  three\tfour",
    "a\u{a0}b &nbsp; &copy; &notin; &notit;",
    "👩‍👩‍👧 🇳🇱 नमस्ते e\u{301}",
    "שלום <b>‏עולם</b> & «مرحبا»",
    "\\u003cb\\u003e \\\" %3Cb%3E",
    "a/b </ >&<&",
];

const FORMS: [MessageForm; 2] = [MessageForm::Text, MessageForm::Encoded];

/// The texts of a page, as an HTML parser reads them.
#[derive(Debug, Default, PartialEq)]
struct ShownPage {
    title: String,
    badge: String,
    messages: Vec<String>,
    /// The tooltips of the messages.
    titles: Vec<String>,
    /// The names of all elements, and the names of all attributes.
    structure: Vec<String>,
}

impl ShownPage {
    fn read(html: &str) -> Self {
        let mut page = Self::default();
        let dom = html5ever::parse_document(RcDom::default(), html5ever::ParseOpts::default());
        page.visit(&dom.one(html).document);
        page
    }

    fn visit(&mut self, node: &Handle) {
        if let NodeData::Element { name, attrs, .. } = &node.data {
            self.structure.push(name.local.to_string());
            for attribute in attrs.borrow().iter() {
                self.structure.push(format!("@{}", attribute.name.local));
                if &*attribute.name.local == "title" {
                    self.titles.push(attribute.value.to_string());
                }
            }
            match &*name.local {
                "title" => self.title = text_of(node),
                "span" => self.badge = text_of(node),
                "p" => self.messages.push(text_of(node)),
                _ => {}
            }
        }
        node.children.borrow().iter().for_each(|child| self.visit(child));
    }
}

fn text_of(node: &Handle) -> String {
    let children = node.children.borrow();
    let texts = children.iter().map(|child| match &child.data {
        NodeData::Text { contents } => contents.borrow().to_string(),
        other => panic!("the element contains {other:?}"),
    });
    texts.collect()
}

fn render(engine: Engine, view: &CustomerHistoryView, form: MessageForm) -> String {
    engine.render(&Page { view, form }).unwrap()
}

#[test]
fn t5_every_text_is_shown_as_typed() {
    let name = "Tom's <b> & \"x\"/y &amp; {{ z }}";
    let view = block_on(conversation(&TEXTS, name)).unwrap();
    for engine in Engine::ALL {
        for form in FORMS {
            let html = render(engine, &view, form);
            let page = ShownPage::read(&html);
            let case = format!("{engine:?} {form:?}");
            assert_eq!(page.messages, TEXTS, "{case}");
            assert_eq!(page.titles, [name; TEXTS.len()], "{case}");
            assert_eq!(page.title, name, "{case}");
            let mut structure = vec!["html", "@lang", "head", "meta", "@charset", "title"];
            structure.extend(["body", "span", "@class", "h2"]);
            structure.extend(["p", "@class", "@title"].repeat(TEXTS.len()));
            assert_eq!(page.structure, structure, "{case}");
        }
    }
}

/// W7: a badge without a number prints nothing, and not "None" or "null".
#[test]
fn w7_an_absent_badge_prints_nothing() {
    let view = block_on(conversation(&["Hello"], "Harbour tour")).unwrap();
    assert_eq!(view.badge.text(), None);
    for engine in Engine::ALL {
        let page = ShownPage::read(&render(engine, &view, MessageForm::Text));
        assert_eq!(page.badge, "", "{engine:?}");
    }
}

/// T9: the label of a redacted message is shown instead of its text.
#[test]
fn t9_a_redacted_message_shows_its_label() {
    let view = block_on(redacted_conversation(&["secret", "public"])).unwrap();
    for engine in Engine::ALL {
        for form in FORMS {
            let page = ShownPage::read(&render(engine, &view, form));
            assert_eq!(page.messages, ["Message removed", "public"], "{engine:?} {form:?}");
        }
    }
}

/// T5: with the features of this crate, askama and maud print encoded text unchanged. The other
/// engines encode it twice unless the template says `safe`.
#[test]
fn t5_interpolated_encoded_text() {
    #[derive(askama::Template)]
    #[template(ext = "html", source = "{{ html }}")]
    struct Askama {
        html: frontdesk::EncodedHtml,
    }
    #[derive(askama::Template)]
    #[template(ext = "html", source = "{{ html|assigned_or(\"\") }}")]
    struct AskamaFilter {
        html: Option<frontdesk::EncodedHtml>,
    }
    let html = frontdesk::EncodedHtml::encode("a < b");
    let (once, twice) = ("a &lt; b", "a &amp;lt; b");

    let page = Askama { html: html.clone() };
    assert_eq!(askama::Template::render(&page).unwrap(), once);
    let page = AskamaFilter { html: Some(html.clone()) };
    assert_eq!(
        askama::Template::render(&page).unwrap(),
        "a &#38;lt; b",
        "the filter hides the type"
    );
    assert_eq!(maud::html! { (html) }.into_string(), once);
    assert_eq!(maud::html! { (html.encoded()) }.into_string(), twice);

    let mut minijinja = minijinja::Environment::new();
    minijinja.add_template("page.html", "{{ html }}|{{ html|safe }}").unwrap();
    let template = minijinja.get_template("page.html").unwrap();
    let page =
        template.render(minijinja::context! { html => minijinja::value::Serde(&html) }).unwrap();
    assert_eq!(page, format!("{twice}|{once}"));
    let page = minijinja
        .render_str("{{ html }}", minijinja::context! { html => minijinja::value::Serde(&html) })
        .unwrap();
    assert_eq!(page, once, "render_str escapes nothing");

    let mut tera = tera::Tera::default();
    tera.add_raw_template("page.html", "{{ html }}|{{ html | safe }}").unwrap();
    let mut context = tera::Context::new();
    context.insert("html", &html);
    assert_eq!(tera.render("page.html", &context).unwrap(), format!("{twice}|{once}"));
}
