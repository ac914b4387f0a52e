//! The operations on one conversation: sending, opening, marking, and reading the history.

use frontdesk::Messaging;
use frontdesk::desk::{Conversation, CustomerConversation, Sent};
use frontdesk::view::English;
use frontdesk::{BodyError, DeskError, MessageNumber, Role};
use time::UtcOffset;

use crate::assertions::assert_messages;
use crate::clients::OperatorClient;
use crate::harness::Harness;
use crate::operations::{
    BOOKINGS, CUSTOMERS, OPERATORS, TEXTS, Target, TestDraft, draft, snapshot,
};
use crate::reference::{ModelError, ModelMessage, ModelSend};
use crate::support::{booking_id, number};

impl Harness {
    pub(crate) async fn send(
        &mut self,
        target: Target,
        customer: usize,
        test_draft: TestDraft,
        messaging_off: bool,
    ) {
        let request = ModelSend {
            role: Role::Customer,
            author: CUSTOMERS[customer],
            typed: TEXTS[test_draft.text],
            key: test_draft.key,
            seen: test_draft.seen,
            only_if_latest: test_draft.only_if_latest,
            automatic: test_draft.automatic,
            booking: Some(snapshot(target, customer)),
            messaging_off,
        };
        let now = self.now();
        let expected = self.models[target.location].send(target.booking_id(), request, now);
        let messaging = if messaging_off { Messaging::Off } else { Messaging::On };
        let desk = self.customer(target, customer).with_messaging(messaging);
        let sent = desk.send(draft(test_draft)).await.map_err(|error| model_error(&error));
        assert_eq!(
            sent.map(|sent| (sent.number().get(), sent.is_replayed())),
            expected,
            "the result of sending"
        );
    }

    pub(crate) async fn reply(
        &mut self,
        target: Target,
        operator: usize,
        test_draft: TestDraft,
    ) -> Option<Sent> {
        let request = ModelSend {
            role: Role::Operator,
            author: OPERATORS[operator],
            typed: TEXTS[test_draft.text],
            key: test_draft.key,
            seen: test_draft.seen,
            only_if_latest: test_draft.only_if_latest,
            automatic: test_draft.automatic,
            booking: None,
            messaging_off: false,
        };
        let now = self.now();
        let expected = self.models[target.location].send(target.booking_id(), request, now);
        let desk = self.operator(target.location, operator);
        let sent = desk.reply(&booking_id(target.booking_id()), draft(test_draft)).await;
        if let Ok(sent) = &sent {
            assert_eq!(Some(&sent.thread), self.head(target).await.as_ref(), "the reply's thread");
            let stored = self.at(target.location).messages(target.booking_id()).await;
            assert!(stored.contains(&sent.message), "the reply is not stored");
        }
        let found = sent.as_ref().map(|sent| (sent.number().get(), sent.is_replayed()));
        assert_eq!(found.map_err(model_error), expected, "the result of replying");
        sent.ok()
    }

    /// Sends a reply from a client's open conversation. The conversation shows the reply without
    /// waiting for the next poll.
    pub(crate) async fn reply_on_screen(&mut self, client: usize, text: usize) {
        let OperatorClient { location, operator, .. } = self.operators[client];
        let Some(open) = self.operators[client].open_thread() else { return };
        let booking = BOOKINGS.iter().position(|id| *id == open.booking.as_str()).unwrap();
        let test_draft = TestDraft {
            text,
            key: None,
            seen: Some(open.shown.get()),
            only_if_latest: false,
            automatic: false,
        };
        let target = Target { location, booking };
        let Some(sent) = self.reply(target, operator, test_draft).await else { return };
        self.operators[client].open.as_mut().unwrap().insert(&sent);
    }

    pub(crate) async fn open(&mut self, target: Target, operator: usize) -> Option<Conversation> {
        let now = self.now();
        let model = &mut self.models[target.location];
        let first_unread = model.first_unread(target.booking_id(), Role::Operator);
        let expected = model.read_after(target.booking_id(), Role::Operator, None, now);
        let desk = self.operator(target.location, operator);
        let answer = desk.open(&booking_id(target.booking_id())).await;
        let Ok(conversation) = answer else {
            assert!(matches!(answer, Err(DeskError::NotFound)), "{answer:?}");
            let model = &self.models[target.location];
            assert!(
                model.thread(target.booking_id()).is_none(),
                "an existing thread was not found"
            );
            return None;
        };
        assert_eq!(
            Some(&conversation.thread),
            self.head(target).await.as_ref(),
            "the opened thread"
        );
        assert_messages(&conversation.messages, &expected);
        let found = conversation.first_unread.map(MessageNumber::get);
        assert_eq!(found, first_unread, "U3: the first unread message");
        Some(conversation)
    }

    pub(crate) async fn customer_open(
        &mut self,
        target: Target,
        customer: usize,
    ) -> (CustomerConversation, Vec<ModelMessage>) {
        let now = self.now();
        let model = &mut self.models[target.location];
        let first_unread = model.first_unread(target.booking_id(), Role::Customer);
        let expected = model.read_after(target.booking_id(), Role::Customer, None, now);
        let answer = self.customer(target, customer).open().await.unwrap();
        let view = self.view(&answer);
        self.assert_view(target, &view, &expected);
        let found = view.first_unread.map(MessageNumber::get);
        assert_eq!(found, first_unread, "U3: the first unread message");
        (answer, expected)
    }

    pub(crate) async fn mark(&mut self, target: Target, operator: usize, at: u32, unread: bool) {
        let now = self.now();
        let model = &mut self.models[target.location];
        let expected = model.mark(target.booking_id(), Role::Operator, at, unread, now);
        let desk = self.operator(target.location, operator);
        let booking = booking_id(target.booking_id());
        let marked = if unread {
            desk.mark_unread(&booking, number(at)).await
        } else {
            desk.mark_read(&booking, number(at)).await
        };
        if let Ok(thread) = &marked {
            assert_eq!(Some(thread), self.head(target).await.as_ref(), "the marked thread");
        }
        assert_eq!(
            marked.map(drop).map_err(|error| model_error(&error)),
            expected,
            "the result of marking"
        );
    }

    pub(crate) async fn customer_mark_read(&mut self, target: Target, customer: usize, at: u32) {
        let now = self.now();
        let model = &mut self.models[target.location];
        let expected = model.mark(target.booking_id(), Role::Customer, at, false, now);
        let marked = self.customer(target, customer).mark_read(number(at)).await;
        let thread = self.models[target.location].thread(target.booking_id());
        let unread = thread.map(|thread| thread.unread(Role::Customer));
        assert_eq!(
            marked.map(|unread| unread as usize).map_err(|error| model_error(&error)),
            expected.map(|()| unread.unwrap()),
            "the result of marking as a customer"
        );
    }

    pub(crate) async fn mark_answered(&mut self, target: Target, operator: usize, at: u32) {
        let expected = self.models[target.location].mark_answered(target.booking_id(), at);
        let desk = self.operator(target.location, operator);
        let marked = desk.mark_answered(&booking_id(target.booking_id()), number(at)).await;
        if let Ok(thread) = &marked {
            assert_eq!(Some(thread), self.head(target).await.as_ref(), "the answered thread");
        }
        let marked = marked.map(drop).map_err(|error| model_error(&error));
        assert_eq!(marked, expected, "the result of marking as answered");
    }

    pub(crate) async fn redact(&mut self, target: Target, operator: Option<usize>, at: u32) {
        let expected = self.models[target.location].redact(target.booking_id(), at);
        let (booking, at) = (booking_id(target.booking_id()), number(at));
        let redacted = match operator {
            Some(operator) => self.operator(target.location, operator).redact(&booking, at).await,
            None => self.at(target.location).admin().redact(&booking, at).await,
        };
        let redacted = redacted.map_err(|error| model_error(&error));
        assert_eq!(redacted, expected, "the result of redacting");
    }

    /// Reads a page of the history as a customer or an operator.
    pub(crate) async fn history(
        &self,
        target: Target,
        role: Role,
        before: Option<u32>,
        limit: usize,
    ) {
        let model = &self.models[target.location];
        let mut expected = model.messages(target.booking_id());
        expected.retain(|message| before.is_none_or(|before| message.number < before));
        expected.drain(..expected.len().saturating_sub(limit));
        let before = before.map(number);
        if role == Role::Customer {
            let fixture = self.at(target.location);
            let context = fixture.desk.view_context(&UtcOffset::UTC, &English);
            match self.customer(target, 0).history(before, limit).await {
                Ok(history) => self.assert_view(target, &history.view(&context), &expected),
                Err(error) => assert_eq!((model_error(&error), limit), (ModelError::PageLimit, 0)),
            }
            return;
        }
        let desk = self.operator(target.location, 0);
        match desk.history(&booking_id(target.booking_id()), before, limit).await {
            Ok(history) => {
                assert_messages(&history.messages, &expected);
                let first_unread = model.first_unread(target.booking_id(), Role::Operator);
                let found = history.first_unread.map(MessageNumber::get);
                assert_eq!(found, first_unread, "U3: the first unread message");
            }
            Err(error) if limit == 0 => assert_eq!(model_error(&error), ModelError::PageLimit),
            Err(error) => {
                assert_eq!(model_error(&error), ModelError::NotFound);
                assert!(
                    model.thread(target.booking_id()).is_none(),
                    "an existing thread was not found"
                );
            }
        }
    }
}

#[track_caller]
pub(crate) fn model_error(error: &DeskError) -> ModelError {
    match error {
        DeskError::NotFound => ModelError::NotFound,
        DeskError::Body(BodyError::Blank) => ModelError::Blank,
        DeskError::MessagingOff => ModelError::MessagingOff,
        DeskError::KeyReused => ModelError::KeyReused,
        DeskError::NoSuchMessage { .. } => ModelError::NoSuchMessage,
        DeskError::NotLatest(newer) => ModelError::NotLatest(newer.messages.len()),
        DeskError::PageLimit { .. } => ModelError::PageLimit,
        DeskError::ImportOutOfOrder(refused) => ModelError::OutOfOrder(refused.position),
        DeskError::ThreadErased => ModelError::ThreadErased,
        other => panic!("the reference implementation has no error for {other:?}"),
    }
}
