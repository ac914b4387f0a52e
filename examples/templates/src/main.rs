//! Prints the page of a demo conversation.

use std::error::Error;

use futures::executor::block_on;
use templates::conversation::conversation;
use templates::{Engine, MessageForm, Page};

fn main() -> Result<(), Box<dyn Error>> {
    let engine: Engine = std::env::args().nth(1).as_deref().unwrap_or("askama").parse()?;
    let texts = ["Can we bring <b>two</b> dogs?", "It's for \"Rex\" & 'Bo'."];
    let view = block_on(conversation(&texts, "Fish & chips tour"))?;
    println!("{}", engine.render(&Page { view: &view, form: MessageForm::Text })?);
    Ok(())
}
