//! Random numbers that are the same in every run.
#![allow(dead_code, reason = "each program uses only some of these functions")]

/// A `SplitMix64` generator. It is short, and its numbers are random enough that a sorting
/// algorithm finds no pattern in them.
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number in `0..end`. Every `end` used here is far below 2^64, so the remainder has
    /// no measurable bias.
    pub(crate) fn below<N: TryFrom<u64>>(&mut self, end: u64) -> N {
        let Ok(number) = N::try_from(self.next() % end) else {
            panic!("a number below {end} does not fit into the requested type")
        };
        number
    }

    pub(crate) fn choose<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below::<usize>(items.len() as u64)]
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, self.below(end as u64 + 1));
        }
    }
}
