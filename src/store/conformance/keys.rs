use super::cast::{HERE, at, customer, key, marks, operator};
use super::ledger::Ledger;
use super::proposal::{keyed, saying};
use super::report::{Outcome, same};
use super::stage::Stage;
use crate::store::{CommitOutcome, ThreadStore as _};

pub(super) async fn keys_are_told_apart_by_thread_side_and_author(stage: &Stage<'_>) -> Outcome {
    let store = stage.store();
    let mut ledger = Ledger::new(store, HERE);
    // The same id on both sides.
    let authors = [customer("x-1"), operator("x-1"), customer("x-2"), operator("x-2")];
    let once = key("once");
    for booking in ["b-1", "b-2"] {
        let id = ledger.id(booking);
        for author in &authors {
            let found = store.message_by_key(&id, author.role, &author.id, &once).await?;
            same(&found, &None, format_args!("the key of {} {} in {id}", author.role, author.id))?;
            ledger.say_with(booking, author, "Hello!", &once).await?;
            let found = store.message_by_key(&id, author.role, &author.id, &key("never")).await?;
            same(&found, &None, "a key that was never used")?;
        }
    }
    let other = customer("x-3");
    ledger.say("b-1", &other, 0).await?;
    let id = ledger.id("b-1");
    let found = store.message_by_key(&id, other.role, &other.id, &once).await?;
    same(&found, &None, "the key of an author who used none")?;
    // Authors and keys that are the same when they are put together, in either order,
    // and authors that are alike.
    for mark in marks() {
        let (start, end) = (format!("p{mark}q"), format!("q{mark}r"));
        for (author, used) in [("p", &*end), (&*start, "r"), ("r", &*start), (&*end, "p")] {
            ledger.say_with("b-3", &customer(author), "Hello!", &key(used)).await?;
        }
    }
    let long = "x".repeat(127);
    for author in ["X-1", "x-1\u{AD}", "é", "e\u{301}", &format!("{long}y"), &format!("{long}z")] {
        ledger.say_with("b-3", &customer(author), "Hello!", &once).await?;
    }
    ledger.check().await
}

pub(super) async fn keys_are_compared_by_bytes(stage: &Stage<'_>) -> Outcome {
    let store = stage.store();
    let mut ledger = Ledger::new(store, HERE);
    let (ann, id) = (customer("c-1"), ledger.id("b-1"));
    let long = "k".repeat(128);
    let keys = [
        "k",
        "K",
        "k ",
        "k\u{A0}",
        " k",
        "ké",
        "ke\u{301}",
        "ke",
        "0",
        "00",
        "%",
        "_",
        &long[1..],
        &long,
    ];
    let mut sent = Vec::new();
    for text in keys {
        sent.push((text, ledger.say_with("b-1", &ann, "Hello!", &key(text)).await?));
    }
    for (text, message) in sent {
        let found = store.message_by_key(&id, ann.role, &ann.id, &key(text)).await?;
        same(&found, &Some(message.clone()), format_args!("the message of the key {text:?}"))?;
        let retry = keyed(saying(&id, ledger.found("b-1"), &ann, "Hello!", at(1)), &key(text));
        let outcome = store.commit(retry).await?;
        let what = format_args!("a retry with the key {text:?}");
        same(&outcome, &CommitOutcome::KeyTaken(message), what)?;
    }
    Ok(())
}
