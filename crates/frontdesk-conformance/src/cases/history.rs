use frontdesk::MessageNumber;
use frontdesk::store::StoredMessage;

use crate::failure::{CaseResult, check_eq};
use crate::fixtures::{ALL_NUMBERS, BOTH_ORDERS, LOCATION, NO_LIMIT, customer, number, operator};
use crate::harness::Harness;
use crate::tracked_location::TrackedLocation;

fn numbers(messages: &[StoredMessage]) -> Vec<u32> {
    messages.iter().map(|stored| stored.message.number().get()).collect()
}

pub(super) async fn messages_are_a_range_from_either_end(harness: &Harness<'_>) -> CaseResult {
    let mut tracked = TrackedLocation::new(harness.store(), LOCATION);
    for step in 0..4 {
        tracked.post("b-1", &customer("c-1"), step).await?;
    }
    tracked.erase("b-1").await?;
    // The second generation has the numbers 5 to 10.
    for step in 4..10 {
        let author = if step % 2 == 0 { customer("c-1") } else { operator("u-1") };
        tracked.post("b-1", &author, step).await?;
    }
    let id = tracked.id("b-1");
    let ends: Vec<MessageNumber> = [0, 4, 5, 6, 9, 10, 11].map(number).to_vec();
    for &from in &ends {
        for &to in ends.iter().chain([&MessageNumber::MAX]) {
            for limit in [0, 1, 2, 6, 7, NO_LIMIT] {
                for order in BOTH_ORDERS {
                    let query = order(&id, from..=to, limit);
                    let found = harness.store().messages(&query).await?;
                    let expected = tracked.model.messages(&query);
                    let operation = format!("{limit} messages: {:?}", query.selection);
                    check_eq(&numbers(&found), &numbers(&expected), &operation)?;
                    check_eq(&found, &expected, &operation)?;
                }
            }
        }
    }
    Ok(())
}

pub(super) async fn an_unknown_erased_or_empty_thread_has_no_messages(
    harness: &Harness<'_>,
) -> CaseResult {
    let mut tracked = TrackedLocation::new(harness.store(), LOCATION);
    tracked.post("erased", &customer("c-1"), 0).await?;
    tracked.erase("erased").await?;
    tracked.start("empty", 1).await?;
    for booking in ["erased", "empty", "unknown"] {
        let id = tracked.id(booking);
        for order in BOTH_ORDERS {
            let found = harness.store().messages(&order(&id, ALL_NUMBERS, NO_LIMIT)).await?;
            check_eq(&found, &Vec::new(), format_args!("the messages of {id}"))?;
        }
    }
    Ok(())
}

pub(super) async fn messages_belong_to_the_current_generation(harness: &Harness<'_>) -> CaseResult {
    let mut tracked = TrackedLocation::new(harness.store(), LOCATION);
    let id = tracked.id("b-1");
    for generation in 0..3 {
        for step in 0..2 {
            tracked.post("b-1", &customer("c-1"), generation * 2 + step).await?;
            for order in BOTH_ORDERS {
                let query = order(&id, ALL_NUMBERS, NO_LIMIT);
                let found = harness.store().messages(&query).await?;
                let expected = tracked.model.messages(&query);
                let operation = format_args!("the messages of generation {generation}");
                check_eq(&numbers(&found), &numbers(&expected), operation)?;
            }
        }
        tracked.erase("b-1").await?;
    }
    Ok(())
}
