//! A signed request to a receiver, in the form of [Standard Webhooks](https://www.standardwebhooks.com).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Deserializer};
use sha2::Sha256;
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::Outcome;
use crate::delivery_error::DeliveryError;
use crate::settings::Endpoint;

/// The key of a receiver's signatures. Its text is `whsec_` and then base64.
pub struct Secret(Vec<u8>);

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let encoded = text.strip_prefix("whsec_").unwrap_or(&text);
        let key = STANDARD.decode(encoded).ok().filter(|key| key.len() >= 24);
        key.map(Self).ok_or_else(|| serde::de::Error::custom("secret is not 24 bytes of base64"))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Returns the header `webhook-signature`: one signature for each valid secret, so that a receiver
/// accepts the request before and after it changes its secret.
///
/// `timestamp` is the time of the attempt in whole Unix seconds. Receivers refuse a time that is more
/// than five minutes old, so each attempt is signed anew.
pub fn signature(secrets: &[Secret], id: &str, timestamp: u64, body: &[u8]) -> Outcome<String> {
    let sign = |secret: &Secret| {
        let mut mac = Hmac::<Sha256>::new_from_slice(&secret.0)?;
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        Ok(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
    };
    let signatures: Outcome<Vec<String>> = secrets.iter().map(sign).collect();
    Ok(signatures?.join(" "))
}

/// The HTTP client.
#[derive(Debug)]
pub struct Client(Agent);

impl Client {
    /// Makes a client that gives up a request after ten seconds and follows no redirects.
    pub fn new() -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        // The certificates of the machine.
        let certificates = rustls_native_certs::load_native_certs().certs;
        let certificates =
            certificates.iter().map(|found| Certificate::from_der(found).to_owned()).collect();
        let tls = TlsConfig::builder()
            .unversioned_rustls_crypto_provider(provider)
            .root_certs(RootCerts::Specific(Arc::new(certificates)));
        let config = Agent::config_builder()
            .tls_config(tls.build())
            .timeout_global(Some(Duration::from_secs(10)))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .user_agent("frontdesk-relay");
        Self(Agent::new_with_config(config.build()))
    }

    /// Sends an event. `body` is the exact text that is signed.
    ///
    /// # Errors
    ///
    /// A status of 200 to 299 accepts the event. The status 410 disables the receiver. The other
    /// statuses from 400 to 499, except 408 and 429, refuse this event for good. Everything else is
    /// temporary.
    pub fn send(
        &self,
        endpoint: &Endpoint,
        id: &str,
        timestamp: u64,
        body: &str,
    ) -> Result<(), DeliveryError> {
        let temporary = |error: String| DeliveryError::Temporary(error);
        let signature = signature(&endpoint.secrets, id, timestamp, body.as_bytes())
            .map_err(|error| temporary(error.to_string()))?;
        let response = self
            .0
            .post(&endpoint.url)
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp.to_string())
            .header("webhook-signature", signature)
            .send(body)
            .map_err(|error| temporary(error.to_string()))?;
        let status = response.status();
        let reason = format!("status {status}");
        match status.as_u16() {
            200..=299 => Ok(()),
            410 => Err(DeliveryError::Gone),
            408 | 429 => Err(temporary(reason)),
            400..=499 => Err(DeliveryError::Permanent(reason)),
            _ => Err(temporary(reason)),
        }
    }
}

impl Default for Client {
    fn default() -> Self {
        Self::new()
    }
}
