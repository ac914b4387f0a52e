//! Clients that send messages, and retry those that are not acknowledged.

use frontdesk::{DeskError, Draft, Role};

use crate::report::{Failure, Report, SentMessage};
use crate::rng::Rng;
use crate::support::{booking, booking_id, key, location_id, participant_id};
use crate::worker::{Worker, pause, random_thread};

/// The beginning of every message's text. No other statement contains it.
pub(crate) const MESSAGE_PREFIX: &[u8] = b"dear desk";

/// The beginning of the texts of messages without a key. After a lost connection, the writer
/// cannot find out if such a message was written.
pub(crate) const KEYLESS_PREFIX: &[u8] = b"dear desk, once";

/// A customer or an operator who sends messages to random threads.
pub(crate) struct Writer {
    pub(crate) worker: Worker,
    pub(crate) role: Role,
    pub(crate) name: String,
    pub(crate) rng: Rng,
}

impl Writer {
    pub(crate) async fn run(mut self) {
        let mut number = 0;
        while self.worker.is_running() {
            number += 1;
            let message = self.next(number);
            Report::SendStarted(message.clone()).print();
            self.send(message).await;
            pause(&mut self.rng, 40).await;
        }
    }

    fn next(&mut self, number: u32) -> SentMessage {
        let ((location, booking), author) = (random_thread(&mut self.rng), &self.name);
        let padding = " and so on".repeat(self.rng.below(30));
        let key = (self.rng.below::<u8>(4) > 0).then(|| format!("{author}-{number}"));
        let prefix = if key.is_some() { MESSAGE_PREFIX } else { KEYLESS_PREFIX };
        let prefix = std::str::from_utf8(prefix).unwrap();
        SentMessage {
            location: location.to_owned(),
            booking: booking.to_owned(),
            role: self.role,
            key,
            text: format!("{prefix}: {author} {number}{padding}"),
            author: author.clone(),
        }
    }

    /// Sends a message until the desk acknowledges it. A message without a key is not sent
    /// again once it may be stored. Some messages with a key are given up, too.
    async fn send(&mut self, message: SentMessage) {
        for attempts in 1.. {
            match self.send_once(&message).await {
                Ok(number) => {
                    return Report::Acknowledged { text: message.text, number, attempts }.print();
                }
                Err(error) => {
                    let failure = Failure::report(&error);
                    let may_be_stored = failure == Failure::OutcomeUnknown && message.key.is_none();
                    if may_be_stored || self.rng.below::<u8>(40) == 0 {
                        return;
                    }
                    pause(&mut self.rng, 60).await;
                }
            }
        }
    }

    async fn send_once(&self, message: &SentMessage) -> Result<u32, DeskError> {
        let (location, author) = (location_id(&message.location), participant_id(&self.name));
        let mut draft = Draft::new(&message.text);
        draft.key = message.key.as_deref().map(key);
        let desk = &self.worker.desk;
        let number = match self.role {
            Role::Customer => {
                let booking = booking(&message.booking);
                let customer = desk.customer(location, booking.id.clone(), author);
                customer.starting_with(booking).send(draft).await?.number()
            }
            Role::Operator => {
                let operator = desk.operator(location, author, None);
                operator.start(booking(&message.booking)).await?;
                operator.reply(&booking_id(&message.booking), draft).await?.number()
            }
        };
        Ok(number.get())
    }
}
