//! The digests of idempotency keys in the file.
//!
//! The file stores the first 12 bytes of a [`KeyDigest`]. Rows of the third schema keep the 16 bytes
//! with which they were written. A lookup finds both, because it compares the first 12 bytes.
//!
//! A key is unique per thread, role and author (I4). All three are part of the digest, and a lookup
//! compares only digests of one thread. If the digests of two keys of a thread began with the same 12
//! bytes, the store would treat the keys as the same key. In a thread with 2^20 keys, the probability
//! of such a pair is 2^-57. Among 2^32 threads with 2^10 keys each, the probability is 2^-45. A sender
//! can find two such keys with about 2^48 hashes. Both keys then belong to this sender, so the sender
//! can only prevent one of their own messages. A key that is equal to the key of another author in this
//! way takes about 2^96 hashes.

use frontdesk_sql::KeyDigest;

/// The number of bytes that the file stores of a new digest.
const LENGTH: usize = 12;

/// Returns the part of a digest that the file stores.
pub(super) fn stored_digest(digest: KeyDigest) -> [u8; LENGTH] {
    let mut stored = [0; LENGTH];
    stored.copy_from_slice(&digest.to_bytes()[..LENGTH]);
    stored
}

/// Returns the lowest and the highest value under which the file can store a digest.
pub(super) fn stored_range(digest: KeyDigest) -> ([u8; LENGTH], [u8; 16]) {
    range_of(stored_digest(digest))
}

/// Returns the range of all values of up to 16 bytes that begin with the same bytes.
fn range_of(lowest: [u8; LENGTH]) -> ([u8; LENGTH], [u8; 16]) {
    let mut highest = [u8::MAX; 16];
    highest[..LENGTH].copy_from_slice(&lowest);
    (lowest, highest)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes of a `BLOB` have the order of the bytes of a slice.
    #[test]
    fn a_range_has_the_values_that_begin_with_the_same_bytes() {
        for byte in [0, 1, 0x7F, 0xFE, u8::MAX] {
            let (lowest, highest) = range_of([byte; LENGTH]);
            let contains = |value: &[u8]| (&lowest[..]..=&highest[..]).contains(&value);
            assert!(contains(&[byte; LENGTH]));
            for last in [0, 1, byte, u8::MAX] {
                assert!(contains(&[&[byte; LENGTH][..], &[last; 4]].concat()));
            }
            for other in [byte.wrapping_add(1), byte.wrapping_sub(1)] {
                for value in [[byte, other], [other, byte]] {
                    let end = &[&[byte; LENGTH - 2][..], &value].concat();
                    assert!(!contains(end));
                    assert!(!contains(&[end, &[u8::MAX; 4][..]].concat()));
                    assert!(!contains(&[end, &[0; 4][..]].concat()));
                }
            }
        }
    }
}
