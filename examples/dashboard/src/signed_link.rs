//! Signed links, which customers have instead of a login.

use std::error::Error;
use std::fmt::Write as _;

use frontdesk::{BookingId, LocationId};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Signs the links of customers and verifies them.
pub(crate) struct LinkSigner {
    mac: Hmac<Sha256>,
}

impl LinkSigner {
    /// Makes a signer with the key in `FRONTDESK_LINK_KEY`. If the variable is not set, the
    /// key is random.
    pub(crate) fn from_env() -> Result<Self, Box<dyn Error>> {
        let mut random = [0; 32];
        let key = match std::env::var_os("FRONTDESK_LINK_KEY") {
            Some(key) if key.len() >= random.len() => key.into_encoded_bytes(),
            Some(_) => return Err("FRONTDESK_LINK_KEY needs at least 32 bytes".into()),
            None => {
                let error = "the system has no random bytes for a key";
                getrandom::fill(&mut random).map_err(|_| error)?;
                random.to_vec()
            }
        };
        Ok(Self { mac: Hmac::new_from_slice(&key)? })
    }

    /// Returns the signed path of a booking's customer page.
    pub(crate) fn portal_path(&self, location: &LocationId, booking: &BookingId) -> String {
        let signature = self.mac(location, booking).finalize().into_bytes();
        let (location, booking) = (location.as_str(), booking.as_str());
        let (location, booking) = (percent_encode(location), percent_encode(booking));
        format!("/portal/{location}/{booking}/{}", hex(&signature))
    }

    /// Returns `true` if the signature belongs to this booking.
    pub(crate) fn verify(
        &self,
        location: &LocationId,
        booking: &BookingId,
        signature: &str,
    ) -> bool {
        // `from_str_radix` also accepts a sign and capitals, which would be other spellings of
        // the same signature.
        let is_hex = signature.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let bytes: Option<Vec<u8>> = (0..signature.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(signature.get(at..at + 2)?, 16).ok())
            .collect();
        // `verify_slice` compares in constant time, so the duration reveals no byte of the
        // correct signature.
        is_hex
            && bytes.is_some_and(|bytes| self.mac(location, booking).verify_slice(&bytes).is_ok())
    }

    fn mac(&self, location: &LocationId, booking: &BookingId) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        // Ids contain no line break (I1), so two different pairs of ids never give the same
        // input.
        mac.update(location.as_str().as_bytes());
        mac.update(b"\n");
        mac.update(booking.as_str().as_bytes());
        mac
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Encodes a text as one segment of a path.
pub(crate) fn percent_encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut path, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            path.push(byte.into());
        } else {
            let _ = write!(path, "%{byte:02X}");
        }
        path
    })
}
