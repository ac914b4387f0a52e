//! Texts that try to break a page. An injected script would set `__hit` or open a dialog.

use std::env;

use crate::shared_data::{self, Missing};

/// At least one text for each way to inject something into a page.
#[rustfmt::skip]
const TEXTS: &[&str] = &[
    // Script elements, event handlers and addresses that run scripts.
    "<script>__hit=1</script>",
    "<ScRiPt >__hit=1</sCrIpT\n>",
    "<script src=data:text/javascript,__hit=1></script>",
    "<script>__hit=1//",
    "<<script>script>__hit=1<</script>/script>",
    "</script><script>__hit=1</script>",
    "<script type=module>__hit=1</script>",
    "<img src=x onerror=__hit=1>",
    "<img/src=x/onerror=__hit=1//",
    "<img src=`x` onerror=`__hit=1`>",
    "<body onload=__hit=1>",
    "<input autofocus onfocus=__hit=1>",
    "<details open ontoggle=__hit=1>",
    "<video><source onerror=__hit=1>",
    "<marquee onstart=__hit=1>",
    "<div style=animation-name:x onanimationstart=__hit=1>",
    "<a href=javascript:__hit=1 autofocus>x</a>",
    "javascript:__hit=1",
    "JaVaScRiPt&colon;__hit=1",
    "java\nscript:__hit=1",
    "data:text/html,<script>__hit=1</script>",
    "<iframe srcdoc='<script>parent.__hit=1</script>'></iframe>",
    "<iframe src=javascript:parent.__hit=1>",
    "<object data=javascript:__hit=1>",
    "<embed src=javascript:__hit=1>",
    // Elements with special parsing rules.
    "<svg onload=__hit=1>",
    "<svg><script>__hit=1</script></svg>",
    "<svg><animate onbegin=__hit=1 attributeName=x dur=1s>",
    "<svg><a xlink:href=javascript:__hit=1><text y=20>x</text></a></svg>",
    "<svg><style><img src=x onerror=__hit=1></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=__hit=1&gt;\">",
    "<math href=javascript:__hit=1>x</math>",
    "<noscript><p title=\"</noscript><img src=x onerror=__hit=1>\">",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=__hit=1>",
    "<svg></p><style><a id=\"</style><img src=1 onerror=__hit=1>\">",
    "<listing>&lt;img src=1 onerror=__hit=1&gt;</listing>",
    "<template><script>__hit=1</script></template>",
    "<xmp><p title=\"</xmp><img src onerror=__hit=1>\">",
    "<select><template><svg onload=__hit=1>",
    "<![CDATA[<script>__hit=1</script>]]>",
    "<?xml version=\"1.0\"?><x onload=__hit=1/>",
    "<!DOCTYPE html><html><body onload=__hit=1>",
    // Texts that close the element, the attribute or the comment around them.
    "--><img src=x onerror=__hit=1><!--",
    "--!><script>__hit=1</script>",
    "]]><script>__hit=1</script>",
    "</textarea><script>__hit=1</script>",
    "</title><script>__hit=1</script>",
    "</style><script>__hit=1</script>",
    "</noscript><script>__hit=1</script>",
    "</template><img src=x onerror=__hit=1>",
    "</p></li></ol></section><h1>x</h1>",
    "</bdi></span></a></li><li class=conversation>",
    "</option></select><img src=x onerror=__hit=1>",
    "\" onmouseover=\"__hit=1",
    "\"autofocus onfocus=__hit=1 x=\"",
    "\"><script>__hit=1</script>",
    "' onmouseover='__hit=1",
    "'><img src=x onerror=__hit=1>",
    "` onerror=`__hit=1",
    "\\\"><script>__hit=1</script>",
    "x onmouseover=__hit=1",
    // Text that is encoded already, twice or in part.
    "&lt;script&gt;__hit=1&lt;/script&gt;",
    "&amp;lt;b&amp;gt;",
    "&amp;amp;amp;",
    "&#60;img src=x onerror=__hit=1&#62;",
    "&#x3c;script&#x3e;__hit=1",
    "&lt &LT; &quot &apos; &#39 &#0; &#xD; &nbsp",
    "&notit; &not;it &copy=1 &NotEqualTilde;",
    "%3Cscript%3E__hit=1%3C/script%3E",
    "\\u003cscript\\u003e__hit=1\\u003c/script\\u003e",
    "\\x3cimg src=x onerror=__hit=1\\x3e",
    "+ADw-script+AD4-__hit=1+ADw-/script+AD4-",
    "\u{ff1c}script\u{ff1e}__hit=1\u{ff1c}/script\u{ff1e}",
    "\u{2039}script\u{203a}__hit=1",
    // Template syntax and other languages.
    "{{7*7}}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "{% include \"operator.html\" %}",
    "{{constructor.constructor('__hit=1')()}}", "${__hit=1}", "{# gone? #}", "{{ html|safe }}", "%s%n%d",
    "\"}],\"unread\":0,\"x\":[{\"", "\\\",\"body\":\"x", "'; DROP TABLE messages; --", "$(touch x)", "\\", "\\0",
    // Words with a meaning in programs.
    "null", "undefined", "NaN", "[object Object]", "__proto__", "constructor", "toString", "hasOwnProperty",
    // Elements that take the names of others, or that change the whole page.
    "<form id=draft><input name=value></form>", "<a id=send name=send>x</a>", "<img name=getElementById>",
    "<form name=body><input name=firstChild>", "<p id=log>x</p>", "<meta name=api content=//example.org>",
    "<base href=//example.org/>", "<meta http-equiv=refresh content=\"0;url=//example.org\">",
    "<meta http-equiv=Content-Security-Policy content=\"script-src *\">",
    "<link rel=stylesheet href=//example.org/x.css>", "<style>*{display:none}</style>",
    "<plaintext>", "<textarea>", "<!--", "<title>x", "<b>bold</b> <i>", "<", "&", "<a", "</", "<!", "a<b&&c>d",
    // Invisible and bidirectional characters, and all kinds of line breaks.
    "one\u{2028}two\u{2029}three\u{85}four\u{c}five\u{b}six",
    "a\r\nb\rc\n\n  d\te", "\n<pre>\n", "\u{202e}gpj.exe\u{202c}", "\u{2067}<b>\u{2069}\u{200f}!",
    "\u{feff}<b>\u{feff}x", "a\u{200b}<\u{200b}script\u{200b}>b", "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}<b>",
    "Z\u{351}\u{36b}\u{343}\u{32a}\u{302}<b>", "\u{fffe}\u{ffff}\u{fdd0}<b>", "\u{10ffff}<b>\u{e0001}", "\u{fffd}<b>",
    // Rejected texts.
    "", " \n ", "\u{200b}\u{2060}", "\u{3164}", "<b>\0</b>", "\u{1}<script>__hit=1</script>", "a\u{7f}b",
    "\u{1b}[2J<b>", "a\u{9b}b",
];

/// Valid ids (I1) that a page could handle wrongly.
pub(crate) const IDS: &[&str] = &[
    "__proto__",
    "constructor",
    "toString",
    "<img/src=x/onerror=__hit=1>",
    "\"><svg/onload=__hit=1>",
    "'onmouseover='__hit=1",
    "javascript:__hit=1",
    "a/../b",
    "a?lang=de&poll=0#c",
    "%2e%2e%2f%41%",
    "&lt;b&gt;",
    "{{7*7}}",
    "\\\"",
    "\u{202e}\u{1f9ff}é",
    "draft",
];

/// Returns the texts of this file and every fifth text of `naughty-strings.json`. With the
/// environment variable `FRONTDESK_ALL_TEXTS`, returns all texts of the file.
pub(crate) fn chosen() -> Result<Vec<String>, Missing> {
    let naughty = shared_data::read("naughty-strings.json")?;
    let naughty: Vec<String> = serde_json::from_str(&naughty).unwrap();
    let mut texts: Vec<_> = TEXTS.iter().map(|&text| text.to_owned()).collect();
    // These texts are so long that a name and a preview are cut inside the markup.
    texts.push(format!("{}<img src=x onerror=__hit=1>", "a".repeat(92)));
    texts.push(format!("{}&lt;script&gt;", "a".repeat(74)));
    let step = if env::var_os("FRONTDESK_ALL_TEXTS").is_some() { 1 } else { 5 };
    texts.extend(naughty.into_iter().step_by(step));
    Ok(texts)
}
