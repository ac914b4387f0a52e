//! The settings of the worker.

use std::collections::HashMap;
use std::path::PathBuf;

use frontdesk::{BookingId, LocationId, Role};
use serde::Deserialize;

use crate::webhook::Secret;

/// The settings, as they stand in the JSON file.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Settings {
    /// The file of the `SqliteStore`. A host application with another store changes `main.rs`.
    pub store: PathBuf,
    /// The file of the outbox.
    pub outbox: PathBuf,
    /// The pause between two rounds, in milliseconds.
    #[serde(default = "default_interval")]
    pub interval_ms: u64,
    /// The pause after the first failed attempt, in milliseconds. Each further pause is twice as
    /// long, up to six hours.
    #[serde(default = "default_retry")]
    pub retry_ms: u64,
    /// The receivers of webhooks.
    #[serde(default)]
    pub webhooks: Vec<Endpoint>,
    /// The settings of mails, or `None` to send no mails.
    pub mail: Option<MailSettings>,
}

fn default_interval() -> u64 {
    5_000
}

fn default_retry() -> u64 {
    5_000
}

/// A receiver of webhooks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// The address.
    pub url: String,
    /// The valid secrets: one, or two during a rotation.
    pub secrets: Vec<Secret>,
}

/// The settings of mails. A host application reads the addresses from its own database.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MailSettings {
    /// The address of the SMTP server, for example `smtps://user:password@mail.example.org`.
    pub smtp: String,
    /// The sender, for example `Harbour team <desk@example.org>`.
    pub from: String,
    /// The domain of message ids.
    pub domain: String,
    /// The minimum time between a customer's first unread message and the mail to the team.
    #[serde(default = "default_team_delay")]
    pub team_delay_ms: u64,
    /// The minimum time between the first unread reply and the mail to the customer.
    #[serde(default = "default_customer_delay")]
    pub customer_delay_ms: u64,
    /// The address of each location's team.
    pub teams: HashMap<LocationId, String>,
    /// The address of each booking's customer.
    pub customers: HashMap<BookingId, String>,
    /// The address under which a customer unsubscribes, without the booking at its end.
    pub unsubscribe: Option<String>,
}

fn default_team_delay() -> u64 {
    3 * 60_000
}

fn default_customer_delay() -> u64 {
    15 * 60_000
}

impl MailSettings {
    /// Returns the delay of mails to the readers of a role, in microseconds.
    pub fn delay_micros(&self, reader: Role) -> i64 {
        let millis = match reader {
            Role::Operator => self.team_delay_ms,
            Role::Customer => self.customer_delay_ms,
        };
        i64::try_from(millis.saturating_mul(1_000)).unwrap_or(i64::MAX)
    }

    /// Returns the address of the readers of a role, or `None` if it is unknown.
    pub fn address(
        &self,
        reader: Role,
        location: &LocationId,
        booking: &BookingId,
    ) -> Option<&str> {
        let address = match reader {
            Role::Operator => self.teams.get(location),
            Role::Customer => self.customers.get(booking),
        };
        address.map(String::as_str)
    }
}
