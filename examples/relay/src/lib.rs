//! A worker beside a host application: it follows the events of all locations, sends each message as
//! a webhook, and sends mails about messages that nobody has read after some minutes.
//!
//! | file | content |
//! |---|---|
//! | `worker` | the three loops: follow, send webhooks, send mails |
//! | `outbox` | the SQLite file with the cursors and one row for each delivery |
//! | `webhook` | a signed request, in the form of Standard Webhooks |
//! | `mail` | a mail about the unread messages of one thread |
//! | `delivery_error` | the failures that are retried, and those that are kept |
//! | `settings` | the JSON file with the settings |
//!
//! The outbox stores the deliveries of a page of events and the next cursor in one transaction, and
//! removes a delivery after the receiver has accepted it. A delivery that a receiver refuses for good
//! stays in the outbox as failed. `relay SETTINGS.json failed` lists these deliveries, and
//! `relay SETTINGS.json retry` sends them again. If the worker is killed at any moment, no
//! delivery is lost; the receiver can get one again, with the same id.

pub mod delivery_error;
pub mod mail;
pub mod outbox;
pub mod settings;
pub mod webhook;
pub mod worker;

/// The error of anything that the worker does.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// The result of anything that the worker does.
pub type Outcome<T = ()> = Result<T, Error>;
