//! What can be done, and how often each of it comes up.

use frontdesk::{Booking, Draft, Role};
use proptest::prelude::*;

use crate::support::{at, booking_id, key, number};

pub(crate) const PLACES: [&str; 2] = ["harbour", "lake"];
/// The same in both places.
pub(crate) const BOOKINGS: [&str; 3] = ["b-2", "b-1", "B-3"];
pub(crate) const CUSTOMERS: [&str; 2] = ["c-1", "c-2"];
pub(crate) const OPERATORS: [&str; 2] = ["u-1", "u-2"];
/// The first three are one text, after T1; the fourth is blank.
pub(crate) const TEXTS: [&str; 6] =
    ["Two\nlines", "Two\r\nlines", " Two\nlines \r\n", " \r\n", "<b>👩‍👩‍👧‍👦 é</b>", "On our way!"];

/// Which booking of which place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spot(pub(crate) usize, pub(crate) usize);

impl Spot {
    pub(crate) fn booking(self) -> &'static str {
        BOOKINGS[self.1]
    }
}

/// A draft: a text of `TEXTS`, a key of a small pool, and what its writer saw.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Typed {
    pub(crate) text: usize,
    pub(crate) key: Option<u8>,
    pub(crate) seen: Option<u32>,
}

#[derive(Debug, Clone)]
pub(crate) enum Op {
    Send {
        spot: Spot,
        customer: usize,
        typed: Typed,
        off: bool,
    },
    Reply {
        spot: Spot,
        operator: usize,
        typed: Typed,
    },
    /// What a dashboard's operator writes under the open conversation.
    Answer {
        dashboard: usize,
        text: usize,
    },
    /// The last draft with a key once more.
    Again,
    Start {
        spot: Spot,
        operator: usize,
    },
    Open {
        spot: Spot,
        operator: usize,
    },
    Visit {
        spot: Spot,
        customer: usize,
    },
    Mark {
        spot: Spot,
        operator: usize,
        number: u32,
        unread: bool,
    },
    Look {
        spot: Spot,
        by: Role,
        before: Option<u32>,
        limit: usize,
    },
    Refresh {
        spot: Spot,
        version: usize,
    },
    Erase {
        spot: Spot,
    },
    EraseIdle {
        spot: Spot,
    },
    /// The next page of a dashboard's list, or the first again.
    Page {
        dashboard: usize,
        size: usize,
    },
    /// Has a dashboard open a conversation, or begin to poll one from nothing.
    Show {
        dashboard: usize,
        booking: Option<usize>,
        open: bool,
    },
    Poll {
        dashboard: usize,
    },
    Revisit {
        portal: usize,
    },
    CustomerPoll {
        portal: usize,
    },
    Clock {
        seconds: i64,
    },
    /// A backup was restored, as far as cursors can tell.
    Epoch,
}

pub(crate) fn spot() -> impl Strategy<Value = Spot> {
    // Mostly one thread, so that much happens in it.
    (prop_oneof![4 => Just(0), 1 => Just(1)], prop_oneof![4 => Just(0), 2 => Just(1), 1 => Just(2)])
        .prop_map(|(place, booking)| Spot(place, booking))
}

pub(crate) fn typed() -> impl Strategy<Value = Typed> {
    let key = prop_oneof![2 => Just(None), 1 => (0..2_u8).prop_map(Some)];
    let seen = prop_oneof![2 => Just(None), 1 => (0..12_u32).prop_map(Some)];
    (0..TEXTS.len(), key, seen).prop_map(|(text, key, seen)| Typed { text, key, seen })
}

pub(crate) fn op() -> impl Strategy<Value = Op> {
    let (two, three) = (0..2_usize, 0..3_usize);
    let off = prop_oneof![7 => Just(false), 1 => Just(true)];
    let role = prop_oneof![Just(Role::Customer), Just(Role::Operator)];
    let before = proptest::option::of(0..12_u32);
    prop_oneof![
        8 => (spot(), two.clone(), typed(), off).prop_map(|(spot, customer, typed, off)| Op::Send {
            spot, customer, typed, off,
        }),
        8 => (spot(), two.clone(), typed()).prop_map(|(spot, operator, typed)| Op::Reply {
            spot, operator, typed,
        }),
        4 => (three.clone(), 0..TEXTS.len()).prop_map(|(dashboard, text)| Op::Answer {
            dashboard, text,
        }),
        3 => Just(Op::Again),
        2 => (spot(), two.clone()).prop_map(|(spot, operator)| Op::Start { spot, operator }),
        2 => (spot(), two.clone()).prop_map(|(spot, operator)| Op::Open { spot, operator }),
        2 => (spot(), two.clone()).prop_map(|(spot, customer)| Op::Visit { spot, customer }),
        4 => (spot(), two, 0..12_u32, any::<bool>())
            .prop_map(|(spot, operator, number, unread)| Op::Mark {
                spot, operator, number, unread,
            }),
        1 => (spot(), role, before, 0..4_usize).prop_map(|(spot, by, before, limit)| Op::Look {
            spot, by, before, limit,
        }),
        1 => (spot(), 0..6_usize).prop_map(|(spot, version)| Op::Refresh { spot, version }),
        2 => spot().prop_map(|spot| Op::Erase { spot }),
        1 => spot().prop_map(|spot| Op::EraseIdle { spot }),
        3 => (three.clone(), 1..4_usize).prop_map(|(dashboard, size)| Op::Page { dashboard, size }),
        6 => (three.clone(), proptest::option::weighted(0.9, three.clone()), any::<bool>())
            .prop_map(|(dashboard, booking, open)| Op::Show { dashboard, booking, open }),
        12 => three.clone().prop_map(|dashboard| Op::Poll { dashboard }),
        1 => three.clone().prop_map(|portal| Op::Revisit { portal }),
        8 => three.prop_map(|portal| Op::CustomerPoll { portal }),
        4 => (-60..120_i64).prop_map(|seconds| Op::Clock { seconds }),
        1 => Just(Op::Epoch),
    ]
}

pub(crate) fn snapshot(spot: Spot, version: usize) -> Booking {
    Booking::new(booking_id(spot.booking()), "K7Q2-XH41", format!("Tour {version}"), at(0))
}

#[track_caller]
pub(crate) fn draft(typed: Typed) -> Draft {
    let mut draft = Draft::new(TEXTS[typed.text]);
    draft.key = typed.key.map(|text| key(&format!("key {text}")));
    draft.seen = typed.seen.map(number);
    draft
}
