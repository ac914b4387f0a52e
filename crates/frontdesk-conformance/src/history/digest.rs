//! Digests of texts, heads and authors.

use std::fmt;
use std::hash::Hasher;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use siphasher::sip::SipHasher13;

/// A digest of a value, with which the checker compares values that a history must not
/// contain. Equal values have equal digests in every process.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Digest(pub(crate) u64);

impl Digest {
    /// Returns the digest of bytes.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut hasher = SipHasher13::new();
        hasher.write(bytes);
        Self(hasher.finish())
    }

    /// Returns the digest of a value's JSON.
    pub(crate) fn of_json(value: &impl Serialize) -> Self {
        let mut hasher = HashWriter(SipHasher13::new());
        // Neither the hasher nor a value of the domain fails.
        let _ = serde_json::to_writer(&mut hasher, value);
        Self(hasher.0.finish())
    }

    /// Returns the digest of several digests in their order.
    pub(crate) fn join(parts: &[u64]) -> Self {
        let mut hasher = SipHasher13::new();
        for part in parts {
            hasher.write_u64(part.to_le());
        }
        Self(hasher.finish())
    }
}

struct HashWriter(SipHasher13);

impl std::io::Write for HashWriter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{self:?}"))
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&str>::deserialize(deserializer)?;
        let digest = u64::from_str_radix(text, 16).map_err(serde::de::Error::custom)?;
        Ok(Self(digest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Files of several versions of this crate can be compared only if the function stays.
    #[test]
    fn the_digest_of_a_text_never_changes() {
        assert_eq!(format!("{:?}", Digest::of(b"Hello!")), "a7c500e9b1999e3c");
        assert_eq!(Digest::of_json(&"Hello!"), Digest::of(b"\"Hello!\""));
    }
}
