//! Those who write, and do not let go of what is not acknowledged.

use frontdesk::{DeskError, Draft, Role};

use crate::dice::Dice;
use crate::office::{Office, pause, somewhere};
use crate::report::{Report, Trouble, Written};
use crate::support::{booking, booking_id, key, place, who};

/// Words of every message, and of nothing else that is sent to a server.
pub(crate) const WORDS: &[u8] = b"dear desk";
/// Words of those without a key, of which nothing can say later what became of them.
pub(crate) const WITHOUT_KEY: &[u8] = b"dear desk, once";

/// A customer or an operator with much to say.
pub(crate) struct Writer {
    pub(crate) office: Office,
    pub(crate) role: Role,
    pub(crate) name: String,
    pub(crate) dice: Dice,
}

impl Writer {
    pub(crate) async fn write(mut self) {
        let mut turn = 0;
        while self.office.is_open() {
            turn += 1;
            let written = self.next(turn);
            Report::Tries(written.clone()).say();
            self.send(written).await;
            pause(&mut self.dice, 40).await;
        }
    }

    fn next(&mut self, turn: u32) -> Written {
        let ((here, booked), author) = (somewhere(&mut self.dice), &self.name);
        let long = " and so on".repeat(self.dice.below(30));
        let key = (self.dice.below::<u8>(4) > 0).then(|| format!("{author}-{turn}"));
        let greeting = if key.is_some() { WORDS } else { WITHOUT_KEY };
        let greeting = std::str::from_utf8(greeting).unwrap();
        Written {
            place: here.to_owned(),
            booked: booked.to_owned(),
            role: self.role,
            key,
            text: format!("{greeting}: {author} {turn}{long}"),
            author: author.clone(),
        }
    }

    /// Sends it until the desk says that it is stored. Without a key, not after it may
    /// have been; and with one, some people give up.
    async fn send(&mut self, written: Written) {
        for attempts in 1.. {
            match self.send_once(&written).await {
                Ok(number) => {
                    self.office.hear(&written.place, &written.booked, number);
                    return Report::Acknowledged { text: written.text, number, attempts }.say();
                }
                Err(error) => {
                    let trouble = Trouble::note(&error);
                    let in_doubt = trouble == Trouble::OutcomeUnknown && written.key.is_none();
                    if in_doubt || self.dice.below::<u8>(40) == 0 {
                        return;
                    }
                    pause(&mut self.dice, 60).await;
                }
            }
        }
    }

    async fn send_once(&self, written: &Written) -> Result<u32, DeskError> {
        let (here, me) = (place(&written.place), who(&self.name));
        let mut draft = Draft::new(&written.text);
        draft.key = written.key.as_deref().map(key);
        let number = match self.role {
            Role::Customer => {
                let booking = booking(&written.booked);
                self.office.desk.customer(here, booking, me, None).send(draft).await?.number()
            }
            Role::Operator => {
                let desk = self.office.desk.operator(here, me, None);
                desk.start(booking(&written.booked)).await?;
                desk.reply(&booking_id(&written.booked), draft).await?.number()
            }
        };
        Ok(number.get())
    }
}
