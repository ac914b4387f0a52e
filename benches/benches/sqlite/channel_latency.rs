//! The latency of a request to another thread.

use std::sync::mpsc;
use std::thread;

use futures::channel::oneshot;
use futures::executor::block_on;

/// A thread that answers requests and does nothing else. Its round trip is the lower bound for
/// every store whose reads do not block the executor.
pub(crate) struct EchoThread(mpsc::Sender<oneshot::Sender<()>>);

impl EchoThread {
    pub(crate) fn spawn() -> Self {
        let (sender, requests) = mpsc::channel::<oneshot::Sender<()>>();
        thread::spawn(move || {
            for response in requests {
                // The caller may be gone.
                let _ = response.send(());
            }
        });
        Self(sender)
    }

    pub(crate) fn round_trip(&self) {
        let (sender, response) = oneshot::channel();
        self.0.send(sender).expect("the thread is running");
        block_on(response).expect("the thread answers");
    }
}
