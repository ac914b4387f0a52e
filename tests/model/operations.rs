//! The operations of a random sequence and their frequencies.

use frontdesk::{Booking, Draft, Role};
use proptest::prelude::*;

use crate::imports::{TestImport, test_import};
use crate::support::{at, booking_id, key, number};

pub(crate) const LOCATIONS: [&str; 2] = ["harbour", "lake"];
/// The booking ids that both locations use.
pub(crate) const BOOKINGS: [&str; 3] = ["b-2", "b-1", "B-3"];
pub(crate) const CUSTOMERS: [&str; 2] = ["c-1", "c-2"];
pub(crate) const OPERATORS: [&str; 2] = ["u-1", "u-2"];
/// The texts of drafts. The first three become the same body (T1). The fourth is rejected as blank
/// (T2).
pub(crate) const TEXTS: [&str; 6] =
    ["Two\nlines", "Two\r\nlines", " Two\nlines \r\n", " \r\n", "<b>👩‍👩‍👧‍👦 é</b>", "On our way!"];

/// The thread that an operation addresses: an index into `LOCATIONS` and an index into `BOOKINGS`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    pub(crate) location: usize,
    pub(crate) booking: usize,
}

impl Target {
    pub(crate) fn booking_id(self) -> &'static str {
        BOOKINGS[self.booking]
    }
}

/// A draft: an index into `TEXTS`, an optional idempotency key, and optionally the number of the
/// last message that the sender's screen showed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TestDraft {
    pub(crate) text: usize,
    pub(crate) key: Option<u8>,
    pub(crate) seen: Option<u32>,
    pub(crate) only_if_latest: bool,
    pub(crate) automatic: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum Operation {
    Send {
        target: Target,
        customer: usize,
        draft: TestDraft,
        messaging_off: bool,
    },
    Reply {
        target: Target,
        operator: usize,
        draft: TestDraft,
    },
    /// An operator's client replies in its open conversation.
    ReplyOnScreen {
        client: usize,
        text: usize,
    },
    /// The last draft with an idempotency key is sent again.
    Retry,
    Start {
        target: Target,
        operator: usize,
    },
    Open {
        target: Target,
        operator: usize,
    },
    CustomerOpen {
        target: Target,
        customer: usize,
    },
    Mark {
        target: Target,
        operator: usize,
        number: u32,
        unread: bool,
    },
    CustomerMarkRead {
        target: Target,
        customer: usize,
        number: u32,
    },
    MarkAnswered {
        target: Target,
        operator: usize,
        number: u32,
    },
    /// An operator or, if `operator` is `None`, the host application redacts a message.
    Redact {
        target: Target,
        operator: Option<usize>,
        number: u32,
    },
    History {
        target: Target,
        role: Role,
        before: Option<u32>,
        limit: usize,
    },
    Refresh {
        target: Target,
        version: usize,
    },
    Erase {
        target: Target,
    },
    EraseIfIdle {
        target: Target,
    },
    Import {
        target: Target,
        import: TestImport,
    },
    /// An operator's client loads the next page of its list, or the first page again after the last
    /// one.
    LoadPage {
        client: usize,
        size: usize,
    },
    /// An operator's client selects a conversation. If `open` is `true`, the client opens the
    /// conversation. Otherwise, the client's next poll returns the conversation from the beginning.
    Select {
        client: usize,
        booking: Option<usize>,
        open: bool,
    },
    Poll {
        client: usize,
    },
    /// A customer's client opens its conversation again.
    Reopen {
        client: usize,
    },
    CustomerPoll {
        client: usize,
    },
    AdvanceClock {
        seconds: i64,
    },
    /// The host application sets another epoch, as after a restored backup.
    ChangeEpoch,
}

/// Generates a target. The first thread is more frequent than the others, so that many operations
/// of a sequence affect the same thread.
fn target() -> impl Strategy<Value = Target> {
    let location = prop_oneof![4 => Just(0), 1 => Just(1)];
    let booking = prop_oneof![4 => Just(0), 2 => Just(1), 1 => Just(2)];
    (location, booking).prop_map(|(location, booking)| Target { location, booking })
}

fn test_draft() -> impl Strategy<Value = TestDraft> {
    let key = prop_oneof![2 => Just(None), 1 => (0..2_u8).prop_map(Some)];
    let seen = prop_oneof![2 => Just(None), 1 => (0..12_u32).prop_map(Some)];
    let (latest, automatic) = (prop::bool::weighted(0.15), prop::bool::weighted(0.15));
    (0..TEXTS.len(), key, seen, latest, automatic).prop_map(
        |(text, key, seen, only_if_latest, automatic)| TestDraft {
            text,
            key,
            seen,
            only_if_latest,
            automatic,
        },
    )
}

/// Generates one operation. The number before each kind of operation is its relative frequency.
pub(crate) fn operation() -> impl Strategy<Value = Operation> {
    use Operation::{
        AdvanceClock, ChangeEpoch, CustomerMarkRead, CustomerOpen, CustomerPoll, Erase,
        EraseIfIdle, History, Import, LoadPage, Mark, MarkAnswered, Open, Poll, Redact, Refresh,
        Reopen, Reply, ReplyOnScreen, Retry, Select, Send, Start,
    };
    let (two, client) = (0..2_usize, 0..3_usize);
    let off = prop_oneof![7 => Just(false), 1 => Just(true)];
    let role = prop_oneof![Just(Role::Customer), Just(Role::Operator)];
    let before = proptest::option::of(0..12_u32);
    let selected = proptest::option::weighted(0.9, 0..BOOKINGS.len());
    prop_oneof![
        8 => (target(), two.clone(), test_draft(), off).prop_map(
            |(target, customer, draft, messaging_off)| Send { target, customer, draft, messaging_off }
        ),
        8 => (target(), two.clone(), test_draft())
            .prop_map(|(target, operator, draft)| Reply { target, operator, draft }),
        4 => (client.clone(), 0..TEXTS.len())
            .prop_map(|(client, text)| ReplyOnScreen { client, text }),
        3 => Just(Retry),
        2 => (target(), two.clone()).prop_map(|(target, operator)| Start { target, operator }),
        2 => (target(), two.clone()).prop_map(|(target, operator)| Open { target, operator }),
        2 => (target(), two.clone())
            .prop_map(|(target, customer)| CustomerOpen { target, customer }),
        4 => (target(), two.clone(), 0..12_u32, any::<bool>()).prop_map(
            |(target, operator, number, unread)| Mark { target, operator, number, unread }
        ),
        1 => (target(), two.clone(), 0..12_u32).prop_map(
            |(target, customer, number)| CustomerMarkRead { target, customer, number }
        ),
        3 => (target(), two, 0..12_u32)
            .prop_map(|(target, operator, number)| MarkAnswered { target, operator, number }),
        3 => (target(), proptest::option::of(0..2_usize), 0..12_u32)
            .prop_map(|(target, operator, number)| Redact { target, operator, number }),
        1 => (target(), role, before, 0..4_usize)
            .prop_map(|(target, role, before, limit)| History { target, role, before, limit }),
        1 => (target(), 0..6_usize).prop_map(|(target, version)| Refresh { target, version }),
        2 => target().prop_map(|target| Erase { target }),
        1 => target().prop_map(|target| EraseIfIdle { target }),
        5 => (target(), test_import()).prop_map(|(target, import)| Import { target, import }),
        3 => (client.clone(), 1..4_usize).prop_map(|(client, size)| LoadPage { client, size }),
        6 => (client.clone(), selected, any::<bool>())
            .prop_map(|(client, booking, open)| Select { client, booking, open }),
        12 => client.clone().prop_map(|client| Poll { client }),
        1 => client.clone().prop_map(|client| Reopen { client }),
        8 => client.prop_map(|client| CustomerPoll { client }),
        4 => (-60..120_i64).prop_map(|seconds| AdvanceClock { seconds }),
        1 => Just(ChangeEpoch),
    ]
}

/// Returns a snapshot of a target's booking. The activity differs in each version. The host
/// application of this model leaves out the lowest version.
pub(crate) fn snapshot(target: Target, version: usize) -> Booking {
    let id = booking_id(target.booking_id());
    let booking = Booking::new(id, "K7Q2-XH41", format!("Tour {version}")).with_start(at(0));
    if version == 0 { booking } else { booking.with_version(version as u64) }
}

#[track_caller]
pub(crate) fn draft(test_draft: TestDraft) -> Draft {
    let mut draft = Draft::new(TEXTS[test_draft.text]);
    draft.key = test_draft.key.map(|text| key(&format!("key {text}")));
    draft.seen = test_draft.seen.map(number);
    draft.only_if_latest = test_draft.only_if_latest;
    draft.automatic = test_draft.automatic;
    draft
}
