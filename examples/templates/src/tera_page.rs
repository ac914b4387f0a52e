//! The page in tera, which takes the JSON form of the view.

use tera::{Context, Error, Tera};

use crate::page::Page;

/// Renders the page. The name of the template ends with `.html`, so tera escapes.
///
/// # Errors
///
/// Returns the error of tera.
pub fn render(page: &Page<'_>) -> Result<String, Error> {
    let mut tera = Tera::default();
    tera.add_raw_template("conversation.html", include_str!("../templates/conversation.html"))?;
    let mut context = Context::new();
    context.insert("view", page.view);
    context.insert("is_encoded", &page.is_encoded());
    tera.render("conversation.html", &context)
}
