//! Many at once on a runtime of several threads: what the handles promise when
//! everybody is in a hurry.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use frontdesk::desk::{
    CustomerAnswer, CustomerPoll, Event, MAX_ATTEMPTS, OpenThread, OperatorPoll, OperatorUpdate,
    PageRequest,
};
use frontdesk::inbox::{InboxList, InboxPosition};
use frontdesk::store::{
    Changes, Commit, CommitOutcome, Direction, Filter, MemoryStore, Revision, StoreError, Stored,
    ThreadPage, ThreadStore,
};
use frontdesk::view::English;
use frontdesk::{
    BookingId, CustomerDesk, DeskError, Draft, FrontDesk, IdempotencyKey, LocationId, Message,
    MessageNumber, OperatorDesk, ParticipantId, Role, Thread, ThreadId,
};
use support::naive::NaiveStore;
use support::{at, booking, booking_id, key, place, thread_id, who};
use time::UtcOffset;
use tokio::sync::Barrier;
use tokio::task::{JoinSet, yield_now};

const HERE: &str = "here";
const WHOLE: RangeInclusive<MessageNumber> = MessageNumber::START..=MessageNumber::MAX;

// ---------------------------------------------------------------- stores

/// A store that lets everybody else run before and after each call, so that what
/// was read is old by the time of the commit: each conflict that can be, is.
struct Yielding<S>(S);

impl<S: ThreadStore> Yielding<S> {
    async fn let_others_run<T>(&self, call: impl Future<Output = T>) -> T {
        yield_now().await;
        let answer = call.await;
        yield_now().await;
        answer
    }
}

#[async_trait]
impl<S: ThreadStore> ThreadStore for Yielding<S> {
    async fn thread(&self, id: &ThreadId) -> Result<Option<Stored>, StoreError> {
        self.let_others_run(self.0.thread(id)).await
    }

    async fn commit(&self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        self.let_others_run(self.0.commit(commit)).await
    }

    async fn messages(
        &self,
        id: &ThreadId,
        range: RangeInclusive<MessageNumber>,
        limit: usize,
        direction: Direction,
    ) -> Result<Vec<Message>, StoreError> {
        self.let_others_run(self.0.messages(id, range, limit, direction)).await
    }

    async fn message_by_key(
        &self,
        id: &ThreadId,
        role: Role,
        author: &ParticipantId,
        key: &IdempotencyKey,
    ) -> Result<Option<Message>, StoreError> {
        self.let_others_run(self.0.message_by_key(id, role, author, key)).await
    }

    async fn threads(
        &self,
        location: &LocationId,
        after: Option<&InboxPosition>,
        limit: usize,
        filter: Filter,
    ) -> Result<ThreadPage, StoreError> {
        self.let_others_run(self.0.threads(location, after, limit, filter)).await
    }

    async fn changes(
        &self,
        location: &LocationId,
        since: Revision,
        limit: usize,
    ) -> Result<Changes, StoreError> {
        self.let_others_run(self.0.changes(location, since, limit)).await
    }
}

/// The stores that everything here runs on, by name.
fn stores() -> [(&'static str, Arc<dyn ThreadStore>); 3] {
    [
        ("memory", Arc::new(MemoryStore::new())),
        ("naive", Arc::new(NaiveStore::new())),
        ("yielding", Arc::new(Yielding(MemoryStore::new()))),
    ]
}

// ---------------------------------------------------------------- a house

/// A desk over a store, and everything that its listener was told.
#[derive(Clone)]
struct House {
    store: Arc<dyn ThreadStore>,
    desk: FrontDesk,
    told: Arc<Mutex<Vec<Event>>>,
}

impl House {
    fn over(store: Arc<dyn ThreadStore>) -> Self {
        let told = Arc::new(Mutex::new(Vec::new()));
        let telling = Arc::clone(&told);
        let desk = FrontDesk::builder(Arc::clone(&store))
            .clock(|| at(0))
            .listener(move |event: &Event| telling.lock().unwrap().push(event.clone()))
            .build();
        Self { store, desk, told }
    }

    fn operator(&self, id: &str) -> OperatorDesk {
        self.desk.operator(place(HERE), who(id), None)
    }

    fn customer(&self, booked: &str, id: &str) -> CustomerDesk {
        self.desk.customer(place(HERE), booking(booked), who(id), None)
    }

    async fn messages(&self, booked: &str) -> Vec<Message> {
        let id = thread_id(HERE, booked);
        self.store.messages(&id, WHOLE, usize::MAX, Direction::OldestFirst).await.unwrap()
    }

    async fn thread(&self, booked: &str) -> Option<Thread> {
        let stored = self.store.thread(&thread_id(HERE, booked)).await.unwrap()?;
        stored.state.live().cloned()
    }

    /// The numbers of the messages that the listener was told of, in order.
    fn told_messages(&self) -> Vec<u32> {
        let told = self.told.lock().unwrap();
        let mut numbers: Vec<u32> = told
            .iter()
            .filter_map(|event| match event {
                Event::Received { message, .. } | Event::Replied { message, .. } => {
                    Some(message.number().get())
                }
                _ => None,
            })
            .collect();
        numbers.sort_unstable();
        numbers
    }

    fn told_opened(&self) -> usize {
        let told = self.told.lock().unwrap();
        told.iter().filter(|event| matches!(event, Event::Opened { .. })).count()
    }
}

/// Runs `count` tasks that all begin at once, and gives back what they answer.
async fn at_once<T, F>(count: usize, task: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let barrier = Arc::new(Barrier::new(count));
    let mut tasks = JoinSet::new();
    for index in 0..count {
        let (barrier, task) = (Arc::clone(&barrier), task(index));
        tasks.spawn(async move {
            barrier.wait().await;
            task.await
        });
    }
    let mut answers = Vec::new();
    while let Some(answer) = tasks.join_next().await {
        answers.push(answer.expect("a task of the test failed"));
    }
    answers
}

/// Somebody's send: its text, and its number or nothing when the desk was busy.
type Attempt = (String, Option<MessageNumber>);

#[track_caller]
fn attempt(text: String, sent: Result<MessageNumber, DeskError>) -> Attempt {
    match sent {
        Ok(number) => (text, Some(number)),
        Err(DeskError::Busy) => (text, None),
        Err(error) => panic!("{text} was refused: {error}"),
    }
}

/// Sends one message: every other one is of an operator.
async fn send_one(house: House, booked: String, index: usize) -> Attempt {
    let text = format!("message {index}");
    let sent = if index.is_multiple_of(2) {
        let sent = house.customer(&booked, &format!("c-{index}")).send(text.as_str()).await;
        sent.map(|sent| sent.number())
    } else {
        let operator = house.operator(&format!("u-{index}"));
        let sent = operator.reply(&booking_id(&booked), text.as_str()).await;
        sent.map(|sent| sent.number())
    };
    attempt(text, sent)
}

/// I3: the thread has each message that was answered with a number once, under
/// that number, numbered from `first` without gaps, and nothing of what was busy;
/// the head counts them, and the listener heard of each once.
async fn assert_stored_once(house: &House, booked: &str, attempts: &[Attempt]) {
    let messages = house.messages(booked).await;
    let stored: BTreeMap<&str, MessageNumber> =
        messages.iter().map(|message| (message.body().as_str(), message.number())).collect();
    assert_eq!(stored.len(), messages.len(), "a text is stored twice");
    let answered: BTreeMap<&str, MessageNumber> = attempts
        .iter()
        .filter_map(|(text, number)| number.map(|number| (text.as_str(), number)))
        .collect();
    assert_eq!(stored, answered, "what is stored is what was answered");

    let numbers: Vec<u32> = messages.iter().map(|message| message.number().get()).collect();
    let count = u32::try_from(numbers.len()).unwrap();
    assert_eq!(numbers, (1..=count).collect::<Vec<_>>(), "numbers without gaps");
    for role in [Role::Customer, Role::Operator] {
        let side: Vec<&Message> = messages.iter().filter(|one| one.role() == role).collect();
        let ordinals: Vec<u32> = side.iter().map(|message| message.ordinal()).collect();
        let count = u32::try_from(side.len()).unwrap();
        assert_eq!(ordinals, (1..=count).collect::<Vec<_>>(), "ordinals of the {role}s");
        let thread = house.thread(booked).await.unwrap();
        assert_eq!(thread.messages_by(role), count, "the head's count of the {role}s");
    }
    assert_eq!(house.told_messages(), numbers, "what the listener was told");
}

#[track_caller]
fn count_busy(what: &str, attempts: &[Attempt]) -> usize {
    let busy = attempts.iter().filter(|(_, number)| number.is_none()).count();
    println!("{what}: {busy} of {} sends were busy", attempts.len());
    busy
}

// ---------------------------------------------------------------- sending

/// I3: however many send into one thread at once, its messages are numbered
/// without gaps, and each send is stored once or answered `Busy` and not stored.
/// Without anything to wait for, as in memory, none is busy, nor where no more
/// write than a use case has attempts.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i3_concurrent_sends_into_one_thread_are_numbered_without_gaps() {
    for count in [2, 20, 200] {
        for (name, store) in stores() {
            let house = House::over(store);
            house.operator("u-0").start(booking("b-1")).await.unwrap();
            let attempts =
                at_once(count, |index| send_one(house.clone(), "b-1".to_owned(), index)).await;
            assert_stored_once(&house, "b-1", &attempts).await;
            let busy = count_busy(&format!("{name}, {count} into one thread"), &attempts);
            if name == "memory" || count <= MAX_ATTEMPTS {
                assert_eq!(busy, 0, "{name}");
            }
            assert!(busy < count, "somebody always gets through");
        }
    }
}

/// I2, L5: however many write the first message of a booking at once, it has one
/// thread, which was opened once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i2_concurrent_first_messages_of_a_booking_make_one_thread() {
    for count in [2, 20, 200] {
        for (name, store) in stores() {
            let house = House::over(store);
            // Customers alone: an operator's reply needs a thread.
            let attempts =
                at_once(count, |index| send_one(house.clone(), "b-1".to_owned(), index * 2)).await;
            assert_stored_once(&house, "b-1", &attempts).await;
            let busy = count_busy(&format!("{name}, {count} first messages"), &attempts);
            if name == "memory" || count <= MAX_ATTEMPTS {
                assert_eq!(busy, 0, "{name}");
            }
            assert_eq!(house.told_opened(), 1, "{name}");
            let page = house.operator("u-1").inbox(&PageRequest::first(200)).await.unwrap();
            assert_eq!((page.threads.len(), page.unread), (1, 1), "{name}");
        }
    }
}

/// I2, L5: operators who start a booking's thread while customers write its first
/// message all end up in the same one, opened once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn l5_starts_racing_first_messages_open_one_thread() {
    for (name, store) in stores() {
        let house = House::over(store);
        at_once(40, |index| {
            let house = house.clone();
            async move {
                if index % 2 == 0 {
                    house.operator("u-1").start(booking("b-1")).await.unwrap();
                } else {
                    house.customer("b-1", "c-1").send("Hello!").await.unwrap();
                }
            }
        })
        .await;
        assert_eq!(house.told_opened(), 1, "{name}");
        assert_eq!(house.told_messages(), (1..=20).collect::<Vec<_>>(), "{name}");
        assert_eq!(house.thread("b-1").await.unwrap().message_count(), 20, "{name}");
    }
}

/// I3: writers of different threads do not disturb one another: none is busy.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i3_concurrent_sends_into_many_threads_are_never_busy() {
    for (name, store) in stores() {
        let house = House::over(store);
        for booked in 0..20 {
            house.operator("u-0").start(booking(&format!("b-{booked}"))).await.unwrap();
        }
        let attempts =
            at_once(200, |index| send_one(house.clone(), format!("b-{}", index % 20), index / 20))
                .await;
        assert_eq!(count_busy(&format!("{name}, 200 into 20 threads"), &attempts), 0);
        for booked in 0..20 {
            let numbers: Vec<u32> = house
                .messages(&format!("b-{booked}"))
                .await
                .iter()
                .map(|message| message.number().get())
                .collect();
            assert_eq!(numbers, (1..=10).collect::<Vec<_>>(), "{name}");
        }
    }
}

/// I4: the same key, sent fifty times at once, stores one message, of which
/// everybody gets the number, and only one is not a replay.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i4_one_key_sent_fifty_times_at_once_stores_one_message() {
    for (name, store) in stores() {
        let house = House::over(store);
        let answers = at_once(50, |_| {
            let house = house.clone();
            async move {
                let draft = Draft::new("Hello!").with_key(key("once"));
                let sent = house.customer("b-1", "c-1").send(draft).await.unwrap();
                (sent.number().get(), sent.is_replayed())
            }
        })
        .await;
        assert!(answers.iter().all(|(number, _)| *number == 1), "{name}: {answers:?}");
        assert_eq!(answers.iter().filter(|(_, replayed)| !replayed).count(), 1, "{name}");
        assert_eq!(house.messages("b-1").await.len(), 1, "{name}");
        assert_eq!((house.told_opened(), house.told_messages()), (1, vec![1]), "{name}");
    }
}

/// I4: of one key with many texts one is stored, and the others are told so.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i4_one_key_sent_with_fifty_texts_at_once_stores_one_of_them() {
    for (name, store) in stores() {
        let house = House::over(store);
        house.operator("u-1").start(booking("b-1")).await.unwrap();
        let answers = at_once(50, |index| {
            let house = house.clone();
            async move {
                let draft = Draft::new(format!("text {index}")).with_key(key("once"));
                match house.operator("u-1").reply(&booking_id("b-1"), draft).await {
                    Ok(sent) => Some(sent.message.body().as_str().to_owned()),
                    Err(DeskError::KeyReused) => None,
                    Err(error) => panic!("{error}"),
                }
            }
        })
        .await;
        let sent: Vec<String> = answers.into_iter().flatten().collect();
        let messages = house.messages("b-1").await;
        let stored: Vec<&str> = messages.iter().map(|one| one.body().as_str()).collect();
        assert_eq!(sent, stored, "{name}");
        assert_eq!(stored.len(), 1, "{name}");
    }
}

// ---------------------------------------------------------------- erasing

/// L3: sends that race an erasure are each in the life before it, and erased with
/// it, or in the one after, numbered on from the tombstone; no number names two
/// messages, and an operator's late reply finds no thread.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn l3_sends_racing_an_erasure_are_before_it_or_start_anew_after_it() {
    for round in 0..20 {
        for (name, store) in stores() {
            let house = House::over(store);
            for _ in 0..3 {
                house.customer("b-1", "c-0").send("Before").await.unwrap();
            }
            let answers = at_once(21, |index| {
                let house = house.clone();
                async move {
                    let id = booking_id("b-1");
                    if index == 20 {
                        for _ in 0..round % 4 {
                            yield_now().await;
                        }
                        assert!(house.desk.location(place(HERE)).erase(&id).await.unwrap());
                        return None;
                    }
                    let text = format!("message {index}");
                    if index % 2 == 0 {
                        let sent = house.customer("b-1", "c-1").send(text.as_str()).await.unwrap();
                        return Some((sent.number(), text));
                    }
                    match house.operator("u-1").reply(&id, text.as_str()).await {
                        Ok(sent) => Some((sent.number(), text)),
                        Err(DeskError::NotFound) => None,
                        Err(error) => panic!("{error}"),
                    }
                }
            })
            .await;

            let tombstone = {
                let told = house.told.lock().unwrap();
                let mut erasures = told.iter().filter_map(|event| match event {
                    Event::Erased { tombstone } => Some(tombstone.last),
                    _ => None,
                });
                let last = erasures.next().expect("the erasure was told");
                assert_eq!(erasures.next(), None, "it was told once");
                last
            };
            let answered: Vec<(MessageNumber, String)> = answers.into_iter().flatten().collect();
            let mut numbers: Vec<u32> = answered.iter().map(|(number, _)| number.get()).collect();
            numbers.sort_unstable();
            let end = 3 + u32::try_from(numbers.len()).unwrap();
            assert_eq!(numbers, (4..=end).collect::<Vec<_>>(), "{name}: nothing lost or doubled");

            let mut after: Vec<(MessageNumber, String)> =
                answered.into_iter().filter(|(number, _)| *number > tombstone).collect();
            after.sort();
            let messages = house.messages("b-1").await;
            let stored: Vec<(MessageNumber, String)> = messages
                .iter()
                .map(|message| (message.number(), message.body().as_str().to_owned()))
                .collect();
            assert_eq!(stored, after, "{name}: just what came after the erasure is there");
            if let Some(thread) = house.thread("b-1").await {
                assert_eq!(Some(thread.first_number()), tombstone.next(), "{name}");
                assert_eq!(thread.message_count() as usize, stored.len(), "{name}");
            } else {
                assert_eq!(stored, [], "{name}");
            }
        }
    }
}

/// L3: erasing at once from many places erases once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn l3_erasing_at_once_erases_once() {
    for (name, store) in stores() {
        let house = House::over(store);
        house.customer("b-1", "c-1").send("Hello!").await.unwrap();
        let erased = at_once(20, |_| {
            let desk = house.desk.location(place(HERE));
            async move { desk.erase(&booking_id("b-1")).await.unwrap() }
        })
        .await;
        assert_eq!(erased.iter().filter(|erased| **erased).count(), 1, "{name}");
        assert_eq!(house.thread("b-1").await, None, "{name}");
    }
}

// ---------------------------------------------------------------- polling

/// What an operator's browser has: the list, the unread number, and one open
/// conversation, built of one page and of polls.
struct Dashboard {
    desk: OperatorDesk,
    list: InboxList<Thread>,
    unread: u64,
    open: Option<(BookingId, Vec<Message>)>,
    cursor: frontdesk::desk::PollCursor,
}

impl Dashboard {
    async fn load(desk: OperatorDesk, open: Option<&str>) -> Self {
        let page = desk.inbox(&PageRequest::first(200)).await.unwrap();
        assert_eq!(page.next, None, "the test has one page of threads");
        let open = open.map(|booked| (booking_id(booked), Vec::new()));
        let list = page.threads.into_iter().collect();
        Self { desk, list, unread: page.unread, open, cursor: page.cursor }
    }

    fn opened(&self) -> Option<OpenThread> {
        let (booking, messages) = self.open.as_ref()?;
        let shown = messages.last().map_or(MessageNumber::START, Message::number);
        Some(OpenThread { booking: booking.clone(), shown })
    }

    /// Polls; says whether anything came.
    async fn poll(&mut self) -> bool {
        match self.desk.poll(&self.cursor, self.opened().as_ref()).await.unwrap() {
            OperatorPoll::Update(update) => self.apply(update),
            OperatorPoll::StartOver { cursor } => panic!("told to start over at {cursor}"),
        }
    }

    async fn poll_until_quiet(&mut self) {
        for _ in 0..1_000 {
            if !self.poll().await {
                return;
            }
        }
        panic!("polls bring something for ever");
    }

    #[track_caller]
    fn apply(&mut self, update: OperatorUpdate) -> bool {
        let mut news = !update.threads.is_empty();
        let once: BTreeSet<&BookingId> =
            update.threads.iter().map(|thread| &thread.id().booking).collect();
        assert_eq!(once.len(), update.threads.len(), "a thread came twice");
        self.list.extend(update.threads);
        for tombstone in &update.erased {
            news |= self.list.remove(tombstone.booking()).is_some();
            if let Some((open, shown)) = &mut self.open
                && open == tombstone.booking()
            {
                shown.clear();
            }
        }
        if let (Some(conversation), Some((_, shown))) = (update.conversation, &mut self.open) {
            shown.retain(|message| message.number() >= conversation.thread.first_number());
            shown.extend(conversation.messages);
            let gaps = shown.windows(2).find(|two| two[0].number().next() != Some(two[1].number()));
            assert_eq!(gaps, None, "messages on the screen are missing or doubled");
        }
        self.unread = update.unread;
        self.cursor = update.cursor;
        news
    }
}

/// Polls until `done`, and then until nothing comes.
async fn poll_to_the_end(mut dashboard: Dashboard, done: Arc<AtomicBool>) -> Dashboard {
    loop {
        let last = done.load(SeqCst);
        if last {
            dashboard.poll_until_quiet().await;
            return dashboard;
        }
        dashboard.poll().await;
        yield_now().await;
    }
}

/// Thirty tasks of customers, operators and the host, in six threads of which
/// the last is erased now and then.
async fn everybody_writes(house: &House) {
    at_once(30, |index| {
        let house = house.clone();
        async move {
            for step in 0..8 {
                let booked = format!("b-{}", (index + step) % 6);
                let id = booking_id(&booked);
                let person = format!("p-{index}");
                match (index + step) % 5 {
                    0 => drop(house.operator(&person).start(booking(&booked)).await.unwrap()),
                    1 if index % 3 == 0 => {
                        let location = house.desk.location(place(HERE));
                        location.erase(&booking_id("b-5")).await.unwrap();
                    }
                    2 => match house.operator(&person).reply(&id, "Welcome!").await {
                        Ok(_) | Err(DeskError::NotFound) => {}
                        Err(error) => panic!("{error}"),
                    },
                    3 => drop(house.customer(&booked, &person).visit().await.unwrap()),
                    _ => drop(house.customer(&booked, &person).send("Hello!").await.unwrap()),
                }
                yield_now().await;
            }
        }
    })
    .await;
}

/// P1, P2, P3: dashboards that poll while many write, one without and two with an
/// open conversation, end with the location's list, its unread number and all
/// messages of the conversation, none missing and none twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn p1_dashboards_that_poll_while_many_write_miss_nothing() {
    for round in 0..5 {
        for (name, store) in stores() {
            let house = House::over(store);
            house.customer("b-0", "c-0").send("Early").await.unwrap();
            let done = Arc::new(AtomicBool::new(false));
            let mut dashboards = JoinSet::new();
            for open in [None, Some("b-0"), Some("b-5")] {
                let dashboard = Dashboard::load(house.operator("u-1"), open).await;
                dashboards.spawn(poll_to_the_end(dashboard, Arc::clone(&done)));
            }
            everybody_writes(&house).await;
            done.store(true, SeqCst);
            let mut ended = Vec::new();
            while let Some(dashboard) = dashboards.join_next().await {
                ended.push(dashboard.expect("a dashboard failed"));
            }
            // Whoever ended first has not seen what the others marked since.
            for _ in 0..2 {
                for dashboard in &mut ended {
                    dashboard.poll_until_quiet().await;
                }
            }
            for dashboard in &ended {
                assert_shows_all(&house, dashboard, &format!("{name}, round {round}")).await;
            }
        }
    }
}

async fn assert_shows_all(house: &House, dashboard: &Dashboard, what: &str) {
    let here = place(HERE);
    let page = house.store.threads(&here, None, usize::MAX, Filter::All).await.unwrap();
    let shown: Vec<Thread> = dashboard.list.iter().cloned().collect();
    assert_eq!(shown, page.threads, "{what}: the list");
    assert_eq!(dashboard.unread, page.unread, "{what}: the unread number");
    let Some((booking, messages)) = &dashboard.open else { return };
    let stored = house.messages(booking.as_str()).await;
    assert_eq!(*messages, stored, "{what}: the open conversation");
    let unread = house.thread(booking.as_str()).await.map_or(0, |one| one.unread(Role::Operator));
    assert_eq!(unread, 0, "{what}: an open conversation that was polled to its end is read");
}

/// P2: an answer is of one moment, whenever during a poll a colleague replies: it has
/// the reply and what that changed in the list, or neither, and then the next one has.
#[tokio::test]
async fn p2_a_reply_during_a_poll_is_in_all_of_its_answer_or_in_none() {
    let mut polls_without = BTreeSet::new();
    for steps in 0..12 {
        let house = House::over(Arc::new(Yielding(MemoryStore::new())));
        let (kim, booked) = (house.operator("u-1"), booking_id("b-1"));
        house.customer("b-1", "c-1").send("Hello!").await.unwrap();
        kim.open(&booked).await.unwrap();
        let cursor = kim.inbox(&PageRequest::first(1)).await.unwrap().cursor;
        let open = OpenThread { booking: booked.clone(), shown: MessageNumber::START };
        let polling = async {
            for _ in 0..steps {
                yield_now().await;
            }
            kim.poll(&cursor, Some(&open)).await.unwrap()
        };
        let colleague = house.operator("u-2");
        let (replied, polled) = tokio::join!(colleague.reply(&booked, "Welcome!"), polling);
        let OperatorPoll::Update(update) = polled else { panic!("told to start over") };
        let shown = update.conversation.unwrap().thread.last_number();
        let has_reply = shown == replied.unwrap().number();
        assert_eq!(!update.threads.is_empty(), has_reply, "{steps} steps after the reply began");
        let open = OpenThread { booking: booked, shown };
        let OperatorPoll::Update(next) = kim.poll(&update.cursor, Some(&open)).await.unwrap()
        else {
            panic!("told to start over")
        };
        assert_eq!(next.is_empty(), has_reply, "{steps} steps after the reply began");
        polls_without.insert(!has_reply);
    }
    assert_eq!(polls_without.len(), 2, "all polls came before the reply, or all after it");
}

/// P2: a customer's screen, polled while operators write, ends with every message
/// once, all of them read.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn p2_a_customer_that_polls_while_operators_write_gets_each_message_once() {
    for (name, store) in stores() {
        let house = House::over(store);
        house.customer("b-1", "c-1").send("Hello!").await.unwrap();
        let done = Arc::new(AtomicBool::new(false));
        let polling = tokio::spawn({
            let (house, done) = (house.clone(), Arc::clone(&done));
            async move {
                let customer = house.customer("b-1", "c-1");
                let screen = house.desk.screen(&UtcOffset::UTC, &English);
                let numbers = |answer: &CustomerAnswer| -> Vec<u32> {
                    let sections = answer.view(&screen).conversation.sections;
                    let entries = sections.iter().flat_map(|section| &section.entries);
                    entries.map(|entry| entry.number.get()).collect()
                };
                let mut answer = customer.visit().await.unwrap();
                let mut shown = numbers(&answer);
                loop {
                    // Looked at before the poll, which then brings all there is.
                    let last = done.load(SeqCst);
                    answer = match customer.poll(answer.cursor()).await.unwrap() {
                        CustomerPoll::Update(update) => update,
                        CustomerPoll::StartOver => panic!("told to start over"),
                    };
                    shown.extend(numbers(&answer));
                    if last && answer.message_count() == 0 {
                        return shown;
                    }
                    yield_now().await;
                }
            }
        });
        at_once(10, |index| {
            let house = house.clone();
            async move {
                for step in 0..5 {
                    let operator = house.operator(&format!("u-{index}"));
                    let text = format!("{index}, {step}");
                    operator.reply(&booking_id("b-1"), text).await.unwrap();
                    yield_now().await;
                }
            }
        })
        .await;
        done.store(true, SeqCst);
        assert_eq!(polling.await.unwrap(), (1..=51).collect::<Vec<_>>(), "{name}");
        assert_eq!(house.customer("b-1", "c-1").unread().await.unwrap(), 0, "{name}");
    }
}

/// U3: opening marks no further than the answer goes, however many write at that
/// moment: what arrived meanwhile stays unread.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn u3_opening_while_customers_write_marks_only_what_it_shows() {
    for (name, store) in stores() {
        let house = House::over(store);
        house.customer("b-1", "c-0").send("Hello!").await.unwrap();
        at_once(20, |index| {
            let house = house.clone();
            async move {
                if index % 2 == 0 {
                    house.customer("b-1", &format!("c-{index}")).send("Hello!").await.unwrap();
                    return;
                }
                let answer = house.operator("u-1").open(&booking_id("b-1")).await.unwrap();
                let shown = answer.messages.last().unwrap().number();
                assert_eq!(shown, answer.thread.last_number());
                assert!(answer.thread.mark(Role::Operator).number() >= shown);
            }
        })
        .await;
        // Each mark that was made is of an answer that had the message it names.
        let told = house.told.lock().unwrap().clone();
        for event in told {
            if let Event::Read { thread, .. } = event {
                let mark = thread.mark(Role::Operator);
                assert_eq!(mark.number(), thread.last_number(), "{name}: as answered");
                assert_eq!(thread.unread(Role::Operator), 0, "{name}");
            }
        }
        let thread = house.thread("b-1").await.unwrap();
        let mark = thread.mark(Role::Operator).number().get();
        assert_eq!(thread.unread(Role::Operator), thread.last_number().get() - mark, "{name}");
    }
}
