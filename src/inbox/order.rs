use super::position::{InboxItem, by_recency};

/// The inbox order of a list: the index of the item that belongs at each place.
///
/// Sorting integers is several times faster than sorting items. So each item is
/// represented by one packed integer: the low bits are the index of the item, and the high
/// bits are as much of its sort key as fits. Items whose high bits are equal are packed
/// again with a more precise key.
pub(super) struct Order {
    packed: Vec<u64>,
    index: Index,
}

/// The low bits of a packed integer, which are the index of an item.
#[derive(Clone, Copy)]
struct Index {
    bits: u32,
}

impl Index {
    fn of(self, packed: u64) -> usize {
        // The conversion cannot fail, because the index was a `usize` before packing.
        usize::try_from(packed & !(u64::MAX << self.bits)).unwrap_or(usize::MAX)
    }

    /// Replaces the high bits and keeps the index.
    fn repack(self, packed: u64, key: u64) -> u64 {
        key << self.bits | packed & !(u64::MAX << self.bits)
    }

    fn keys_are_equal(self, a: u64, b: u64) -> bool {
        a >> self.bits == b >> self.bits
    }
}

impl Order {
    pub(super) fn of<T: InboxItem>(list: &[T]) -> Self {
        let index = Index { bits: u64::BITS - (list.len() as u64).leading_zeros() };
        // Collecting the timestamps first reads each item only once.
        let mut packed: Vec<u64> =
            list.iter().map(|item| item.active_at().unix_micros().cast_unsigned()).collect();
        let time_key = TimeKey::of(packed.iter().map(|time| time.cast_signed()), index);
        for (at, packed) in (0..).zip(&mut packed) {
            let key = time_key.as_ref().map_or(0, |key| key.pack(packed.cast_signed()));
            *packed = index.repack(at, key);
        }
        let sorter = Sorter { list, index };
        match time_key {
            Some(_) => sorter.sort_packed(&mut packed, MAX_LEVELS),
            None => sorter.sort_by_id(&mut packed, MAX_LEVELS),
        }
        Self { packed, index }
    }

    pub(super) fn indices(self) -> impl Iterator<Item = usize> {
        self.packed.into_iter().map(move |packed| self.index.of(packed))
    }

    /// Moves the items of `list` into this order.
    ///
    /// The places before `to` are final. To find an item that was swapped out of one of these
    /// places, the loop follows the swaps. Walking the cycles of the permutation instead is
    /// slower for long lists, because each step needs a memory read before the address of the
    /// next step is known.
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

/// Sort key made of a timestamp: the time from this timestamp to the newest timestamp, without the
/// low bits that do not fit.
struct TimeKey {
    newest: i64,
    dropped_bits: u32,
}

impl TimeKey {
    /// Makes the key for a list of times. Returns `None` if all times are equal.
    fn of(times: impl Iterator<Item = i64>, index: Index) -> Option<Self> {
        let (newest, oldest) = times.fold((i64::MIN, i64::MAX), |(newest, oldest), time| {
            (newest.max(time), oldest.min(time))
        });
        let age_bits = u64::BITS - newest.abs_diff(oldest).leading_zeros();
        let dropped_bits = age_bits.saturating_sub(u64::BITS - index.bits);
        (newest > oldest).then_some(Self { newest, dropped_bits })
    }

    fn pack(&self, time: i64) -> u64 {
        self.newest.abs_diff(time) >> self.dropped_bits
    }
}

/// Maximum number of times that a run is packed again. This number is enough for all
/// timestamps, and for ids that do not share long prefixes.
const MAX_LEVELS: u32 = 3;

/// Sorts runs, which are slices of packed integers. Each integer is an index into `list`, with a
/// sort key in the high bits.
struct Sorter<'a, T> {
    list: &'a [T],
    index: Index,
}

impl<T: InboxItem> Sorter<'_, T> {
    /// Sorts a run by time, then by id.
    fn sort_by_time(&self, run: &mut [u64], levels: u32) {
        const SHORT_RUN: usize = 16;
        let Some(levels) = levels.checked_sub(1).filter(|_| run.len() > SHORT_RUN) else {
            return self.sort_by_comparison(run);
        };
        let time = |packed: u64| self.item(packed).active_at().unix_micros();
        let Some(key) = TimeKey::of(run.iter().map(|&packed| time(packed)), self.index) else {
            return self.sort_by_id(run, levels);
        };
        for packed in run.iter_mut() {
            *packed = self.index.repack(*packed, key.pack(time(*packed)));
        }
        self.sort_packed(run, levels);
    }

    /// Sorts a run whose items have equal times.
    fn sort_by_id(&self, run: &mut [u64], levels: u32) {
        const SAMPLE_LEN: usize = 64;
        let id = |packed: &u64| self.item(*packed).booking_id().as_str().as_bytes();
        // The key is made from a sample of the ids. If an id outside the sample does not fit the
        // key, the run is sorted by comparison, because packing the run again would cost too much.
        let sample = run.iter().step_by(run.len().div_ceil(SAMPLE_LEN).max(1)).map(id);
        let all_fit = IdKey::of(sample).and_then(|key| {
            run.iter_mut().try_for_each(|packed| {
                *packed = self.index.repack(*packed, key.pack(id(packed), self.index)?);
                Some(())
            })
        });
        match all_fit {
            Some(()) => self.sort_packed(run, levels),
            None => self.sort_by_comparison(run),
        }
    }

    /// Sorts a run by the packed keys, then sorts the items with equal keys more precisely.
    fn sort_packed(&self, run: &mut [u64], levels: u32) {
        run.sort_unstable();
        let equal_runs = run.chunk_by_mut(|&a, &b| self.index.keys_are_equal(a, b));
        for equal_run in equal_runs.filter(|run| run.len() > 1) {
            self.sort_by_time(equal_run, levels);
        }
    }

    fn sort_by_comparison(&self, run: &mut [u64]) {
        run.sort_unstable_by(|&a, &b| by_recency(self.item(a), self.item(b)));
    }

    fn item(&self, packed: u64) -> &T {
        &self.list[self.index.of(packed)]
    }
}

/// Sort key made of an id: the bytes after the prefix that all ids share. A byte is stored in only
/// as many bits as the bytes of the ids need.
struct IdKey<'a> {
    prefix: &'a [u8],
    /// A byte below all bytes of the ids. It stands for the end of an id, because the end sorts
    /// before every byte.
    end: u8,
    bits_per_byte: u32,
}

impl<'a> IdKey<'a> {
    /// Makes the key for a list of ids. Returns `None` if all ids are equal.
    fn of(ids: impl Iterator<Item = &'a [u8]> + Clone) -> Option<Self> {
        let first = ids.clone().next()?;
        let prefix = ids.clone().fold(first, |prefix, id| {
            let len = prefix.iter().zip(id).take_while(|(a, b)| a == b).count();
            &prefix[..len]
        });
        let bytes = ids.flat_map(|id| &id[prefix.len()..]).copied();
        // The subtraction cannot overflow, because no id contains NUL (I1).
        let end = bytes.clone().min()? - 1;
        let bits_per_byte = u8::BITS - (bytes.max()? - end).leading_zeros();
        Some(Self { prefix, end, bits_per_byte })
    }

    /// Packs as many bytes of the id as fit. Returns `None` if the id has another prefix or a byte
    /// outside the range of the key.
    fn pack(&self, id: &[u8], index: Index) -> Option<u64> {
        let bytes = id.strip_prefix(self.prefix)?;
        let mut key = 0;
        let mut free_bits = u64::BITS - index.bits;
        for at in 0.. {
            let Some(remaining) = free_bits.checked_sub(self.bits_per_byte) else { break };
            let code = match bytes.get(at) {
                Some(byte) => byte.checked_sub(self.end)?,
                None => 0,
            };
            if u32::from(code) >> self.bits_per_byte != 0 {
                return None;
            }
            free_bits = remaining;
            key = key << self.bits_per_byte | u64::from(code);
        }
        Some(key)
    }
}
