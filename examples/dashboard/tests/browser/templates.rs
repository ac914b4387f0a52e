//! The pages of the example `templates`, which four template engines render.

use std::fs;

use frontdesk::MessageBody;
use templates::conversation::conversation;
use templates::{Engine, MessageForm, Page};

use crate::browser::Browser;
use crate::driver::Driver;
use crate::injection_probe::{ContentSecurityPolicy, ExpectedErrors};

/// T5: each text reads back as typed in each template engine, from its raw and its encoded form.
pub(crate) async fn every_text_reads_back_in_each_template_engine(
    driver: &Driver,
    texts: &[String],
) {
    let bodies: Vec<_> =
        texts.iter().filter_map(|text| MessageBody::new(text.as_str()).ok()).collect();
    let bodies: Vec<_> = bodies.iter().map(MessageBody::as_str).collect();
    let browser = driver.probe(ContentSecurityPolicy::Enforced).await;
    // A page shows at most 50 messages.
    for bodies in bodies.chunks(50) {
        assert_read_back(&browser, bodies).await;
    }
    browser.close().await;
}

async fn assert_read_back(browser: &Browser, bodies: &[&str]) {
    let name = "Tom's <b> & \"x\" &amp; {{ z }}";
    let view = conversation(bodies, name).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    for engine in Engine::ALL {
        for form in [MessageForm::Text, MessageForm::Encoded] {
            let file = folder.path().join(format!("{engine:?}-{form:?}.html"));
            fs::write(&file, engine.render(&Page { view: &view, form }).unwrap()).unwrap();
            browser.goto(&format!("file://{}", file.display())).await;
            let script = "return [...document.querySelectorAll('p')].map((p) => p.textContent)";
            let shown: Vec<String> = browser.execute(script, &[]).await;
            assert_eq!(shown, bodies, "{engine:?} {form:?}");
            assert_eq!(browser.title().await, name, "{engine:?} {form:?}");
            browser.assert_no_injection(ExpectedErrors::None).await;
        }
    }
}
