//! The latency of a request to another OS thread.

use std::sync::mpsc;
use std::thread;

use futures::channel::oneshot;
use futures::executor::block_on;

/// An OS thread that answers requests and does nothing else. A store that must not block the
/// executor sends each read to another OS thread, so this round trip is the lower bound of a
/// read.
pub(crate) struct EchoThread(mpsc::Sender<oneshot::Sender<()>>);

impl EchoThread {
    pub(crate) fn spawn() -> Self {
        let (sender, requests) = mpsc::channel::<oneshot::Sender<()>>();
        thread::spawn(move || {
            for response in requests {
                // If the caller no longer waits for the answer, nothing is left to do.
                let _ = response.send(());
            }
        });
        Self(sender)
    }

    pub(crate) fn round_trip(&self) {
        let (sender, response) = oneshot::channel();
        self.0.send(sender).expect("the echo thread is running");
        block_on(response).expect("the echo thread answers");
    }
}
