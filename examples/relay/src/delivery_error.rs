//! The failure of a delivery.

use std::fmt;

/// A delivery that was not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryError {
    /// A later attempt can succeed.
    Temporary(String),
    /// No later attempt can succeed. The outbox keeps the delivery as failed.
    Permanent(String),
    /// The receiver wants no deliveries any more (410 Gone). The outbox disables the receiver.
    Gone,
}

impl fmt::Display for DeliveryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Temporary(reason) | Self::Permanent(reason) => f.write_str(reason),
            Self::Gone => f.write_str("status 410 Gone"),
        }
    }
}

impl std::error::Error for DeliveryError {}
