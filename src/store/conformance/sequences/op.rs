use crate::participant::Role;

/// One operation. What it cannot do where it comes to be played, it leaves, so
/// that others can be taken out before it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Op {
    Start {
        spot: u8,
    },
    Say {
        spot: u8,
        who: u8,
        key: Option<u8>,
    },
    /// Computed from what was stored some commits ago.
    SayLate {
        spot: u8,
        who: u8,
        key: Option<u8>,
        back: u8,
    },
    Mark {
        spot: u8,
        side: Role,
        number: u8,
        unread: bool,
    },
    Rebook {
        spot: u8,
        status: u8,
    },
    Erase {
        spot: u8,
    },
    Clock {
        seconds: i8,
    },
    Look {
        spot: u8,
    },
    History {
        spot: u8,
        from: u8,
        to: u8,
        limit: u8,
        newest: bool,
    },
    ByKey {
        spot: u8,
        who: u8,
        key: u8,
    },
    Inbox {
        spot: u8,
        after: u8,
        limit: u8,
        unread: bool,
    },
    Feed {
        spot: u8,
        back: u8,
        limit: u8,
    },
}

impl Op {
    pub(super) fn any(rng: &mut Rng) -> Self {
        // Mostly one thread, so that much happens in it.
        let spot = [0, 0, 0, 0, 1, 1, 2, 3, 4][usize::from(rng.below(9))];
        let (who, back) = (rng.below(3), rng.below(3));
        let key = (rng.below(2) == 0).then(|| rng.below(3));
        let (limit, flag) = (rng.below(5), rng.below(2) == 0);
        match rng.below(32) {
            0..=1 => Self::Start { spot },
            2..=9 => Self::Say { spot, who, key },
            10..=12 => Self::SayLate { spot, who, key, back },
            13..=16 => {
                let side = if rng.below(4) == 0 { Role::Customer } else { Role::Operator };
                Self::Mark { spot, side, number: rng.below(5), unread: flag }
            }
            17 => Self::Rebook { spot, status: back },
            18..=19 => Self::Erase { spot },
            20..=21 => Self::Clock { seconds: [1, 1, 30, -5, 0][usize::from(limit)] },
            22 => Self::Look { spot },
            23..=24 => {
                let (from, to) = (rng.below(10), rng.below(20));
                Self::History { spot, from, to, limit, newest: flag }
            }
            25 => Self::ByKey { spot, who, key: rng.below(3) },
            26..=28 => Self::Inbox { spot, after: rng.below(5), limit, unread: flag },
            _ => Self::Feed { spot, back: rng.below(12), limit },
        }
    }
}

/// Splitmix64: the same sequence for the same seed, everywhere.
pub(super) struct Rng(u64);

impl Rng {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u8) -> u8 {
        // Less than `end`, which is a `u8`.
        u8::try_from(self.next() % u64::from(end)).unwrap_or(0)
    }
}
