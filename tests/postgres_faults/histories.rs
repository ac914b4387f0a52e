//! Whether everybody was shown the same past.

use std::collections::HashMap;

use crate::report::{Report, Slice, entry, fingerprint};
use crate::verdict::Everything;

/// I3, P1: whatever part of a thread anybody was ever shown is a part of what it is now,
/// under the same numbers and without gaps. Where the newest was asked for, it has all that
/// anybody in the same process was told is stored, or was shown, before that.
pub(crate) fn assert_one_past(everything: &Everything, said: &[Vec<Report>]) {
    let mut threads = HashMap::new();
    for (here, found) in everything {
        for (thread, messages) in found {
            threads.insert((here.as_str(), thread.id().booking.as_str()), messages.as_slice());
        }
    }
    for slice in said.iter().flatten().filter_map(slice) {
        let Slice { reader, place, booked, at_least, first, count, .. } = slice;
        let what = format!("{first} to {} of {place}/{booked}, shown to {reader}", slice.last());
        assert!(slice.last() >= *at_least, "{what}: {at_least} was stored before");
        let now = threads.get(&(place.as_str(), booked.as_str())).copied().unwrap_or_default();
        let from = *first as usize - 1;
        let part = now.get(from..from + *count as usize);
        let part = part.unwrap_or_else(|| panic!("{what}: there are only {} now", now.len()));
        assert_eq!(slice.fingerprint, fingerprint(part.iter().map(entry)), "{what}: others now");
    }
}

fn slice(said: &Report) -> Option<&Slice> {
    if let Report::Slice(slice) = said { Some(slice) } else { None }
}
