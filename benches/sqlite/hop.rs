use std::sync::mpsc;
use std::thread;

use futures::channel::oneshot;
use futures::executor::block_on;

/// A thread that answers and does nothing else: the least that any store costs
/// whose reads do not block the executor.
pub(crate) struct Hop(mpsc::Sender<oneshot::Sender<()>>);

impl Hop {
    pub(crate) fn new() -> Self {
        let (ask, asked) = mpsc::channel::<oneshot::Sender<()>>();
        thread::spawn(move || asked.iter().for_each(|answer| answer.send(()).unwrap_or_default()));
        Self(ask)
    }

    pub(crate) fn there_and_back(&self) {
        let (answer, answered) = oneshot::channel();
        self.0.send(answer).expect("the thread is there");
        block_on(answered).expect("it answers");
    }
}
