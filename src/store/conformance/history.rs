use super::cast::{HERE, MANY, WHOLE, customer, number, operator};
use super::ledger::Ledger;
use super::report::{Outcome, same};
use super::stage::Stage;
use crate::message::{Message, MessageNumber};
use crate::store::{Direction, ThreadStore as _};

const BOTH: [Direction; 2] = [Direction::OldestFirst, Direction::NewestFirst];

pub(super) async fn history_gives_the_numbers_of_a_range_from_either_end(
    stage: &Stage<'_>,
) -> Outcome {
    let mut ledger = Ledger::new(stage.store(), HERE);
    for step in 0..4 {
        ledger.say("b-1", &customer("c-1"), step).await?;
    }
    ledger.erase("b-1").await?;
    // The second life has 5 to 10.
    for step in 4..10 {
        let author = if step % 2 == 0 { customer("c-1") } else { operator("u-1") };
        ledger.say("b-1", &author, step).await?;
    }
    let id = ledger.id("b-1");
    let ends: Vec<MessageNumber> = [0, 4, 5, 6, 9, 10, 11].map(number).to_vec();
    for &from in &ends {
        for &to in ends.iter().chain([&MessageNumber::MAX]) {
            for limit in [0, 1, 2, 6, 7, MANY] {
                for direction in BOTH {
                    let found = stage.store().messages(&id, from..=to, limit, direction).await?;
                    let expected = ledger.model.slice(&id, &(from..=to), limit, direction);
                    let what = format_args!("{limit} of {from} to {to}, {direction:?}");
                    same(&numbers(&found), &numbers(&expected), what)?;
                    same(&found, &expected, what)?;
                }
            }
        }
    }
    Ok(())
}

pub(super) async fn history_of_an_unknown_erased_or_empty_thread_is_empty(
    stage: &Stage<'_>,
) -> Outcome {
    let mut ledger = Ledger::new(stage.store(), HERE);
    ledger.say("gone", &customer("c-1"), 0).await?;
    ledger.erase("gone").await?;
    ledger.start("silent", 1).await?;
    for booking in ["gone", "silent", "unknown"] {
        for direction in BOTH {
            let id = ledger.id(booking);
            let found = stage.store().messages(&id, WHOLE, MANY, direction).await?;
            same(&found, &Vec::new(), format_args!("the messages of {id}"))?;
        }
    }
    Ok(())
}

pub(super) async fn history_is_of_the_present_life(stage: &Stage<'_>) -> Outcome {
    let mut ledger = Ledger::new(stage.store(), HERE);
    let id = ledger.id("b-1");
    for life in 0..3 {
        for step in 0..2 {
            ledger.say("b-1", &customer("c-1"), life * 2 + step).await?;
            for direction in BOTH {
                let found = stage.store().messages(&id, WHOLE, MANY, direction).await?;
                let expected = ledger.model.slice(&id, &WHOLE, MANY, direction);
                same(&numbers(&found), &numbers(&expected), format_args!("life {life}"))?;
            }
        }
        ledger.erase("b-1").await?;
    }
    Ok(())
}

fn numbers(messages: &[Message]) -> Vec<u32> {
    messages.iter().map(|message| message.number().get()).collect()
}
