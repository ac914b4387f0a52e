//! A check that all readers of a change feed saw the same changes in the same order.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound::{Excluded, Included};

use crate::report::{FeedSlice, Head, Report};
use crate::stored_content::StoredContent;

/// The head that each revision of a location brought, as all its readers together saw it.
type HeadsByRevision<'a> = BTreeMap<u64, &'a Head>;

/// P1, P2, U4: a revision is one state of one thread for every reader. A reader never sees a
/// revision go back and misses none that another reader saw. The number of unread threads in
/// each answer equals the number of unread heads at that revision.
pub(crate) fn assert_same_order(content: &StoredContent, reports: &[Vec<Report>]) {
    let mut locations: HashMap<&str, HeadsByRevision<'_>> = HashMap::new();
    for slice in reports.iter().flatten().filter_map(slice) {
        let seen = locations.entry(&slice.location).or_default();
        for head in &slice.heads {
            let before = *seen.entry(head.revision).or_insert(head);
            assert_eq!(before, head, "revision {} of {}", head.revision, slice.location);
        }
    }
    let mut readers: HashMap<&str, Reader<'_>> = HashMap::new();
    for slice in reports.iter().flatten().filter_map(slice) {
        let seen = &locations[slice.location.as_str()];
        readers.entry(&slice.reader).or_default().read(slice, seen);
    }
    for (name, reader) in readers {
        reader.assert_complete(name, content);
    }
}

fn slice(report: &Report) -> Option<&FeedSlice> {
    if let Report::Feed(slice) = report { Some(slice) } else { None }
}

/// The state of one reader.
#[derive(Default)]
struct Reader<'a> {
    location: &'a str,
    revision: u64,
    heads: HashMap<&'a str, &'a Head>,
}

impl<'a> Reader<'a> {
    fn read(&mut self, slice: &'a FeedSlice, seen: &HeadsByRevision<'_>) {
        let FeedSlice { reader, since, revision, .. } = slice;
        assert_eq!(*since, self.revision);
        assert!(revision >= since, "{reader} saw {revision} after {since}");
        for head in &slice.heads {
            let is_new = *since < head.revision && head.revision <= *revision;
            assert!(is_new, "{reader} saw {head:?} between {since} and {revision}");
            self.heads.insert(&head.booking, head);
        }
        // Without this loop, the check would not notice a commit that becomes visible late.
        for (revision_seen, head) in seen.range((Excluded(*since), Included(*revision))) {
            let known = self.heads.get(head.booking.as_str());
            assert!(
                known.is_some_and(|known| known.revision >= *revision_seen),
                "{reader} was at {revision} and had not seen {head:?}"
            );
        }
        let unread = self.heads.values().filter(|head| head.unread > 0).count();
        assert_eq!(slice.unread, unread as u64, "unread at {revision}, for {reader}");
        for (booking, number) in &slice.at_least {
            let last = self.heads.get(booking.as_str()).map_or(0, |head| head.last);
            assert!(last >= *number, "{reader} saw {last} of {booking} after {number} was stored");
        }
        (self.location, self.revision) = (&slice.location, *revision);
    }

    fn assert_complete(&self, name: &str, content: &StoredContent) {
        let threads = &content[self.location];
        for (thread, _) in threads {
            let head = self.heads.get(thread.id().booking.as_str());
            let last = head.map_or(0, |head| head.last);
            assert_eq!(last, thread.last_number().get(), "{name} at {}", thread.id());
        }
        assert_eq!(self.heads.len(), threads.len(), "{name}");
    }
}
