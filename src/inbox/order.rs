use super::position::{Recent, by_recency};

/// The order of a list: where each item of it goes from.
pub(super) struct Order {
    /// In the high bits how an item sorts, as far as they reach, and in the low
    /// bits its index: integers sort several times faster than what they stand for.
    packed: Vec<u64>,
    index: Index,
}

/// Which bits are the index.
#[derive(Clone, Copy)]
struct Index {
    bits: u32,
}

impl Index {
    fn of(self, packed: u64) -> usize {
        // It was a usize before.
        usize::try_from(packed & !(u64::MAX << self.bits)).unwrap_or(usize::MAX)
    }

    /// The same index below other high bits.
    fn repack(self, packed: u64, high: u64) -> u64 {
        high << self.bits | packed & !(u64::MAX << self.bits)
    }

    fn ties(self, a: u64, b: u64) -> bool {
        a >> self.bits == b >> self.bits
    }
}

impl Order {
    pub(super) fn of<T: Recent>(list: &[T]) -> Self {
        let index = Index { bits: u64::BITS - (list.len() as u64).leading_zeros() };
        // First the times, so that each item is looked at once.
        let mut packed: Vec<u64> =
            list.iter().map(|item| item.active_at().unix_micros().cast_unsigned()).collect();
        let ages = Ages::of(packed.iter().map(|time| time.cast_signed()), index);
        for (at, packed) in (0..).zip(&mut packed) {
            let age = ages.as_ref().map_or(0, |ages| ages.packed(packed.cast_signed()));
            *packed = index.repack(at, age);
        }
        match ages {
            Some(_) => sort_packed(list, &mut packed, index, LEVELS),
            None => by_id(list, &mut packed, index, LEVELS),
        }
        Self { packed, index }
    }

    pub(super) fn indices(self) -> impl Iterator<Item = usize> {
        self.packed.into_iter().map(move |packed| self.index.of(packed))
    }

    /// Moves each item to its place: the items before a place are done, and what
    /// stood there is where it was swapped to. (To walk the cycles of the
    /// permutation takes seven times longer at 10^6 threads: each step waits for
    /// memory before it knows the next.)
    pub(super) fn apply<T>(self, list: &mut [T]) {
        let Self { mut packed, index } = self;
        for to in 0..list.len() {
            let mut from = index.of(packed[to]);
            while from < to {
                from = index.of(packed[from]);
            }
            packed[to] = from as u64;
            list.swap(to, from);
        }
    }
}

/// How times are packed: the newest first, and as precisely as there are bits.
struct Ages {
    newest: i64,
    dropped_bits: u32,
}

impl Ages {
    /// `None` when all times are the same.
    fn of(times: impl Iterator<Item = i64>, index: Index) -> Option<Self> {
        let (newest, oldest) = times.fold((i64::MIN, i64::MAX), |(newest, oldest), time| {
            (newest.max(time), oldest.min(time))
        });
        let age_bits = u64::BITS - newest.abs_diff(oldest).leading_zeros();
        let dropped_bits = age_bits.saturating_sub(u64::BITS - index.bits);
        (newest > oldest).then_some(Self { newest, dropped_bits })
    }

    fn packed(&self, time: i64) -> u64 {
        self.newest.abs_diff(time) >> self.dropped_bits
    }
}

/// How often what ties is packed again, more precisely: enough for all times there
/// are, and for ids that do not begin alike too long.
const LEVELS: u32 = 3;

/// Sorts a run of packed indices, newest first.
fn by_time<T: Recent>(list: &[T], run: &mut [u64], index: Index, levels: u32) {
    const FEW: usize = 16;
    let Some(levels) = levels.checked_sub(1).filter(|_| run.len() > FEW) else {
        return by_comparison(list, run, index);
    };
    let time = |packed: u64| list[index.of(packed)].active_at().unix_micros();
    let Some(ages) = Ages::of(run.iter().map(|&packed| time(packed)), index) else {
        return by_id(list, run, index, levels);
    };
    for packed in run.iter_mut() {
        *packed = index.repack(*packed, ages.packed(time(*packed)));
    }
    sort_packed(list, run, index, levels);
}

/// Sorts a run of packed indices whose items were active at the same time.
fn by_id<T: Recent>(list: &[T], run: &mut [u64], index: Index, levels: u32) {
    const SAMPLE: usize = 64;
    let id = |packed: &u64| list[index.of(*packed)].booking_id().as_str().as_bytes();
    // A few ids tell what all look like; if not, packing is not worth a second try.
    let sample = run.iter().step_by(run.len().div_ceil(SAMPLE).max(1)).map(id);
    let packed = Letters::of(sample).and_then(|letters| {
        run.iter_mut().try_for_each(|packed| {
            *packed = index.repack(*packed, letters.packed(id(packed), index)?);
            Some(())
        })
    });
    match packed {
        Some(()) => sort_packed(list, run, index, levels),
        None => by_comparison(list, run, index),
    }
}

/// Sorts a run by what is packed, and what ties in it again.
fn sort_packed<T: Recent>(list: &[T], run: &mut [u64], index: Index, levels: u32) {
    run.sort_unstable();
    for tied in run.chunk_by_mut(|&a, &b| index.ties(a, b)).filter(|tied| tied.len() > 1) {
        by_time(list, tied, index, levels);
    }
}

fn by_comparison<T: Recent>(list: &[T], run: &mut [u64], index: Index) {
    run.sort_unstable_by(|&a, &b| by_recency(&list[index.of(a)], &list[index.of(b)]));
}

/// How ids are packed: what all begin with is left out, and the letters after it
/// take only as many bits as they differ in.
struct Letters<'a> {
    shared: &'a [u8],
    /// Stands for the end of an id, which sorts before every letter.
    below: u8,
    bits: u32,
}

impl<'a> Letters<'a> {
    /// `None` when all ids are the same.
    fn of(ids: impl Iterator<Item = &'a [u8]> + Clone) -> Option<Self> {
        let first = ids.clone().next()?;
        let shared = ids.clone().fold(first, |shared, id| {
            let len = shared.iter().zip(id).take_while(|(a, b)| a == b).count();
            &shared[..len]
        });
        let letters = ids.flat_map(|id| &id[shared.len()..]).copied();
        // No id holds a NUL (I1).
        let below = letters.clone().min()? - 1;
        let bits = u8::BITS - (letters.max()? - below).leading_zeros();
        Some(Self { shared, below, bits })
    }

    /// As much of an id as there are bits for; `None` when it looks otherwise.
    fn packed(&self, id: &[u8], index: Index) -> Option<u64> {
        let letters = id.strip_prefix(self.shared)?;
        let mut packed = 0;
        let mut room = u64::BITS - index.bits;
        for at in 0.. {
            let Some(left) = room.checked_sub(self.bits) else { break };
            let letter = match letters.get(at) {
                Some(letter) => letter.checked_sub(self.below)?,
                None => 0,
            };
            if u32::from(letter) >> self.bits != 0 {
                return None;
            }
            room = left;
            packed = packed << self.bits | u64::from(letter);
        }
        Some(packed)
    }
}
