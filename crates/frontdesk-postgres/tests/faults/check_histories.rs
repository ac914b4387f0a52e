//! A check that all clients were shown the same messages.

use std::collections::HashMap;

use crate::report::{HistorySlice, Report, fingerprint, message_identity};
use crate::stored_content::StoredContent;

/// I3, P1: each slice of a thread that a client was shown equals the stored messages with the
/// same numbers and has no gaps. A slice that ends with the newest message contains everything
/// that its process knew to be stored.
pub(crate) fn assert_slices_are_stored(content: &StoredContent, reports: &[Vec<Report>]) {
    let mut threads = HashMap::new();
    for (location, stored) in content {
        for (thread, messages) in stored {
            let booking = thread.id().booking.as_str();
            threads.insert((location.as_str(), booking), messages.as_slice());
        }
    }
    for slice in reports.iter().flatten().filter_map(slice) {
        let HistorySlice { reader, location, booking, at_least, first, count, .. } = slice;
        let shown =
            format!("{first} to {} of {location}/{booking}, shown to {reader}", slice.last());
        assert!(slice.last() >= *at_least, "{shown}: {at_least} was stored before");
        let stored = threads.get(&(location.as_str(), booking.as_str())).copied();
        let stored = stored.unwrap_or_default();
        let start = *first as usize - 1;
        let same = stored.get(start..start + *count as usize);
        let same =
            same.unwrap_or_else(|| panic!("{shown}: only {} messages are stored", stored.len()));
        let expected = fingerprint(same.iter().map(message_identity));
        assert_eq!(slice.fingerprint, expected, "{shown}: other messages are stored");
    }
}

fn slice(report: &Report) -> Option<&HistorySlice> {
    if let Report::History(slice) = report { Some(slice) } else { None }
}
