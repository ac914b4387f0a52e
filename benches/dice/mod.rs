//! Numbers that look random and are the same in every run.
#![allow(dead_code, reason = "no bench needs all of it")]

/// `SplitMix64`: good enough to leave a sort nothing to guess, and a few lines.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// One of `0..end`. The ends here are so far below 2^64 that the remainder
    /// prefers none.
    pub(crate) fn below<N: TryFrom<u64>>(&mut self, end: u64) -> N {
        let Ok(number) = N::try_from(self.roll() % end) else { panic!("{end} is too much for it") };
        number
    }

    pub(crate) fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below::<usize>(all.len() as u64)]
    }

    pub(crate) fn shuffle<T>(&mut self, all: &mut [T]) {
        for end in (1..all.len()).rev() {
            all.swap(end, self.below(end as u64 + 1));
        }
    }
}
