//! Random operations of customers, operators and the administration at one location.

use std::sync::{Arc, Mutex};

use frontdesk::record::MessageRecord;
use frontdesk::store::{
    Commit, CommitOutcome, NewMessage, NewMessages, ThreadState, ThreadStore, VersionedThread,
};
use frontdesk::{BookingPatch, DeskError, Draft, Message, MessageBody, MessageNumber, Post};

use crate::rng::Rng;
use crate::support::{booking, booking_id, customer, number};

/// A fixture over the store under test.
pub(crate) type Fixture = crate::support::fixture::Fixture<Arc<dyn ThreadStore>>;

/// The bookings of the location. Few bookings mean many operations on each of them. The last two
/// are only linked to threads of the others.
pub(crate) const BOOKINGS: [&str; 6] = ["b-1", "b-2", "b-3", "b-4", "l-1", "l-2"];

/// Random operations, and the erasures among them.
pub(crate) struct Workload {
    pub(crate) fixture: Fixture,
    rng: Mutex<Rng>,
    erased: Mutex<Vec<(&'static str, MessageNumber)>>,
}

impl Workload {
    pub(crate) fn new(store: Arc<dyn ThreadStore>, seed: u64) -> Self {
        let (rng, erased) = (Mutex::new(Rng::new(seed)), Mutex::default());
        Self { fixture: Fixture::over(store), rng, erased }
    }

    pub(crate) fn below(&self, end: u32) -> u32 {
        self.rng.lock().unwrap().below(u64::from(end))
    }

    /// Returns the threads that were erased, with their last numbers.
    pub(crate) fn erased(&self) -> Vec<(&'static str, MessageNumber)> {
        self.erased.lock().unwrap().clone()
    }

    /// Executes one random operation.
    pub(crate) async fn operate(&self) {
        let id = BOOKINGS[self.below(6) as usize];
        let booking_id = booking_id(id);
        let fixture = &self.fixture;
        let (kim, ann, admin) = (fixture.kim(), fixture.ann_with(id), fixture.admin());
        fixture.advance(1);
        let text = format!("text {}", self.below(1_000));
        match self.below(20) {
            0..=4 => accept(ann.send(text.as_str()).await),
            5 => {
                for _ in 0..self.below(30) {
                    accept(ann.send(text.as_str()).await);
                }
            }
            6 | 7 => accept(kim.reply(&booking_id, text.as_str()).await),
            8 => accept(kim.reply(&booking_id, Draft::new(text).automatic()).await),
            9 | 10 => accept(kim.open(&booking_id).await),
            11 => accept(ann.open().await),
            12 => accept(kim.mark_unread(&booking_id, self.number()).await),
            13 => accept(admin.refresh(&BookingPatch::new(booking_id).with_activity(text)).await),
            14 => accept(admin.redact(&booking_id, self.number()).await),
            15 => self.erase(id).await,
            16 => accept(kim.start(booking(id)).await),
            17 => accept(
                admin.link(&booking_id, &booking(BOOKINGS[4 + self.below(2) as usize])).await,
            ),
            _ => self.import(id, self.below(40) + 1).await,
        }
    }

    fn number(&self) -> MessageNumber {
        number(self.below(20) + 1)
    }

    async fn erase(&self, id: &'static str) {
        let last = self.fixture.find_thread(id).await.map(|thread| thread.last_number());
        accept(self.fixture.admin().erase(&booking_id(id)).await);
        if let Some(last) = last {
            self.erased.lock().unwrap().push((id, last));
        }
    }

    /// Adds imported messages to a thread in one commit. Does nothing if there is no thread.
    pub(crate) async fn import(&self, id: &str, count: u32) {
        let found = self.fixture.store.thread(&self.fixture.thread_id(id)).await.unwrap().value;
        let Some(VersionedThread { state: ThreadState::Live(thread), .. }) = &found else { return };
        let author = Arc::new(customer("ann"));
        let body = MessageBody::new("imported").unwrap();
        let (mut thread, mut messages) = (thread.clone(), Vec::new());
        for _ in 0..count {
            let post = Post::new(Arc::clone(&author), body.clone(), self.fixture.now());
            let posted = thread.post(post).unwrap();
            thread = posted.thread;
            let mut record = MessageRecord::from(posted.message);
            record.imported = true;
            messages.push(NewMessage::new(Message::try_from(record).unwrap(), None));
        }
        let commit = Commit::new(ThreadState::Live(thread), found.as_ref())
            .with_messages(NewMessages::new(messages).unwrap())
            .unwrap();
        let outcome = self.fixture.store.commit(commit).await.unwrap().value;
        assert!(matches!(outcome, CommitOutcome::Committed(_)));
    }
}

/// Ignores the answer, and an error that says that the thread or the message does not exist.
#[track_caller]
fn accept<T>(answer: Result<T, DeskError>) {
    if let Err(error @ (DeskError::Store(_) | DeskError::Busy)) = answer {
        panic!("{error}");
    }
}
