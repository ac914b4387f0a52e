use crate::revision::Revision;

/// The ids of a location in the order of their latest commits.
///
/// A commit appends an entry. The id's earlier entry stays and becomes outdated: its revision is no
/// longer that of the id. When there are twice as many entries as ids, and at least 16, the feed drops
/// the outdated entries. A commit therefore takes constant time on average.
#[derive(Default)]
pub(super) struct Feed {
    /// The revision of a commit, and the position of the id's slot. The revisions ascend.
    entries: Vec<(Revision, usize)>,
}

impl Feed {
    /// Adds the commit with the location's newest revision. `slots` is the number of slots, and
    /// `latest` returns the revision of the latest commit of a slot.
    pub(super) fn push(
        &mut self,
        revision: Revision,
        slot: usize,
        slots: usize,
        latest: impl Fn(usize) -> Revision,
    ) {
        if self.entries.len() >= 2 * slots.max(8) {
            self.entries.retain(|&(revision, slot)| latest(slot) == revision);
        }
        self.entries.push((revision, slot));
    }

    /// Returns the slots whose latest commit came after `since`, in the order of these commits.
    pub(super) fn after(
        &self,
        since: Revision,
        latest: impl Fn(usize) -> Revision,
    ) -> impl Iterator<Item = usize> {
        let from = self.entries.partition_point(|&(revision, _)| revision <= since);
        let later = self.entries[from..].iter();
        later.filter(move |&&(revision, slot)| latest(slot) == revision).map(|&(_, slot)| slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn revision(number: usize) -> Revision {
        Revision::try_from(i64::try_from(number).unwrap()).unwrap()
    }

    proptest! {
        /// P1: the feed returns each id once, in the order of the latest commits, and it keeps at
        /// most 16 entries, or twice as many as there are ids.
        #[test]
        fn p1_the_feed_has_each_id_once_in_the_order_of_the_latest_commits(
            commits in prop::collection::vec(0_usize..20, 0..200),
            since in 0_usize..200,
        ) {
            let mut feed = Feed::default();
            let mut latest = Vec::new();
            let mut slots = Vec::new();
            for (id, number) in commits.into_iter().zip(1..) {
                let slot = slots.iter().position(|known| *known == id).unwrap_or(slots.len());
                if slot == slots.len() {
                    slots.push(id);
                    latest.push(Revision::ZERO);
                }
                latest[slot] = revision(number);
                feed.push(latest[slot], slot, slots.len(), |slot| latest[slot]);
            }
            let mut expected: Vec<_> = (0..slots.len()).collect();
            expected.retain(|&slot| latest[slot] > revision(since));
            expected.sort_by_key(|&slot| latest[slot]);
            let found: Vec<_> = feed.after(revision(since), |slot| latest[slot]).collect();
            prop_assert_eq!(found, expected);
            prop_assert!(feed.entries.len() <= 2 * slots.len().max(8));
        }
    }
}
