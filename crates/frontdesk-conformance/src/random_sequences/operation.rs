use frontdesk::Role;
use frontdesk::store::Direction;

use crate::rng::Rng;

/// One operation on a store.
///
/// Slots name threads, and all other numbers are small indexes. An operation that does
/// not apply to the current state does nothing, so that a sequence stays valid when
/// operations before it are removed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Operation {
    Start {
        slot: u8,
    },
    Post {
        slot: u8,
        author: u8,
        key: Option<u8>,
    },
    /// Posts several messages in one commit; the last one has the key.
    PostBatch {
        slot: u8,
        author: u8,
        key: Option<u8>,
        count: u8,
    },
    /// Posts a message with a commit that was computed from an older state of the thread.
    PostFromOlder {
        slot: u8,
        author: u8,
        key: Option<u8>,
        back: u8,
    },
    MarkRead {
        slot: u8,
        reader: Role,
        index: u8,
    },
    MarkUnread {
        slot: u8,
        reader: Role,
        index: u8,
    },
    RefreshBooking {
        slot: u8,
        status: u8,
    },
    SetWaiting {
        slot: u8,
        minutes: Option<u8>,
    },
    Redact {
        slot: u8,
        index: u8,
    },
    RedactAuthor {
        slot: u8,
        author: u8,
        from: u8,
        to: u8,
    },
    /// Links an id as if it was unused.
    Link {
        slot: u8,
        target: u8,
    },
    Erase {
        slot: u8,
    },
    ForgetKeys {
        slot: u8,
        age: u8,
        limit: u8,
    },
    MoveClock {
        seconds: i8,
    },
    ReadHead {
        slot: u8,
    },
    ReadHeads {
        slots: [u8; 4],
    },
    ReadMessages {
        slot: u8,
        from: u8,
        to: u8,
        limit: u8,
        direction: Direction,
    },
    ReadRedacted {
        slot: u8,
        after: u8,
        limit: u8,
    },
    ReadByKey {
        slot: u8,
        author: u8,
        key: u8,
    },
    ReadInbox {
        slot: u8,
        after: u8,
        limit: u8,
        unread: bool,
    },
    ReadWaiting {
        slot: u8,
        after: u8,
        limit: u8,
    },
    ReadFeed {
        slot: u8,
        back: u8,
        limit: u8,
    },
}

impl Operation {
    pub(super) fn random(rng: &mut Rng) -> Self {
        // Most operations are on one thread, so that its history becomes long.
        let slot = [0, 0, 0, 0, 1, 1, 2, 3, 4][usize::from(rng.below(9))];
        let author = rng.below(3);
        let key = rng.one_in(2).then(|| rng.below(3));
        let (index, limit) = (rng.below(5), rng.below(5));
        match rng.below(44) {
            0..=1 => Self::Start { slot },
            2..=9 => Self::Post { slot, author, key },
            10..=11 => Self::PostBatch { slot, author, key, count: 2 + rng.below(3) },
            12..=14 => Self::PostFromOlder { slot, author, key, back: rng.below(3) },
            15..=18 => {
                let reader = if rng.one_in(4) { Role::Customer } else { Role::Operator };
                if rng.one_in(2) {
                    Self::MarkRead { slot, reader, index }
                } else {
                    Self::MarkUnread { slot, reader, index }
                }
            }
            19 => Self::RefreshBooking { slot, status: rng.below(3) },
            20..=21 => {
                let minutes = (!rng.one_in(3)).then(|| rng.below(4));
                Self::SetWaiting { slot, minutes }
            }
            22..=23 => Self::Redact { slot, index },
            24 => {
                let (from, to) = (rng.below(5), rng.below(8));
                Self::RedactAuthor { slot, author, from, to }
            }
            25 => Self::Link { slot: rng.below(6), target: rng.below(6) },
            26..=27 => Self::Erase { slot },
            28 => Self::ForgetKeys { slot, age: rng.below(40), limit },
            29..=30 => Self::MoveClock { seconds: [1, 1, 30, -5, 0][usize::from(limit)] },
            31 => Self::ReadHead { slot },
            32 => Self::ReadHeads { slots: [(); 4].map(|()| rng.below(6)) },
            33..=34 => {
                let (from, to) = (rng.below(10), rng.below(20));
                let oldest_first = rng.one_in(2);
                let direction =
                    if oldest_first { Direction::OldestFirst } else { Direction::NewestFirst };
                Self::ReadMessages { slot, from, to, limit, direction }
            }
            35 => Self::ReadRedacted { slot, after: rng.below(3), limit },
            36 => Self::ReadByKey { slot, author, key: rng.below(3) },
            37..=39 => Self::ReadInbox { slot, after: index, limit, unread: rng.one_in(2) },
            40 => Self::ReadWaiting { slot, after: index, limit },
            _ => Self::ReadFeed { slot, back: rng.below(12), limit },
        }
    }
}
