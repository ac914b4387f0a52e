use std::fmt;

use frontdesk::store::KeyQuery;
use sha2::{Digest as _, Sha256};

/// The length of a digest in bytes.
const LENGTH: usize = 16;

/// A digest under which a store finds a message by its idempotency key (I4). The digest is shorter
/// than most keys.
///
/// The digest is the first 16 bytes of the SHA-256 hash of five fields in this order: the location,
/// the booking, the role, the author and the key. A text is preceded by its length in bytes, an
/// integer of 4 bytes with the highest byte first. The role is an integer of the same form: 0 for a
/// customer, 1 for an operator.
///
/// Two keys of a store do not have the same digest in practice. Among 2^40 keys the probability of
/// such a pair is 2^-49, and a search for a pair takes about 2^64 hashes.
///
/// ```
/// use frontdesk::store::KeyQuery;
/// use frontdesk::{BookingId, IdempotencyKey, LocationId, Participant, ParticipantId, ThreadId};
/// use frontdesk_sql::KeyDigest;
///
/// let thread = ThreadId::new(LocationId::new("harbour")?, BookingId::new("b-101")?);
/// let author = Participant::customer(ParticipantId::new("c-9")?, None);
/// let key = IdempotencyKey::new("k-2")?;
/// let digest = KeyDigest::of(&KeyQuery::new(&thread, &author, &key));
/// // printf '\0\0\0\7harbour\0\0\0\5b-101\0\0\0\0\0\0\0\3c-9\0\0\0\3k-2' | sha256sum | head -c 32
/// assert_eq!(u128::from_be_bytes(digest.to_bytes()), 0xd708_3dfe_3764_565a_1f11_db00_38c9_d4be);
/// # Ok::<(), frontdesk::IdError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyDigest([u8; LENGTH]);

impl KeyDigest {
    /// Computes the digest of a key.
    pub fn of(query: &KeyQuery<'_>) -> Self {
        let KeyQuery { thread, role, author, key } = *query;
        let hash = with_text(Sha256::new(), thread.location.as_str());
        let hash = with_text(hash, thread.booking.as_str());
        let hash = with_integer(hash, role.code());
        let hash = with_text(with_text(hash, author.as_str()), key.as_str());
        let mut digest = [0; LENGTH];
        digest.copy_from_slice(&hash.finalize()[..LENGTH]);
        Self(digest)
    }

    /// Returns the bytes of the digest.
    pub fn to_bytes(self) -> [u8; LENGTH] {
        self.0
    }
}

/// Shows the type only, as [`Value`](crate::Value) does.
impl fmt::Debug for KeyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("digest")
    }
}

/// Ids and keys have at most 128 bytes, so their lengths are in the range of the integer.
fn with_text(hash: Sha256, text: &str) -> Sha256 {
    with_integer(hash, i64::try_from(text.len()).unwrap_or(i64::MAX)).chain_update(text)
}

/// Adds the lower 4 bytes of an integer.
fn with_integer(hash: Sha256, integer: i64) -> Sha256 {
    hash.chain_update(&integer.to_be_bytes()[4..])
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use frontdesk::{BookingId, IdempotencyKey, LocationId, Participant, ParticipantId, ThreadId};

    use super::*;

    fn digest(location: &str, booking: &str, [author, key]: [&str; 2], is_operator: bool) -> u128 {
        let location = LocationId::new(location).unwrap();
        let thread = ThreadId::new(location, BookingId::new(booking).unwrap());
        let id = ParticipantId::new(author).unwrap();
        let author = if is_operator {
            Participant::operator(id, None)
        } else {
            Participant::customer(id, None)
        };
        let key = IdempotencyKey::new(key).unwrap();
        u128::from_be_bytes(KeyDigest::of(&KeyQuery::new(&thread, &author, &key)).to_bytes())
    }

    /// I4: a key is unique per thread, role and author.
    #[test]
    fn i4_keys_that_differ_in_one_field_have_different_digests() {
        let digests = [
            digest("ab", "c", ["d", "e"], false),
            digest("ab", "c", ["d", "e"], true),
            digest("a", "bc", ["d", "e"], false),
            digest("ab", "cd", ["e", "e"], false),
            digest("ab", "c", ["de", "e"], false),
            digest("ab", "c", ["d", "ee"], false),
            digest("ab", "c", ["d", "f"], false),
        ];
        assert_eq!(HashSet::from(digests).len(), digests.len());
        assert_eq!(digest("ab", "c", ["d", "e"], false), digests[0]);
    }
}
