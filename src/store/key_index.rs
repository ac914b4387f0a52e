use std::hash::{BuildHasher, RandomState};

use crate::{IdempotencyKey, MAX_ID_BYTES, MessageNumber};

/// The bytes of a record before its key: the number of the message and the key's length.
const HEADER_BYTES: usize = 5;

/// The idempotency keys of one thread, and the numbers of the messages that were sent with them.
///
/// A hash table finds the records of a key. The whole keys are compared, so two keys with the same
/// hash stay different. The role and the author to which a key belongs are in the message (I4), so
/// the index can contain a key several times.
#[derive(Default)]
pub(super) struct KeyIndex<H = RandomState> {
    hasher: H,
    /// The records, one after the other. A record is the number of the message and the key.
    records: Vec<u8>,
    /// The cells of a hash table with linear probing. A cell contains 1 plus the position of a
    /// record, or 0 if it is free. The number of cells is a power of two, or 0 without keys.
    cells: Box<[u32]>,
    len: usize,
}

impl<H: BuildHasher + Default> KeyIndex<H> {
    /// Returns `true` if the index has room for `additional` keys of any length. Cells are numbers
    /// of 32 bits, so the records of a thread can have up to 4 GiB.
    pub(super) fn has_room_for(&self, additional: usize) -> bool {
        let max_bytes = HEADER_BYTES + MAX_ID_BYTES;
        u32::try_from(self.records.len() + additional * max_bytes).is_ok()
    }

    /// Returns the number of a message that was sent with `key` and that `is_wanted` accepts.
    pub(super) fn find(
        &self,
        key: &IdempotencyKey,
        mut is_wanted: impl FnMut(MessageNumber) -> bool,
    ) -> Option<MessageNumber> {
        let mut uuid = [0; 16];
        let key = encode(key, &mut uuid);
        let cells = self.probe(key).map(|cell| self.cells[cell] as usize);
        let mut records = cells.take_while(|&cell| cell > 0).map(|cell| self.record(cell - 1));
        records.find(|&(number, found)| found == key && is_wanted(number)).map(|found| found.0)
    }

    /// Adds a key, for which the index has room.
    pub(super) fn insert(&mut self, key: &IdempotencyKey, number: MessageNumber) {
        self.push(number, encode(key, &mut [0; 16]));
    }

    /// Removes the keys of all messages that `is_kept` rejects. The index calls `is_kept` in the
    /// order in which the keys were added.
    pub(super) fn retain(&mut self, mut is_kept: impl FnMut(MessageNumber) -> bool) {
        let kept = self.records().filter(|(_, (number, _))| is_kept(*number));
        let kept: Vec<usize> = kept.map(|(position, _)| position).collect();
        if kept.len() < self.len {
            let before = std::mem::take(self);
            for (number, key) in kept.into_iter().map(|position| before.record(position)) {
                self.push(number, key);
            }
        }
    }

    fn push(&mut self, number: MessageNumber, key: EncodedKey<'_>) {
        let position = self.records.len();
        let bytes = HEADER_BYTES + key.1.len();
        make_room(&mut self.records, bytes, 4 * bytes);
        self.records.extend(number.get().to_le_bytes());
        self.records.push(key.0);
        self.records.extend(key.1);
        self.len += 1;
        // With a quarter of the cells free, a search looks at about five cells.
        if 4 * self.len <= 3 * self.cells.len() {
            self.occupy_cell(position);
            return;
        }
        self.cells = vec![0; (2 * self.cells.len()).max(8)].into();
        let positions: Vec<usize> = self.records().map(|(position, _)| position).collect();
        for position in positions {
            self.occupy_cell(position);
        }
    }

    fn occupy_cell(&mut self, position: usize) {
        let free = self.probe(self.record(position).1).find(|&cell| self.cells[cell] == 0);
        if let (Some(cell), Ok(content)) = (free, u32::try_from(position + 1)) {
            self.cells[cell] = content;
        }
    }

    /// Returns the cells to look at for an encoded key, in this order.
    fn probe(&self, key: EncodedKey<'_>) -> impl Iterator<Item = usize> + use<H> {
        let (count, hash) = (self.cells.len() as u64, self.hasher.hash_one(key.1));
        let cell = move |step| usize::try_from(hash.wrapping_add(step) & (count - 1)).ok();
        (0..count).filter_map(cell)
    }

    /// Returns the positions of the records, and their numbers and encoded keys.
    fn records(&self) -> impl Iterator<Item = (usize, (MessageNumber, EncodedKey<'_>))> {
        let mut next = 0;
        std::iter::from_fn(move || {
            let position = (next < self.records.len()).then_some(next)?;
            let record = self.record(position);
            next += HEADER_BYTES + record.1.1.len();
            Some((position, record))
        })
    }

    /// Returns the number and the key of a record.
    fn record(&self, position: usize) -> (MessageNumber, EncodedKey<'_>) {
        let (header, rest) = self.records[position..].split_at(HEADER_BYTES);
        let number = u32::from_le_bytes([header[0], header[1], header[2], header[3]]);
        let bytes = if header[4] == 0 { 16 } else { usize::from(header[4]) };
        // Only numbers of messages are in the records.
        (MessageNumber::new(number).unwrap_or_default(), (header[4], &rest[..bytes]))
    }
}

/// The length of a key and its bytes, or 0 and the 16 bytes of a UUID.
type EncodedKey<'a> = (u8, &'a [u8]);

/// Encodes a key. The bytes of a UUID are in `uuid`.
fn encode<'a>(key: &'a IdempotencyKey, uuid: &'a mut [u8; 16]) -> EncodedKey<'a> {
    let text = key.as_str().as_bytes();
    if let Some(parsed) = parse_uuid(text) {
        *uuid = parsed;
        return (0, uuid);
    }
    // A key has at most 128 bytes.
    (u8::try_from(text.len()).unwrap_or(u8::MAX), text)
}

/// Returns the 16 bytes of a UUID with hyphens and lower-case digits, as browsers write it.
/// Returns `None` for any other text, so that the bytes stand for one text only.
fn parse_uuid(text: &[u8]) -> Option<[u8; 16]> {
    let text: &[u8; 36] = text.try_into().ok()?;
    let mut digits = [0; 32];
    for (from, to, count) in [(0, 0, 8), (9, 8, 4), (14, 12, 4), (19, 16, 4), (24, 20, 12)] {
        digits[to..to + count].copy_from_slice(&text[from..from + count]);
    }
    let has_hyphens = [8, 13, 18, 23].iter().all(|&at| text[at] == b'-');
    // The loop has no early exit, so that the compiler vectorizes it.
    let is_digit = |byte: u8| byte.is_ascii_digit() | matches!(byte, b'a'..=b'f');
    if !has_hyphens || !digits.iter().fold(true, |all, &byte| all & is_digit(byte)) {
        return None;
    }
    let value = |byte: u8| (byte & 15) + 9 * (byte >> 6);
    Some(std::array::from_fn(|at| value(digits[2 * at]) << 4 | value(digits[2 * at + 1])))
}

/// Makes room for `needed` more items.
///
/// A full list grows by a quarter of its length, and by at least `min_growth` items. A `Vec` alone
/// doubles its capacity, and on average a quarter of the capacity is then unused.
pub(super) fn make_room<T>(list: &mut Vec<T>, needed: usize, min_growth: usize) {
    if list.capacity() - list.len() < needed {
        list.reserve_exact(needed.max(min_growth).max(list.len() / 4));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::hash::{BuildHasherDefault, Hasher};

    use super::*;
    use proptest::prelude::*;

    fn key(text: impl AsRef<str>) -> IdempotencyKey {
        IdempotencyKey::new(text).unwrap()
    }

    fn number(number: u32) -> MessageNumber {
        MessageNumber::new(number).unwrap()
    }

    /// A hash function that returns the same hash for all keys.
    #[derive(Default)]
    struct ConstantHasher;

    impl Hasher for ConstantHasher {
        fn write(&mut self, _: &[u8]) {}

        fn finish(&self) -> u64 {
            u64::MAX
        }
    }

    /// Returns the numbers of all messages that were sent with a key.
    fn numbers_with<H: BuildHasher + Default>(
        index: &KeyIndex<H>,
        key: &IdempotencyKey,
    ) -> BTreeSet<MessageNumber> {
        let mut numbers = BTreeSet::new();
        let found = index.find(key, |number| {
            numbers.insert(number);
            false
        });
        assert_eq!(found, None);
        numbers
    }

    /// Adds the keys, removes the keys of some messages, and compares with a list of the keys.
    fn check<H: BuildHasher + Default>(keys: &[IdempotencyKey], is_kept: impl Fn(u32) -> bool) {
        let mut index = KeyIndex::<H>::default();
        let mut expected = Vec::new();
        for (at, key) in (1..).zip(keys) {
            index.insert(key, number(at));
            expected.push((key, number(at)));
        }
        for is_after_removal in [false, true] {
            if is_after_removal {
                index.retain(|number| is_kept(number.get()));
                expected.retain(|(_, number)| is_kept(number.get()));
            }
            for key in keys {
                let with_key = expected.iter().filter(|(other, _)| *other == key);
                let with_key: BTreeSet<_> = with_key.map(|&(_, number)| number).collect();
                assert_eq!(numbers_with(&index, key), with_key);
            }
        }
        assert_eq!(index.len, expected.len());
    }

    proptest! {
        /// I4: the index finds the messages of a key exactly, also if all hashes are equal.
        #[test]
        fn i4_the_index_finds_the_messages_of_each_key(
            texts in prop::collection::vec(
                "[ab]{1,2}|[a-b]{16}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\\PC{1,30}",
                0..60,
            ),
            divisor in 1_u32..5,
        ) {
            let keys: Vec<_> = texts.iter().map(key).collect();
            let is_kept = |number: u32| number.is_multiple_of(divisor);
            check::<RandomState>(&keys, is_kept);
            check::<BuildHasherDefault<ConstantHasher>>(&keys, is_kept);
        }
    }

    /// I4: a text that differs from a UUID in one byte is another key, and so is the text that has
    /// the 16 bytes of the UUID.
    #[test]
    fn i4_a_key_that_resembles_a_uuid_is_another_key() {
        let uuid = "41424344-4546-4748-494a-6b6c6d6e6f70";
        let mut index = KeyIndex::<RandomState>::default();
        index.insert(&key(uuid), number(1));
        assert_eq!(index.find(&key(uuid), |_| true), Some(number(1)));
        assert_eq!(index.records.len(), HEADER_BYTES + 16);
        let mut others = vec!["ABCDEFGHIJklmnop".to_owned(), uuid.to_uppercase()];
        others.extend((0..36).flat_map(|at| {
            ["0", "-", "f", "g", "F", "/", ":", "`"].map(|byte| {
                let mut text = uuid.to_owned();
                text.replace_range(at..=at, byte);
                text
            })
        }));
        for other in others.iter().filter(|other| *other != uuid) {
            assert_eq!(index.find(&key(other), |_| true), None, "{other}");
        }
    }

    /// I4: an index that could outgrow the numbers in its cells has no room.
    #[test]
    fn i4_an_index_has_room_for_at_most_4_gib() {
        let index = KeyIndex::<RandomState>::default();
        let most = u32::MAX as usize / (HEADER_BYTES + MAX_ID_BYTES);
        assert!(index.has_room_for(most) && !index.has_room_for(most + 1));
    }
}
