use frontdesk::BookingId;

use crate::failure::{CaseResult, check_eq};
use crate::fixtures::{LOCATION, booking_id, customer, location_id};
use crate::harness::Harness;
use crate::recording_store::StoreHandle;
use crate::tracked_location::TrackedLocation;

/// The highest number of ids in one call.
const MAX: usize = frontdesk::store::MAX_HEADS;

/// Writes live threads, a link and a tombstone.
async fn write_heads(store: &StoreHandle) -> CaseResult<TrackedLocation> {
    let mut tracked = TrackedLocation::new(store, LOCATION);
    let ann = customer("c-1");
    for booking in ["b-10", "b-2", "B-2", "é", "erased"] {
        tracked.post(booking, &ann, 0).await?;
    }
    tracked.start("empty", 1).await?;
    tracked.erase("erased").await?;
    tracked.link("linked", "b-2").await?;
    Ok(tracked)
}

fn booking_ids(bookings: &[&str]) -> Vec<BookingId> {
    bookings.iter().map(|booking| booking_id(booking)).collect()
}

pub(super) async fn heads_are_returned_in_the_order_of_the_ids(
    harness: &Harness<'_>,
) -> CaseResult {
    let store = harness.store();
    let tracked = write_heads(store).await?;
    let all = ["linked", "B-2", "erased", "b-10", "é", "empty", "b-2"];
    let mut reversed = all;
    reversed.reverse();
    for bookings in [
        &all[..],
        &reversed[..],
        &["b-2"],
        &[],
        // Unknown ids are left out, even if they are similar to known ids.
        &["unknown", "b-2", "b-20", "e\u{301}", "b-10", "Linked"],
        &["unknown"],
        // If an id occurs twice in the call, its head occurs twice in the answer.
        &["b-2", "erased", "b-2", "unknown", "unknown", "erased", "b-2"],
    ] {
        let ids = booking_ids(bookings);
        let found = store.heads(&tracked.location, &ids).await?;
        let expected = tracked.model.heads(&tracked.location, &ids);
        check_eq(&found, &expected, format_args!("the heads of {bookings:?}"))?;
    }
    let other = location_id("lake");
    let found = store.heads(&other, &booking_ids(&all)).await?;
    check_eq(&found, &Vec::new(), "the heads of an unknown location")?;
    let locations = store.locations(None, usize::MAX).await?;
    let expected = tracked.model.locations(None, usize::MAX);
    check_eq(&locations, &expected, "the locations after reading heads")
}

pub(super) async fn heads_answers_the_highest_number_of_ids(harness: &Harness<'_>) -> CaseResult {
    let store = harness.store();
    let tracked = write_heads(store).await?;
    let known = ["b-10", "b-2", "B-2", "é", "erased", "empty", "linked"];
    let mut ids = Vec::with_capacity(MAX);
    for index in 0..MAX {
        ids.push(match known.get(index % 10) {
            Some(known) => booking_id(known),
            None => booking_id(&format!("unknown-{index}")),
        });
    }
    let found = store.heads(&tracked.location, &ids).await?;
    let expected = tracked.model.heads(&tracked.location, &ids);
    check_eq(&found.len(), &expected.len(), format_args!("the number of heads of {MAX} ids"))?;
    check_eq(&found, &expected, format_args!("the heads of {MAX} ids"))
}
