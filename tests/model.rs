//! Random sequences of everything that can be done through the handles, held
//! against the naive model in `support/rules.rs` after each step: U1 to U4, I2 to
//! I4, W3, L1 to L5, P2, P3, P5, P6 and P7.

mod support;

use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use frontdesk::desk::{
    Conversation, CustomerAnswer, CustomerCursor, CustomerPoll, Event, MAX_BEHIND, MAX_PAGE,
    Messaging, OpenThread, OperatorPoll, OperatorUpdate, PageCursor, PageRequest, PollCursor, Sent,
};
use frontdesk::inbox::InboxList;
use frontdesk::store::{Direction, Filter, MemoryStore, Revision, ThreadState, ThreadStore};
use frontdesk::view::{CustomerConversation, English};
use frontdesk::{
    BodyError, Booking, BookingId, CustomerDesk, DeskError, Draft, FrontDesk, LocationId, Message,
    MessageBody, MessageNumber, OperatorDesk, Preview, Role, Thread, ThreadId, Timestamp,
};
use futures::executor::block_on;
use proptest::prelude::*;
use support::naive::NaiveStore;
use support::rules::{Place, Refusal, Said, Sending, Slot, Talk, Told};
use support::{at, booking, booking_id, key, number, place, who};
use time::UtcOffset;

const PLACES: [&str; 2] = ["harbour", "lake"];
/// The same in both places.
const BOOKINGS: [&str; 3] = ["b-2", "b-1", "B-3"];
const CUSTOMERS: [&str; 2] = ["c-1", "c-2"];
const OPERATORS: [&str; 2] = ["u-1", "u-2"];
/// The first three are one text, after T1; the fourth is blank.
const TEXTS: [&str; 6] =
    ["Two\nlines", "Two\r\nlines", " Two\nlines \r\n", " \r\n", "<b>👩‍👩‍👧‍👦 é</b>", "On our way!"];
const WHOLE: RangeInclusive<MessageNumber> = MessageNumber::START..=MessageNumber::MAX;
const ALL: usize = usize::MAX;

// ---------------------------------------------------------------- operations

/// Which booking of which place.
#[derive(Debug, Clone, Copy)]
struct Spot(usize, usize);

impl Spot {
    fn booking(self) -> &'static str {
        BOOKINGS[self.1]
    }
}

/// A draft: a text of `TEXTS`, a key of a small pool, and what its writer saw.
#[derive(Debug, Clone, Copy)]
struct Typed {
    text: usize,
    key: Option<u8>,
    seen: Option<u32>,
}

#[derive(Debug, Clone)]
enum Op {
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

fn spot() -> impl Strategy<Value = Spot> {
    // Mostly one thread, so that much happens in it.
    (prop_oneof![4 => Just(0), 1 => Just(1)], prop_oneof![4 => Just(0), 2 => Just(1), 1 => Just(2)])
        .prop_map(|(place, booking)| Spot(place, booking))
}

fn typed() -> impl Strategy<Value = Typed> {
    let key = prop_oneof![2 => Just(None), 1 => (0..2_u8).prop_map(Some)];
    let seen = prop_oneof![2 => Just(None), 1 => (0..12_u32).prop_map(Some)];
    (0..TEXTS.len(), key, seen).prop_map(|(text, key, seen)| Typed { text, key, seen })
}

fn op() -> impl Strategy<Value = Op> {
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

// ---------------------------------------------------------------- clients

/// What an operator's browser has built of pages and polls.
struct Dashboard {
    place: usize,
    operator: usize,
    list: InboxList<Thread>,
    unread: u64,
    cursor: PollCursor,
    /// Where the walk through the pages goes on; none when it is through.
    next: Option<(PageCursor, Thread)>,
    /// What the walk's first page said that polling goes on from.
    walk: PollCursor,
    /// What was open at the last poll.
    polled: Option<OpenThread>,
    /// How many commits the cursor has seen, and which epoch it is of.
    commits: u64,
    epoch: u64,
    open: Option<Screen>,
}

/// An open conversation on a screen: nothing yet where it was never opened, and
/// no longer anything where it was erased.
struct Screen {
    booking: BookingId,
    conversation: Option<Conversation>,
    shown: MessageNumber,
}

impl Screen {
    #[track_caller]
    fn new(booking: &str) -> Self {
        let shown = MessageNumber::START;
        Self { booking: booking_id(booking), conversation: None, shown }
    }

    fn take_in(&mut self, newer: Conversation) {
        self.shown = newer.to_open().shown;
        match &mut self.conversation {
            Some(conversation) => conversation.apply(newer),
            None => self.conversation = Some(newer),
        }
    }
}

impl Dashboard {
    fn opened(&self) -> Option<OpenThread> {
        let open = self.open.as_ref()?;
        Some(OpenThread { booking: open.booking.clone(), shown: open.shown })
    }

    fn apply(&mut self, update: OperatorUpdate) {
        update.apply_to(&mut self.list);
        for tombstone in &update.erased {
            let gone = self.open.as_mut().filter(|open| open.booking == *tombstone.booking());
            if let Some(open) = gone {
                open.conversation = None;
            }
        }
        if let (Some(newer), Some(open)) = (update.conversation, &mut self.open) {
            open.take_in(newer);
        }
        self.unread = update.unread;
        self.cursor = update.cursor;
    }
}

/// What a customer's browser has built of visits and polls.
struct Portal {
    spot: Spot,
    customer: usize,
    cursor: CustomerCursor,
    shown: u32,
    epoch: u64,
    /// Number, side and text.
    entries: Vec<(u32, Role, String)>,
}

fn entries(conversation: &CustomerConversation) -> Vec<(u32, Role, String)> {
    let entries = conversation.sections.iter().flat_map(|section| &section.entries);
    entries.map(|entry| (entry.number.get(), entry.side, entry.text.as_str().to_owned())).collect()
}

fn shown_of(messages: &[Said]) -> Vec<(u32, Role, String)> {
    messages.iter().map(|said| (said.number, said.role, said.text.clone())).collect()
}

// ---------------------------------------------------------------- the world

struct World {
    store: Arc<dyn ThreadStore>,
    clock: Arc<AtomicI64>,
    told: Arc<Mutex<Vec<Event>>>,
    epoch: u64,
    places: [Place; 2],
    dashboards: Vec<Dashboard>,
    portals: Vec<Portal>,
    last_keyed: Option<Op>,
}

impl World {
    async fn over(store: Arc<dyn ThreadStore>) -> Self {
        let mut world = Self {
            store,
            clock: Arc::new(AtomicI64::new(at(0).unix_micros())),
            told: Arc::default(),
            epoch: 0,
            places: [Place::default(), Place::default()],
            dashboards: Vec::new(),
            portals: Vec::new(),
            last_keyed: None,
        };
        for (place, operator) in [(0, 0), (0, 1), (1, 0)] {
            let dashboard = world.dashboard(place, operator).await;
            world.dashboards.push(dashboard);
        }
        for (spot, customer) in [(Spot(0, 0), 0), (Spot(0, 0), 1), (Spot(1, 1), 0)] {
            let portal = world.portal(spot, customer).await;
            world.portals.push(portal);
        }
        world
    }

    // -------- handles

    fn desk(&self) -> FrontDesk {
        let (clock, told) = (Arc::clone(&self.clock), Arc::clone(&self.told));
        FrontDesk::builder(Arc::clone(&self.store))
            .clock(move || Timestamp::saturating_from_unix_micros(clock.load(SeqCst)))
            .listener(move |event: &Event| told.lock().unwrap().push(event.clone()))
            .epoch(self.epoch)
            .build()
    }

    fn now(&self) -> Timestamp {
        self.desk().now()
    }

    fn operator(&self, place_at: usize, operator: usize) -> OperatorDesk {
        self.desk().operator(place(PLACES[place_at]), who(OPERATORS[operator]), None)
    }

    fn customer(&self, spot: Spot, customer: usize) -> CustomerDesk {
        let snapshot = snapshot(spot, customer);
        self.desk().customer(place(PLACES[spot.0]), snapshot, who(CUSTOMERS[customer]), None)
    }

    async fn dashboard(&self, place: usize, operator: usize) -> Dashboard {
        let page = self.operator(place, operator).inbox(&PageRequest::first(200)).await.unwrap();
        assert_eq!(page.next, None);
        Dashboard {
            place,
            operator,
            list: page.threads.into_iter().collect(),
            unread: page.unread,
            walk: page.cursor.clone(),
            cursor: page.cursor,
            polled: None,
            next: None,
            commits: self.places[place].commits,
            epoch: self.epoch,
            open: None,
        }
    }

    async fn portal(&mut self, spot: Spot, customer: usize) -> Portal {
        let (answer, new) = self.visit(spot, customer).await;
        let cursor = answer.cursor().clone();
        let shown = self.places[spot.0].slots.get(spot.booking()).map_or(0, |slot| slot.last);
        let (epoch, entries) = (self.epoch, shown_of(&new));
        Portal { spot, customer, cursor, shown, epoch, entries }
    }

    // -------- steps

    /// Does one thing to the crate and to the model, and compares the answers.
    async fn step(&mut self, op: Op) {
        match op {
            Op::Send { spot, customer, typed, off } => {
                self.keep_if_keyed(&op, typed);
                self.send(spot, customer, typed, off).await;
            }
            Op::Reply { spot, operator, typed } => {
                self.keep_if_keyed(&op, typed);
                drop(self.reply(spot, operator, typed).await);
            }
            Op::Answer { dashboard, text } => self.answer(dashboard, text).await,
            Op::Again => match self.last_keyed.clone() {
                Some(Op::Send { spot, customer, typed, off }) => {
                    self.send(spot, customer, typed, off).await;
                }
                Some(Op::Reply { spot, operator, typed }) => {
                    drop(self.reply(spot, operator, typed).await);
                }
                _ => {}
            },
            Op::Start { spot, operator } => {
                let snapshot = snapshot(spot, operator + 2);
                let now = self.now();
                self.places[spot.0].start(snapshot.clone(), now);
                let thread = self.operator(spot.0, operator).start(snapshot).await.unwrap();
                assert_eq!(Some(thread), self.head(spot).await, "the answer is the head");
            }
            Op::Open { spot, operator } => drop(self.open(spot, operator).await),
            Op::Visit { spot, customer } => drop(self.visit(spot, customer).await),
            Op::Mark { spot, operator, number, unread } => {
                self.mark(spot, operator, number, unread).await;
            }
            Op::Look { spot, by, before, limit } => self.look(spot, by, before, limit).await,
            Op::Refresh { spot, version } => {
                let snapshot = snapshot(spot, version);
                let expected = self.places[spot.0].refresh(&snapshot);
                let location = self.desk().location(place(PLACES[spot.0]));
                assert_eq!(location.refresh(&snapshot).await.unwrap(), expected, "refreshed");
            }
            Op::Erase { spot } => {
                let expected = self.places[spot.0].erase(spot.booking());
                let location = self.desk().location(place(PLACES[spot.0]));
                let erased = location.erase(&booking_id(spot.booking())).await.unwrap();
                assert_eq!(erased, expected, "erased");
            }
            Op::EraseIdle { spot } => {
                let now = self.now();
                let model = &mut self.places[spot.0];
                let idle = model.talk(spot.booking()).is_some_and(|talk| talk.active_at() < now);
                let expected = idle && model.erase(spot.booking());
                let location = self.desk().location(place(PLACES[spot.0]));
                let condition = |thread: &Thread| thread.active_at() < now;
                let erased = location.erase_if(&booking_id(spot.booking()), condition).await;
                assert_eq!(erased.unwrap(), expected, "erased what was idle");
            }
            Op::Page { dashboard, size } => self.page(dashboard, size).await,
            Op::Show { dashboard, booking, open } => self.show(dashboard, booking, open).await,
            Op::Poll { dashboard } => self.poll(dashboard).await,
            Op::Revisit { portal } => {
                let Portal { spot, customer, .. } = self.portals[portal];
                self.portals[portal] = self.portal(spot, customer).await;
            }
            Op::CustomerPoll { portal } => self.customer_poll(portal).await,
            Op::Clock { seconds } => drop(self.clock.fetch_add(seconds * 1_000_000, SeqCst)),
            Op::Epoch => self.epoch += 1,
        }
    }

    fn keep_if_keyed(&mut self, op: &Op, typed: Typed) {
        if typed.key.is_some() {
            self.last_keyed = Some(op.clone());
        }
    }

    async fn send(&mut self, spot: Spot, customer: usize, typed: Typed, off: bool) {
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

    async fn reply(&mut self, spot: Spot, operator: usize, typed: Typed) -> Option<Sent> {
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
    async fn answer(&mut self, index: usize, text: usize) {
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

    async fn open(&mut self, spot: Spot, operator: usize) -> Option<Conversation> {
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

    async fn visit(&mut self, spot: Spot, customer: usize) -> (CustomerAnswer, Vec<Said>) {
        let now = self.now();
        let expected = self.places[spot.0].show(spot.booking(), Role::Customer, None, now);
        let answer = self.customer(spot, customer).visit().await.unwrap();
        self.assert_view(spot, &self.view(&answer), &expected);
        (answer, expected)
    }

    async fn mark(&mut self, spot: Spot, operator: usize, asked: u32, unread: bool) {
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

    async fn look(&self, spot: Spot, by: Role, before: Option<u32>, limit: usize) {
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

    /// L2: walks on, or begins to walk, a dashboard's list.
    async fn page(&mut self, dashboard: usize, size: usize) {
        let Dashboard { place, operator, .. } = self.dashboards[dashboard];
        let (model, desk) = (&self.places[place], self.operator(place, operator));
        let dashboard = &mut self.dashboards[dashboard];
        let mut expected = model.inbox();
        let request = match dashboard.next.take() {
            Some((cursor, last)) => {
                let position = (last.active_at(), last.id().booking.as_str());
                expected.retain(|(booking, talk)| {
                    talk.active_at() < position.0
                        || talk.active_at() == position.0 && *booking > position.1
                });
                PageRequest::after(through_text(&cursor), size)
            }
            None => PageRequest::first(size),
        };
        let is_first = request == PageRequest::first(size);
        let page = desk.inbox(&request).await.unwrap();

        let bookings: Vec<&str> = page.threads.iter().map(booking_of).collect();
        let first: Vec<&str> = expected.iter().take(size).map(|(booking, _)| *booking).collect();
        assert_eq!(bookings, first, "a page of {size}");
        assert_eq!(page.next.is_some(), expected.len() > size, "whether there is a next page");
        assert_eq!(page.unread, model.unread() as u64, "the page's unread number");

        if is_first {
            dashboard.list = InboxList::new();
            dashboard.walk = page.cursor.clone();
            dashboard.cursor = page.cursor.clone();
            dashboard.polled = None;
            dashboard.commits = model.commits;
            dashboard.epoch = self.epoch;
        }
        assert_eq!(page.cursor, dashboard.walk, "L2: a first poll starts from the first page");
        dashboard.next = page.next.map(|next| (next, page.threads[size - 1].clone()));
        dashboard.list.extend(page.threads);
    }

    /// Has a dashboard show another conversation.
    async fn show(&mut self, dashboard: usize, booking: Option<usize>, open: bool) {
        let Dashboard { place, operator, .. } = self.dashboards[dashboard];
        let mut screen = booking.map(|booking| Screen::new(BOOKINGS[booking]));
        if let (Some(screen), Some(booking), true) = (&mut screen, booking, open)
            && let Some(conversation) = self.open(Spot(place, booking), operator).await
        {
            screen.take_in(conversation);
        }
        self.dashboards[dashboard].open = screen;
    }

    async fn poll(&mut self, index: usize) {
        let now = self.now();
        let Dashboard { place, operator, epoch, commits, .. } = self.dashboards[index];
        let (desk, opened) = (self.operator(place, operator), self.dashboards[index].opened());
        let cursor: PollCursor = through_text(&self.dashboards[index].cursor);
        let answer = desk.poll(&cursor, opened.as_ref()).await.unwrap();
        let update = match answer {
            OperatorPoll::StartOver { .. } => {
                assert_ne!(epoch, self.epoch, "told to start over for nothing");
                self.dashboards[index] = self.dashboard(place, operator).await;
                return;
            }
            OperatorPoll::Update(update) => update,
        };
        assert_eq!(epoch, self.epoch, "a cursor of another epoch went on");

        let model = &mut self.places[place];
        let new = opened.as_ref().map_or(Vec::new(), |open| {
            model.show(open.booking.as_str(), Role::Operator, Some(open.shown.get()), now)
        });
        let changed = model.changed_since(commits);
        let just_opened = opened.as_ref().filter(|_| self.dashboards[index].polled != opened);
        assert_update(&update, &changed, just_opened, &new);
        let unread = model.unread() as u64;
        assert_eq!(update.unread, unread, "U4, as of after the poll's own mark");
        if let Some(conversation) = &update.conversation {
            let spot = Spot(place, booking_at(&conversation.thread));
            assert_eq!(Some(&conversation.thread), self.head(spot).await.as_ref());
        }

        let dashboard = &mut self.dashboards[index];
        dashboard.commits = self.places[place].commits;
        dashboard.polled = opened;
        dashboard.apply(update);
        self.assert_dashboard(&self.dashboards[index]).await;
    }

    async fn customer_poll(&mut self, index: usize) {
        let now = self.now();
        let Portal { spot, customer, shown, epoch, .. } = self.portals[index];
        let cursor: CustomerCursor = through_text(&self.portals[index].cursor);
        let answer = match self.customer(spot, customer).poll(&cursor).await.unwrap() {
            CustomerPoll::StartOver => {
                assert_ne!(epoch, self.epoch, "told to start over for nothing");
                self.portals[index] = self.portal(spot, customer).await;
                return;
            }
            CustomerPoll::Update(answer) => answer,
        };
        assert_eq!(epoch, self.epoch, "a cursor of another epoch went on");
        let model = &mut self.places[spot.0];
        let new = model.show(spot.booking(), Role::Customer, Some(shown), now);
        self.assert_view(spot, &self.view(&answer), &new);

        assert_eq!(answer.is_started(), self.places[spot.0].talk(spot.booking()).is_some());

        let view = self.view(&answer);
        let model = &self.places[spot.0];
        let portal = &mut self.portals[index];
        portal.entries.retain(|(number, ..)| *number >= view.part.first_number.get());
        portal.entries.extend(entries(&view));
        portal.shown = model.slots.get(spot.booking()).map_or(0, |slot| slot.last);
        portal.cursor = answer.cursor().clone();
        let all = model.talk(spot.booking()).map_or(Vec::new(), |talk| talk.after(0));
        assert_eq!(portal.entries, shown_of(&all), "what the customer's screen shows");
    }

    // -------- comparing

    async fn head(&self, spot: Spot) -> Option<Thread> {
        let id = ThreadId::new(place(PLACES[spot.0]), booking_id(spot.booking()));
        self.store.thread(&id).await.unwrap()?.state.live().cloned()
    }

    async fn stored(&self, spot: Spot, range: RangeInclusive<MessageNumber>) -> Vec<Message> {
        let id = ThreadId::new(place(PLACES[spot.0]), booking_id(spot.booking()));
        self.store.messages(&id, range, ALL, Direction::OldestFirst).await.unwrap()
    }

    fn view(&self, answer: &CustomerAnswer) -> CustomerConversation {
        answer.view(&self.desk().screen(&UtcOffset::UTC, &English)).conversation
    }

    /// A customer's view has these messages, and the marks as they are.
    #[track_caller]
    fn assert_view(&self, spot: Spot, view: &CustomerConversation, expected: &[Said]) {
        assert_eq!(entries(view), shown_of(expected), "the customer's answer");
        let found = self.places[spot.0].slots.get(spot.booking());
        let (last, talk) = found.map_or((0, None), |slot| (slot.last, slot.talk.as_ref()));
        assert_eq!(view.part.first_number.get(), talk.map_or(last + 1, |talk| talk.first));
        assert_eq!(view.unread as usize, talk.map_or(0, |talk| talk.unread(Role::Customer)));
        let (Some(talk), [first, ..]) = (talk, expected) else { return };
        let end = expected.last().unwrap_or(first);
        assert_eq!(view.part.shown.get(), end.number, "the last one shown");
        assert_eq!(view.part.has_earlier, first.number > talk.first, "whether there are earlier");
        assert_eq!(view.part.has_later, end.number < talk.last(), "whether there are later ones");
        let furthest = talk.furthest[Role::Operator];
        for entry in view.sections.iter().flat_map(|section| &section.entries) {
            if entry.side == Role::Customer {
                assert_eq!(entry.read, entry.number.get() <= furthest, "read by an operator");
            }
        }
    }

    /// What a dashboard has built is what the location has.
    async fn assert_dashboard(&self, dashboard: &Dashboard) {
        let location = place(PLACES[dashboard.place]);
        if dashboard.next.is_none() {
            let page = self.store.threads(&location, None, ALL, Filter::All).await.unwrap();
            let list: Vec<Thread> = dashboard.list.iter().cloned().collect();
            assert_eq!(list, page.threads, "the dashboard's list");
            assert_eq!(dashboard.unread, page.unread, "the dashboard's unread number");
        }
        if let Some(open) = &dashboard.open {
            let talk = self.places[dashboard.place].talk(open.booking.as_str());
            let all = talk.map_or(Vec::new(), |talk| talk.after(0));
            let shown = open.conversation.as_ref().map(|shown| shown.messages.as_slice());
            assert_messages(shown.unwrap_or_default(), &all);
        }
    }

    /// All that both places have, against the model; and that the step wrote and
    /// told what the model says it did, and no more (P5, P6).
    async fn check(&mut self, before: [(Revision, u64); 2]) {
        let mut expected = Vec::new();
        for (at, (revision, commits)) in before.into_iter().enumerate() {
            self.assert_place(at, revision, commits).await;
            expected.append(&mut self.places[at].told);
        }
        let told = std::mem::take(&mut *self.told.lock().unwrap());
        let kinds: Vec<Told> = told.iter().map(kind).collect();
        assert_eq!(kinds, expected, "what the listener was told");
        if let Some(thread) = told.last().and_then(thread_of) {
            let id = thread.id();
            let stored = self.store.thread(id).await.unwrap();
            assert_eq!(stored.as_ref().and_then(|stored| stored.state.live()), Some(thread));
        }
    }

    async fn assert_place(&self, at: usize, before: Revision, commits_before: u64) {
        let (location, model) = (place(PLACES[at]), &self.places[at]);
        let feed = self.store.changes(&location, Revision::ZERO, ALL).await.unwrap();
        let since = self.store.changes(&location, before, ALL).await.unwrap();
        let commits = model.commits - commits_before;
        assert!(commits <= 1, "the model writes once a step");
        assert_eq!(since.changed.len() as u64, commits, "P6: what a step committed");
        assert_eq!(feed.revision > before, commits > 0, "P6: whether a revision was taken");
        assert_eq!(feed.unread, model.unread() as u64, "U4");

        let order: Vec<&str> =
            feed.changed.iter().map(|stored| stored.state.id().booking.as_str()).collect();
        let changed = model.changed_since(0);
        assert_eq!(order, changed.iter().map(|(booking, _)| *booking).collect::<Vec<_>>(), "I2");
        for (stored, (_, slot)) in feed.changed.iter().zip(changed) {
            match (&stored.state, &slot.talk) {
                (ThreadState::Live(thread), Some(talk)) => assert_head(thread, talk),
                (ThreadState::Erased(tombstone), None) => {
                    assert_eq!(tombstone.last.get(), slot.last, "L3: the tombstone's number");
                }
                (state, talk) => panic!("{state:?} is not {talk:?}"),
            }
            let all = slot.talk.as_ref().map_or(Vec::new(), |talk| talk.after(0));
            let messages =
                self.store.messages(stored.state.id(), WHOLE, ALL, Direction::OldestFirst);
            assert_messages(&messages.await.unwrap(), &all);
        }

        for filter in [Filter::All, Filter::Unread] {
            let page = self.store.threads(&location, None, ALL, filter).await.unwrap();
            let mut inbox = model.inbox();
            inbox.retain(|(_, talk)| filter == Filter::All || talk.unread(Role::Operator) > 0);
            let found: Vec<&str> = page.threads.iter().map(booking_of).collect();
            let expected: Vec<&str> = inbox.iter().map(|(booking, _)| *booking).collect();
            assert_eq!(found, expected, "L1: the inbox, {filter:?}");
        }
    }

    /// U4, L2: the pages of the unread threads, walked one by one.
    async fn assert_unread_pages(&self, at: usize) {
        let mut expected = self.places[at].inbox();
        expected.retain(|(_, talk)| talk.unread(Role::Operator) > 0);
        let (mut found, mut request) = (Vec::new(), PageRequest::unread(1));
        for _ in 0..=BOOKINGS.len() {
            let page = self.operator(at, 0).inbox(&request).await.unwrap();
            found.extend(page.threads.iter().map(|thread| booking_of(thread).to_owned()));
            let Some(next) = page.next else { break };
            request = PageRequest::after(through_text(&next), 1);
        }
        let expected: Vec<&str> = expected.iter().map(|(booking, _)| *booking).collect();
        assert_eq!(found, expected, "the unread threads, page by page");
    }

    async fn revisions(&self) -> [(Revision, u64); 2] {
        let mut before = [(Revision::ZERO, 0); 2];
        for (at, before) in before.iter_mut().enumerate() {
            let feed = self.store.changes(&place(PLACES[at]), Revision::MAX, 0).await.unwrap();
            *before = (feed.revision, self.places[at].commits);
        }
        before
    }
}

fn snapshot(spot: Spot, version: usize) -> Booking {
    Booking::new(booking_id(spot.booking()), "K7Q2-XH41", format!("Tour {version}"), at(0))
}

#[track_caller]
fn draft(typed: Typed) -> Draft {
    let mut draft = Draft::new(TEXTS[typed.text]);
    draft.key = typed.key.map(|text| key(&format!("key {text}")));
    draft.seen = typed.seen.map(number);
    draft
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

fn kind(event: &Event) -> Told {
    match event {
        Event::Opened { .. } => Told::Opened,
        Event::Received { .. } => Told::Received,
        Event::Replied { .. } => Told::Replied,
        Event::Read { reader, .. } => Told::Read(*reader),
        Event::Erased { .. } => Told::Erased,
        other => panic!("nothing of the model's: {other:?}"),
    }
}

fn thread_of(event: &Event) -> Option<&Thread> {
    match event {
        Event::Opened { thread }
        | Event::Received { thread, .. }
        | Event::Replied { thread, .. }
        | Event::Read { thread, .. } => Some(thread),
        _ => None,
    }
}

fn booking_of(thread: &Thread) -> &str {
    thread.id().booking.as_str()
}

#[track_caller]
fn booking_at(thread: &Thread) -> usize {
    BOOKINGS.iter().position(|booking| *booking == booking_of(thread)).unwrap()
}

/// A cursor as it comes back from a client.
#[track_caller]
fn through_text<C: std::fmt::Display + std::str::FromStr<Err: std::fmt::Debug>>(cursor: &C) -> C {
    cursor.to_string().parse().unwrap()
}

/// I3, W3, T1: numbers, ordinals, authors, texts and times.
#[track_caller]
fn assert_messages(found: &[Message], expected: &[Said]) {
    let found: Vec<Said> = found
        .iter()
        .map(|message| Said {
            number: message.number().get(),
            role: message.role(),
            author: message.author().id.as_str().to_owned(),
            text: message.body().as_str().to_owned(),
            key: None,
            at: message.sent_at(),
        })
        .collect();
    let expected: Vec<Said> =
        expected.iter().map(|said| Said { key: None, ..said.clone() }).collect();
    assert_eq!(found, expected, "the messages");
}

/// A head says what the messages and the sets say.
#[track_caller]
fn assert_head(thread: &Thread, talk: &Talk) {
    assert_eq!(thread.booking(), &talk.booking, "L5: the snapshot");
    assert_eq!(thread.created_at(), talk.created_at, "the creation");
    assert_eq!(thread.active_at(), talk.active_at(), "L1, W3: the last activity");
    assert_eq!(thread.first_number().get(), talk.first, "L3: the first number");
    assert_eq!(thread.last_number().get(), talk.last(), "I3: the last number");
    assert_eq!(thread.message_count() as usize, talk.messages.len(), "the messages");
    let last = talk.messages.last().map(|said| {
        let preview = Preview::of(&MessageBody::new(&said.text).unwrap());
        (said.role, said.at, preview)
    });
    let found = thread.last_message().map(|last| (last.role, last.sent_at, last.preview.clone()));
    assert_eq!(found, last, "the last message");
    for role in [Role::Customer, Role::Operator] {
        assert_eq!(thread.messages_by(role) as usize, talk.by(role).count(), "the {role}s' total");
        assert_eq!(thread.unread(role) as usize, talk.unread(role), "U2: unread by the {role}s");
        let mark = thread.mark(role);
        let nothing = talk.first - 1;
        assert_eq!(mark.number().get().max(nothing), talk.mark(role), "U1: the {role}s' mark");
        assert_eq!(mark.furthest().get().max(nothing), talk.furthest[role], "U1: the furthest");
        assert_eq!(mark.set_at(), talk.set_at[role], "P6: the time of the {role}s' mark");
        let read = talk.by(role.other()).filter(|said| talk.read[role].contains(&said.number));
        assert_eq!(mark.covered() as usize, read.count(), "U2: what the mark covers");
    }
    assert_eq!(thread.awaits_operator(), talk.unread(Role::Operator) > 0, "U4");
}

/// P2: each changed thread once, last changed last, the erased ones, and what is
/// new in the open conversation.
#[track_caller]
fn assert_update(
    update: &OperatorUpdate,
    changed: &[(&str, &Slot)],
    just_opened: Option<&OpenThread>,
    new: &[Said],
) {
    let live = changed.iter().filter(|(_, slot)| slot.talk.is_some());
    let live: Vec<&str> = live.map(|(booking, _)| *booking).collect();
    let threads: Vec<&str> = update.threads.iter().map(booking_of).collect();
    assert_eq!(threads, live, "the changed threads");

    let gone = changed.iter().filter(|(_, slot)| slot.talk.is_none());
    let gone: Vec<&str> = gone.map(|(booking, _)| *booking).collect();
    let erased = update.erased.iter().map(|tombstone| tombstone.booking().as_str());
    // Whoever opens one that was erased before the cursor is told so, once.
    let news = |booking: &&str| {
        let open = just_opened.map(|open| open.booking.as_str());
        gone.contains(booking) || open != Some(booking)
    };
    let erased: Vec<&str> = erased.filter(news).collect();
    assert_eq!(erased, gone, "the erased ones");

    match &update.conversation {
        Some(conversation) => assert_messages(&conversation.messages, new),
        None => assert_eq!(new, [], "the open conversation's new messages"),
    }
}

async fn run(store: Arc<dyn ThreadStore>, ops: Vec<Op>) {
    let mut world = World::over(store).await;
    for op in ops {
        let before = world.revisions().await;
        world.step(op).await;
        world.check(before).await;
    }
    // P2: one poll of each client, and all show what there is.
    for dashboard in 0..world.dashboards.len() {
        let before = world.revisions().await;
        world.poll(dashboard).await;
        world.check(before).await;
    }
    for at in 0..PLACES.len() {
        world.assert_unread_pages(at).await;
    }
    for portal in 0..world.portals.len() {
        let before = world.revisions().await;
        world.customer_poll(portal).await;
        world.check(before).await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Every rule of the list above, over the store that comes with the crate.
    #[test]
    fn everything_is_as_the_naive_model_says_over_memory(ops in proptest::collection::vec(op(), 1..100)) {
        block_on(run(Arc::new(MemoryStore::new()), ops));
    }

    /// The same over the second store: the rules are the desk's, not a store's.
    #[test]
    fn everything_is_as_the_naive_model_says_over_another_store(ops in proptest::collection::vec(op(), 1..100)) {
        block_on(run(Arc::new(NaiveStore::new()), ops));
    }
}

// ---------------------------------------------------------------- P2, P7 alone

fn here() -> LocationId {
    place("here")
}

/// P2: what was told is not told again: a poll brings what changed since the
/// cursor, and with nothing changed it is empty, also when the conversation that
/// stays open on the screen was erased.
#[test]
fn p2_an_erased_conversation_that_stays_open_is_told_once() {
    block_on(async {
        let desk = FrontDesk::new(MemoryStore::new());
        let operator = desk.operator(here(), who("u-1"), None);
        desk.customer(here(), booking("b-1"), who("c-1"), None).send("Hello!").await.unwrap();
        let mut cursor = operator.inbox(&PageRequest::first(10)).await.unwrap().cursor;
        let open = operator.open(&booking_id("b-1")).await.unwrap().to_open();
        desk.location(here()).erase(&booking_id("b-1")).await.unwrap();
        let mut told = Vec::new();
        for _ in 0..3 {
            let OperatorPoll::Update(update) = operator.poll(&cursor, Some(&open)).await.unwrap()
            else {
                panic!("told to start over");
            };
            told.push(update.erased.len());
            cursor = update.cursor;
        }
        assert_eq!(told, [1, 0, 0]);
    });
}

/// P2: a poll with another conversation than the one before brings all of it,
/// though nothing of it changed since the cursor.
#[test]
fn p2_a_poll_that_opens_another_conversation_misses_nothing_of_it() {
    block_on(async {
        let desk = FrontDesk::new(MemoryStore::new());
        let operator = desk.operator(here(), who("u-1"), None);
        for booked in ["b-1", "b-2"] {
            desk.customer(here(), booking(booked), who("c-1"), None).send("Hello!").await.unwrap();
        }
        let mut cursor = operator.inbox(&PageRequest::first(10)).await.unwrap().cursor;
        for (booked, shown, new) in [
            ("b-1", 0, 1),
            ("b-2", 0, 1),
            ("b-2", 1, 0),
            ("b-1", 0, 1),
            ("b-1", 0, 1),
            ("b-1", 1, 0),
        ] {
            let open = OpenThread { booking: booking_id(booked), shown: number(shown) };
            let answer = operator.poll(&cursor, Some(&open)).await.unwrap();
            let OperatorPoll::Update(update) = answer else { panic!("{answer:?}") };
            let messages = update.conversation.map_or(0, |open| open.messages.len());
            assert_eq!(messages, new, "new in {booked} after {shown}");
            cursor = update.cursor;
        }
    });
}

/// U3, P3: a poll that brings only one's own side's messages marks nothing.
#[test]
fn u3_a_poll_without_a_message_of_the_other_side_marks_nothing() {
    block_on(async {
        let store = MemoryStore::new();
        let desk = FrontDesk::new(store.clone());
        let operator = desk.operator(here(), who("u-1"), None);
        let customer = desk.customer(here(), booking("b-1"), who("c-1"), None);
        let id = booking_id("b-1");
        let unseen = |text: &str| Draft::new(text).having_seen(MessageNumber::START);
        let marks = async |role| {
            let stored = store.thread(&ThreadId::new(here(), id.clone())).await.unwrap().unwrap();
            stored.state.live().unwrap().mark(role)
        };
        customer.send("One").await.unwrap();
        operator.reply(&id, "Two").await.unwrap();
        let visited = customer.visit().await.unwrap();
        let open = operator.open(&id).await.unwrap().to_open();

        // Both write as if they had seen nothing, which leaves their marks.
        let cursor = operator.inbox(&PageRequest::first(10)).await.unwrap().cursor;
        customer.send(unseen("Three")).await.unwrap();
        let before = marks(Role::Customer).await;
        let polled = customer.poll(visited.cursor()).await.unwrap();
        assert!(matches!(polled, CustomerPoll::Update(update) if update.message_count() == 1));
        assert_eq!((before.number(), marks(Role::Customer).await), (number(2), before));

        desk.location(here()).erase(&id).await.unwrap();
        customer.send("Four").await.unwrap();
        let open = OpenThread { shown: number(4), ..open };
        operator.reply(&id, unseen("Five")).await.unwrap();
        let before = marks(Role::Operator).await;
        let OperatorPoll::Update(update) = operator.poll(&cursor, Some(&open)).await.unwrap()
        else {
            panic!("told to start over");
        };
        let new = update.conversation.map(|open| open.messages.len());
        assert_eq!((new, update.unread), (Some(1), 1));
        assert_eq!(marks(Role::Operator).await, before);
    });
}

/// U3: whoever asks for what is before the first message gets nothing, and is not
/// told that there is something earlier still.
#[test]
fn u3_before_the_first_message_there_is_nothing_earlier() {
    block_on(async {
        let desk = FrontDesk::new(MemoryStore::new());
        let customer = desk.customer(here(), booking("b-1"), who("c-1"), None);
        for text in ["One", "Two"] {
            customer.send(text).await.unwrap();
        }
        let history = customer.history(Some(number(1)), 10).await.unwrap();
        assert_eq!(history.message_count(), 0);
        let part = history.view(&desk.screen(&UtcOffset::UTC, &English)).part;
        assert!(!part.has_earlier, "there is nothing before 1");
    });
}

/// P7: a cursor ahead of the location, as after a restored backup, starts over,
/// with a cursor that goes on; it marks nothing.
#[test]
fn p7_a_cursor_ahead_of_the_location_starts_over() {
    block_on(async {
        let (before, restored) =
            (FrontDesk::new(MemoryStore::new()), FrontDesk::new(MemoryStore::new()));
        for desk in [&before, &before, &restored] {
            desk.customer(here(), booking("b-1"), who("c-1"), None).send("Hello!").await.unwrap();
        }
        let ahead = before.operator(here(), who("u-1"), None);
        let ahead = ahead.inbox(&PageRequest::first(10)).await.unwrap().cursor;
        let operator = restored.operator(here(), who("u-1"), None);
        let open = OpenThread { booking: booking_id("b-1"), shown: MessageNumber::START };
        let answer = operator.poll(&ahead, Some(&open)).await.unwrap();
        let OperatorPoll::StartOver { cursor } = answer else { panic!("{answer:?}") };
        let page = operator.inbox(&PageRequest::first(10)).await.unwrap();
        assert_eq!((page.unread, &page.cursor), (1, &cursor));
        let answer = operator.poll(&cursor, None).await.unwrap();
        assert!(matches!(answer, OperatorPoll::Update(update) if update.is_empty()));
    });
}

/// P7: as many threads behind as a poll brings is an update, one more starts over.
#[test]
fn p7_more_than_a_thousand_threads_behind_starts_over() {
    block_on(async {
        let desk = FrontDesk::new(MemoryStore::new());
        let operator = desk.operator(here(), who("u-1"), None);
        let empty = operator.inbox(&PageRequest::first(MAX_PAGE)).await.unwrap().cursor;
        for booked in 0..MAX_BEHIND {
            operator.start(booking(&format!("b-{booked}"))).await.unwrap();
        }
        let answer = operator.poll(&empty, None).await.unwrap();
        let OperatorPoll::Update(update) = answer else { panic!("{answer:?}") };
        assert_eq!(update.threads.len(), MAX_BEHIND);
        operator.start(booking("one-more")).await.unwrap();
        let answer = operator.poll(&empty, None).await.unwrap();
        let OperatorPoll::StartOver { cursor } = answer else { panic!("{answer:?}") };
        operator.start(booking("another")).await.unwrap();
        let answer = operator.poll(&cursor, None).await.unwrap();
        let OperatorPoll::Update(update) = answer else { panic!("{answer:?}") };
        assert_eq!(update.threads.len(), 1);
    });
}
