//! A parser of HTML with a limit of open elements.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use html2text::{Handle, RcDom};
use html5ever::LocalName;
use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts, TreeSink};

/// The highest number of open elements. The time for a tag grows with the number of open elements,
/// so that tens of thousands of them would take minutes. Browsers have a limit, too, such as 512.
const MAX_OPEN: u32 = 256;

/// Elements that are never open many times: they have no end tag, other tags end them, or they
/// contain only text.
const NEVER_NESTED: &[&str] = &[
    "a",
    "area",
    "base",
    "body",
    "br",
    "button",
    "caption",
    "col",
    "colgroup",
    "dd",
    "dt",
    "embed",
    "head",
    "hr",
    "html",
    "iframe",
    "img",
    "input",
    "li",
    "link",
    "meta",
    "nobr",
    "noembed",
    "noframes",
    "optgroup",
    "option",
    "p",
    "plaintext",
    "script",
    "source",
    "style",
    "tbody",
    "td",
    "textarea",
    "tfoot",
    "th",
    "thead",
    "title",
    "tr",
    "track",
    "wbr",
    "xmp",
];

/// Parses a text as HTML. Leaves out tags of elements that are nested too deeply, and keeps what is
/// inside of these elements.
pub(crate) fn parse(html: &str) -> RcDom {
    let options = TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
    let tree = TreeBuilder::new(RcDom::default(), options);
    let limit = NestingLimit { tree, open: RefCell::default(), count: Cell::default() };
    let (tokenizer, input) =
        (Tokenizer::new(limit, TokenizerOpts::default()), BufferQueue::default());
    input.push_back(StrTendril::from(html));
    // The tokenizer pauses after each script.
    while !input.is_empty() {
        let _ = tokenizer.feed(&input);
    }
    tokenizer.end();
    tokenizer.sink.tree.sink.finish()
}

/// Passes tokens on to the tree builder, except tags of elements that are nested too deeply.
struct NestingLimit {
    tree: TreeBuilder<Handle, RcDom>,
    open: RefCell<HashMap<LocalName, Open>>,
    /// The number of all open elements that are kept.
    count: Cell<u32>,
}

/// The numbers of open elements of one name.
#[derive(Default)]
struct Open {
    kept: u32,
    left_out: u32,
}

impl NestingLimit {
    /// Counts a tag, and returns `true` if the tag is to be left out.
    fn leaves_out(&self, tag: &Tag) -> bool {
        let is_closed =
            tag.self_closing && self.tree.adjusted_current_node_present_but_not_in_html_namespace();
        if is_closed || NEVER_NESTED.contains(&&*tag.name) {
            return false;
        }
        let mut open = self.open.borrow_mut();
        let open = open.entry(tag.name.clone()).or_default();
        match tag.kind {
            TagKind::StartTag if self.count.get() >= MAX_OPEN => {
                open.left_out += 1;
                return true;
            }
            TagKind::StartTag => {
                open.kept += 1;
                self.count.update(|count| count + 1);
            }
            TagKind::EndTag if open.left_out > 0 => {
                open.left_out -= 1;
                return true;
            }
            TagKind::EndTag if open.kept > 0 => {
                open.kept -= 1;
                self.count.update(|count| count - 1);
            }
            TagKind::EndTag => {}
        }
        false
    }
}

impl TokenSink for NestingLimit {
    type Handle = Handle;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<Handle> {
        match &token {
            Token::TagToken(tag) if self.leaves_out(tag) => TokenSinkResult::Continue,
            _ => self.tree.process_token(token, line),
        }
    }

    fn end(&self) {
        self.tree.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.tree.adjusted_current_node_present_but_not_in_html_namespace()
    }
}
