//! A desk with everybody it serves, who all begin at once.

use std::future::Future;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex};

use frontdesk::desk::Event;
use frontdesk::store::{Direction, ThreadStore};
use frontdesk::{CustomerDesk, FrontDesk, Message, MessageNumber, OperatorDesk, Thread};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::support::{at, booking, place, thread_id, who};

pub(crate) const HERE: &str = "here";
const WHOLE: RangeInclusive<MessageNumber> = MessageNumber::START..=MessageNumber::MAX;

/// A desk over a store, and everything that its listener was told.
#[derive(Clone)]
pub(crate) struct House {
    pub(crate) store: Arc<dyn ThreadStore>,
    pub(crate) desk: FrontDesk,
    pub(crate) told: Arc<Mutex<Vec<Event>>>,
}

impl House {
    pub(crate) fn over(store: Arc<dyn ThreadStore>) -> Self {
        let told = Arc::new(Mutex::new(Vec::new()));
        let telling = Arc::clone(&told);
        let desk = FrontDesk::builder(Arc::clone(&store))
            .clock(|| at(0))
            .listener(move |event: &Event| telling.lock().unwrap().push(event.clone()))
            .build();
        Self { store, desk, told }
    }

    pub(crate) fn operator(&self, id: &str) -> OperatorDesk {
        self.desk.operator(place(HERE), who(id), None)
    }

    pub(crate) fn customer(&self, booked: &str, id: &str) -> CustomerDesk {
        self.desk.customer(place(HERE), booking(booked), who(id), None)
    }

    pub(crate) async fn messages(&self, booked: &str) -> Vec<Message> {
        let id = thread_id(HERE, booked);
        self.store.messages(&id, WHOLE, usize::MAX, Direction::OldestFirst).await.unwrap()
    }

    pub(crate) async fn thread(&self, booked: &str) -> Option<Thread> {
        let stored = self.store.thread(&thread_id(HERE, booked)).await.unwrap()?;
        stored.state.live().cloned()
    }

    /// The numbers of the messages that the listener was told of, in order.
    pub(crate) fn told_messages(&self) -> Vec<u32> {
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

    pub(crate) fn told_opened(&self) -> usize {
        let told = self.told.lock().unwrap();
        told.iter().filter(|event| matches!(event, Event::Opened { .. })).count()
    }
}

/// Runs `count` tasks that all begin at once, and gives back what they answer.
pub(crate) async fn at_once<T, F>(count: usize, task: impl Fn(usize) -> F) -> Vec<T>
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
