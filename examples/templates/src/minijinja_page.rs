//! The page in minijinja, which takes the JSON form of the view.

use minijinja::value::{Serde, Value};
use minijinja::{Environment, Error, context, escape_formatter};

use crate::page::Page;

/// Makes the environment. The name of the template ends with `.html`, so minijinja escapes:
/// `render_str` and templates with another name escape nothing.
fn environment() -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    environment
        .add_template("conversation.html", include_str!("../templates/conversation.html"))?;
    // Without this formatter, minijinja prints the word "None" for a missing value, for example
    // for the badge of a conversation without unread messages.
    environment.set_formatter(|out, state, value| {
        let empty = Value::from("");
        escape_formatter(out, state, if value.is_none() { &empty } else { value })
    });
    Ok(environment)
}

/// Renders the page.
///
/// # Errors
///
/// Returns the error of minijinja.
pub fn render(page: &Page<'_>) -> Result<String, Error> {
    let environment = environment()?;
    let template = environment.get_template("conversation.html")?;
    template.render(context! { view => Serde(page.view), is_encoded => page.is_encoded() })
}
