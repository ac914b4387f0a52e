//! The readers of exports on small invented samples.

mod chatwoot;
mod documents;
mod intercom;
mod round_trips;
mod samples;
mod telegram;
mod threads;
mod whatsapp;
mod zendesk;
