//! Whether everybody saw the same changes in the same order.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound::{Excluded, Included};

use crate::report::{Feed, Head, Report};
use crate::verdict::Everything;

/// What a location's readers saw of it together: which head each revision brought.
type Seen<'a> = BTreeMap<u64, &'a Head>;

/// P1, P2, U4: a revision is one state of one thread, whoever reads it; a reader never
/// sees one go back, and misses none that anybody saw; the unread number is at each
/// moment what counting the heads of that moment gives.
pub(crate) fn assert_one_order(everything: &Everything, said: &[Vec<Report>]) {
    let mut places: HashMap<&str, Seen<'_>> = HashMap::new();
    for feed in said.iter().flatten().filter_map(feed) {
        let seen = places.entry(&feed.place).or_default();
        for head in &feed.heads {
            let before = *seen.entry(head.revision).or_insert(head);
            assert_eq!(before, head, "revision {} of {}", head.revision, feed.place);
        }
    }
    let mut readers: HashMap<&str, Reader<'_>> = HashMap::new();
    for feed in said.iter().flatten().filter_map(feed) {
        readers.entry(&feed.reader).or_default().read(feed, &places[feed.place.as_str()]);
    }
    for (name, reader) in readers {
        reader.assert_ends_with(name, everything);
    }
}

fn feed(said: &Report) -> Option<&Feed> {
    if let Report::Feed(feed) = said { Some(feed) } else { None }
}

/// What one reader knows.
#[derive(Default)]
struct Reader<'a> {
    place: &'a str,
    revision: u64,
    heads: HashMap<&'a str, &'a Head>,
}

impl<'a> Reader<'a> {
    fn read(&mut self, feed: &'a Feed, seen: &Seen<'_>) {
        let Feed { reader, since, revision, .. } = feed;
        assert_eq!(*since, self.revision);
        assert!(revision >= since, "{reader} saw {revision} after {since}");
        for head in &feed.heads {
            let within = *since < head.revision && head.revision <= *revision;
            assert!(within, "{reader} saw {head:?} between {since} and {revision}");
            self.heads.insert(&head.booked, head);
        }
        // Without this loop, a commit that becomes visible late would go unnoticed.
        for (at, head) in seen.range((Excluded(*since), Included(*revision))) {
            let known = self.heads.get(head.booked.as_str());
            assert!(
                known.is_some_and(|known| known.revision >= *at),
                "{reader} was at {revision} and had not seen {head:?}"
            );
        }
        let awaiting = self.heads.values().filter(|head| head.unread > 0).count();
        assert_eq!(feed.unread, awaiting as u64, "unread at {revision}, to {reader}");
        for (booked, number) in &feed.at_least {
            let last = self.heads.get(booked.as_str()).map_or(0, |head| head.last);
            assert!(last >= *number, "{reader} saw {last} of {booked} after {number} was stored");
        }
        (self.place, self.revision) = (&feed.place, *revision);
    }

    fn assert_ends_with(&self, name: &str, everything: &Everything) {
        let mut threads = 0;
        for (thread, _) in &everything[self.place] {
            let head = self.heads.get(thread.id().booking.as_str());
            let last = head.map_or(0, |head| head.last);
            assert_eq!(last, thread.last_number().get(), "{name} at {}", thread.id());
            threads += 1;
        }
        assert_eq!(self.heads.len(), threads, "{name}");
    }
}
