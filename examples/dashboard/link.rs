//! The customer's signed link: what they get instead of a login.

use std::error::Error;
use std::fmt::Write as _;

use frontdesk::{BookingId, LocationId};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Signs the links of customers and checks them.
pub(crate) struct Links {
    mac: Hmac<Sha256>,
}

impl Links {
    /// With the key in `FRONTDESK_LINK_KEY`, or a random one.
    pub(crate) fn from_env() -> Result<Self, Box<dyn Error>> {
        let mut random = [0; 32];
        let key = match std::env::var_os("FRONTDESK_LINK_KEY") {
            Some(key) if key.len() >= random.len() => key.into_encoded_bytes(),
            Some(_) => return Err("FRONTDESK_LINK_KEY is shorter than 32 bytes".into()),
            None => {
                getrandom::fill(&mut random).map_err(|_| "there is no randomness for a key")?;
                random.to_vec()
            }
        };
        Ok(Self { mac: Hmac::new_from_slice(&key)? })
    }

    /// Where the customer's page of a booking is.
    pub(crate) fn portal(&self, location: &LocationId, booking: &BookingId) -> String {
        let mut path = format!("/portal/{}", encoded(location.as_str()));
        let signature = self.signed(location, booking).finalize().into_bytes();
        let _ = write!(path, "/{}/{}", encoded(booking.as_str()), hex(&signature));
        path
    }

    /// Whether a signature is the one of this booking's link.
    pub(crate) fn is_signed(
        &self,
        location: &LocationId,
        booking: &BookingId,
        signature: &str,
    ) -> bool {
        // One spelling: `from_str_radix` takes a sign and capitals as well.
        let is_hex = signature.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let bytes: Option<Vec<u8>> = (0..signature.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(signature.get(at..at + 2)?, 16).ok())
            .collect();
        // Compares in constant time: how long it takes tells no byte of it.
        is_hex
            && bytes
                .is_some_and(|bytes| self.signed(location, booking).verify_slice(&bytes).is_ok())
    }

    fn signed(&self, location: &LocationId, booking: &BookingId) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        // No id holds a line break (I1), so no two pairs are signed alike.
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

/// Any text as one part of a path.
pub(crate) fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut path, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            path.push(byte.into());
        } else {
            let _ = write!(path, "%{byte:02X}");
        }
        path
    })
}
