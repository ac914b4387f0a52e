//! Only messages move a thread (L1).

use std::cmp::Ordering;

use frontdesk::inbox::{InboxPosition, by_recency};
use frontdesk::{BookingStatus, Message, Role};
use proptest::prelude::*;
use proptest::sample::select;

use crate::{booking, empty_thread, post, time};

proptest! {
    /// L1: reading, marking as unread and refreshing the booking do not move a thread. A message
    /// moves the thread to the time of the message, and never down the list.
    #[test]
    fn l1_only_messages_move_a_thread(
        steps in prop::collection::vec(
            (
                0..5_u8,
                select(&[Role::Customer, Role::Operator][..]),
                any::<prop::sample::Index>(),
                0..9_u64,
            ),
            1..40,
        ),
    ) {
        let mut thread = empty_thread("b-1", time(2));
        let mut messages: Vec<Message> = Vec::new();
        for (step, role, index, minutes) in steps {
            let now = time(minutes);
            let position = InboxPosition::of(&thread);
            let next = match step {
                0 | 1 => {
                    let (next, message) = post(&thread, role, now);
                    prop_assert_eq!(next.active_at(), message.sent_at());
                    prop_assert_eq!(next.active_at(), now.max(thread.active_at()));
                    prop_assert!(InboxPosition::of(&next) <= position);
                    messages.push(message);
                    thread = next;
                    continue;
                }
                4 => {
                    let status = BookingStatus::from_word(minutes.to_string());
                    thread.update_booking(&booking("b-1").with_status(status).into())
                }
                _ if messages.is_empty() => continue,
                2 => thread.mark_read(role, index.get(&messages), now),
                _ => thread.mark_unread(role, index.get(&messages), now),
            };
            if let Some(next) = next {
                prop_assert_eq!(InboxPosition::of(&next), position);
                prop_assert_eq!(by_recency(&next, &thread), Ordering::Equal);
                thread = next;
            }
        }
        prop_assert_eq!(thread.message_count() as usize, messages.len());
    }
}
