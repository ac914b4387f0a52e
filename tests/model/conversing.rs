//! Writing, opening, marking and looking back.

use frontdesk::desk::{Conversation, CustomerAnswer, Messaging, Sent};
use frontdesk::view::English;
use frontdesk::{BodyError, DeskError, Role};
use time::UtcOffset;

use crate::checking::assert_messages;
use crate::clients::Dashboard;
use crate::operations::{BOOKINGS, CUSTOMERS, OPERATORS, Spot, TEXTS, Typed, draft, snapshot};
use crate::support::rules::{Refusal, Said, Sending};
use crate::support::{booking_id, number};
use crate::world::World;

impl World {
    pub(crate) async fn send(&mut self, spot: Spot, customer: usize, typed: Typed, off: bool) {
        let sending = Sending {
            role: Role::Customer,
            author: CUSTOMERS[customer],
            typed: TEXTS[typed.text],
            key: typed.key,
            seen: typed.seen,
            booking: Some(snapshot(spot, customer)),
            off,
        };
        let now = self.now();
        let expected = self.places[spot.0].send(spot.booking(), sending, now);
        let messaging = if off { Messaging::Off } else { Messaging::On };
        let desk = self.customer(spot, customer).with_messaging(messaging);
        let sent = desk.send(draft(typed)).await.map_err(|error| refusal(&error));
        assert_eq!(sent.map(|sent| (sent.number().get(), sent.is_replayed())), expected, "sent");
    }

    pub(crate) async fn reply(
        &mut self,
        spot: Spot,
        operator: usize,
        typed: Typed,
    ) -> Option<Sent> {
        let sending = Sending {
            role: Role::Operator,
            author: OPERATORS[operator],
            typed: TEXTS[typed.text],
            key: typed.key,
            seen: typed.seen,
            booking: None,
            off: false,
        };
        let now = self.now();
        let expected = self.places[spot.0].send(spot.booking(), sending, now);
        let desk = self.operator(spot.0, operator);
        let sent = desk.reply(&booking_id(spot.booking()), draft(typed)).await;
        if let Ok(sent) = &sent {
            assert_eq!(Some(&sent.thread), self.head(spot).await.as_ref(), "the answer's thread");
            let number = sent.message.number();
            let stored = self.stored(spot, number..=number).await;
            assert_eq!(stored, std::slice::from_ref(&sent.message), "the answer's message");
        }
        let found = sent.as_ref().map(|sent| (sent.number().get(), sent.is_replayed()));
        assert_eq!(found.map_err(refusal), expected, "replied");
        sent.ok()
    }

    /// A reply that goes onto the screen at once, before any poll.
    pub(crate) async fn answer(&mut self, index: usize, text: usize) {
        let Dashboard { place, operator, .. } = self.dashboards[index];
        let Some(open) = self.dashboards[index].opened() else { return };
        let booked = BOOKINGS.iter().position(|booking| *booking == open.booking.as_str()).unwrap();
        let typed = Typed { text, key: None, seen: Some(open.shown.get()) };
        let Some(sent) = self.reply(Spot(place, booked), operator, typed).await else { return };
        let screen = self.dashboards[index].open.as_mut().unwrap();
        if let Some(conversation) = &mut screen.conversation {
            conversation.insert(&sent);
            screen.shown = conversation.to_open().shown;
        }
    }

    pub(crate) async fn open(&mut self, spot: Spot, operator: usize) -> Option<Conversation> {
        let now = self.now();
        let expected = self.places[spot.0].show(spot.booking(), Role::Operator, None, now);
        let answer = self.operator(spot.0, operator).open(&booking_id(spot.booking())).await;
        let Ok(conversation) = answer else {
            assert!(matches!(answer, Err(DeskError::NotFound)), "{answer:?}");
            assert!(self.places[spot.0].talk(spot.booking()).is_none(), "it is there");
            return None;
        };
        assert_eq!(Some(&conversation.thread), self.head(spot).await.as_ref(), "the thread");
        assert_messages(&conversation.messages, &expected);
        Some(conversation)
    }

    pub(crate) async fn visit(
        &mut self,
        spot: Spot,
        customer: usize,
    ) -> (CustomerAnswer, Vec<Said>) {
        let now = self.now();
        let expected = self.places[spot.0].show(spot.booking(), Role::Customer, None, now);
        let answer = self.customer(spot, customer).visit().await.unwrap();
        self.assert_view(spot, &self.view(&answer), &expected);
        (answer, expected)
    }

    pub(crate) async fn mark(&mut self, spot: Spot, operator: usize, asked: u32, unread: bool) {
        let now = self.now();
        let expected = self.places[spot.0].mark(spot.booking(), asked, unread, now);
        let (desk, booking) = (self.operator(spot.0, operator), booking_id(spot.booking()));
        let marked = if unread {
            desk.mark_unread(&booking, number(asked)).await
        } else {
            desk.mark_read(&booking, number(asked)).await
        };
        if let Ok(thread) = &marked {
            assert_eq!(Some(thread), self.head(spot).await.as_ref(), "the answer is the head");
        }
        assert_eq!(marked.map(drop).map_err(|error| refusal(&error)), expected, "marked");
    }

    pub(crate) async fn look(&self, spot: Spot, by: Role, before: Option<u32>, limit: usize) {
        let talk = self.places[spot.0].talk(spot.booking());
        let mut expected = talk.map_or(Vec::new(), |talk| talk.after(0));
        expected.retain(|said| before.is_none_or(|before| said.number < before));
        expected.drain(..expected.len().saturating_sub(limit));
        let before = before.map(number);
        if by == Role::Customer {
            let desk = self.desk();
            let screen = desk.screen(&UtcOffset::UTC, &English);
            match self.customer(spot, 0).history(before, limit).await {
                Ok(history) => self.assert_view(spot, &history.view(&screen), &expected),
                Err(error) => assert_eq!((refusal(&error), limit), (Refusal::PageLimit, 0)),
            }
            return;
        }
        let desk = self.operator(spot.0, 0);
        match desk.history(&booking_id(spot.booking()), before, limit).await {
            Ok(conversation) => assert_messages(&conversation.messages, &expected),
            Err(error) if limit == 0 => assert_eq!(refusal(&error), Refusal::PageLimit),
            Err(error) => {
                assert_eq!(refusal(&error), Refusal::NotFound);
                assert!(talk.is_none(), "it is there");
            }
        }
    }
}

#[track_caller]
fn refusal(error: &DeskError) -> Refusal {
    match error {
        DeskError::NotFound => Refusal::NotFound,
        DeskError::Body(BodyError::Blank) => Refusal::Blank,
        DeskError::MessagingOff => Refusal::MessagingOff,
        DeskError::KeyReused => Refusal::KeyReused,
        DeskError::NoSuchMessage { .. } => Refusal::NoSuchMessage,
        DeskError::PageLimit { .. } => Refusal::PageLimit,
        other => panic!("nothing of the model's: {other:?}"),
    }
}
