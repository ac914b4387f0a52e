//! The response to one call of a store, from an OS thread of the store to a task.
//!
//! The OS thread sets the responses to all calls that it answers together before it wakes the first
//! caller. With a oneshot channel, each response wakes its caller at once. If one OS thread runs many
//! callers, it then wakes up for one response, waits again, and wakes up for the next.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// The OS thread of the store ended or panicked before it set the response.
#[derive(Debug, thiserror::Error)]
#[error("the store's OS thread ended without a response")]
pub(super) struct NoResponse;

/// Makes the two ends of a response.
pub(super) fn response<T>() -> (Responder<T>, Response<T>) {
    let shared = Arc::new(Shared(Mutex::new(State::Waiting(None))));
    (Responder(Arc::clone(&shared)), Response(shared))
}

/// The end that sets the response.
pub(super) struct Responder<T>(Arc<Shared<T>>);

/// The end that waits for the response.
pub(super) struct Response<T>(Arc<Shared<T>>);

struct Shared<T>(Mutex<State<T>>);

enum State<T> {
    /// Contains the waker of the task that waits, if the task has polled the response.
    Waiting(Option<Waker>),
    Ready(T),
    /// The response was taken, or none will come.
    Closed,
}

impl<T> Shared<T> {
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Replaces the state if the task still waits. Returns the waker of the task.
    fn end_wait(&self, next: State<T>) -> Option<Waker> {
        let mut state = self.state();
        match &mut *state {
            State::Waiting(waker) => {
                let waker = waker.take();
                *state = next;
                waker
            }
            State::Ready(_) | State::Closed => None,
        }
    }
}

impl<T> Responder<T> {
    /// Sets the response and wakes the caller.
    ///
    /// If the caller has dropped its future, the response is dropped too.
    pub(super) fn respond(self, value: T) {
        self.0.end_wait(State::Ready(value)).into_iter().for_each(wake);
    }
}

/// Sets a response for each caller, in the order of the responders, and then wakes the callers.
/// Callers in sequence that have the same waker are woken once.
pub(super) fn respond_all<T>(responders: Vec<Responder<T>>, values: Vec<T>) {
    let set = |(responder, value): (Responder<T>, T)| responder.0.end_wait(State::Ready(value));
    let mut wakers: Vec<Waker> = responders.into_iter().zip(values).filter_map(set).collect();
    wakers.dedup_by(|waker, previous| waker.will_wake(previous));
    wakers.into_iter().for_each(wake);
}

/// Wakes a caller.
///
/// Some executors run the task inside this call. `catch_unwind` prevents a panic in that task from
/// stopping the store's OS thread.
fn wake(waker: Waker) {
    let _ = catch_unwind(AssertUnwindSafe(|| waker.wake()));
}

/// Lets the caller fail if no response was set.
impl<T> Drop for Responder<T> {
    fn drop(&mut self) {
        self.0.end_wait(State::Closed).into_iter().for_each(wake);
    }
}

impl<T> Future for Response<T> {
    type Output = Result<T, NoResponse>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.0.state();
        match std::mem::replace(&mut *state, State::Closed) {
            State::Ready(value) => Poll::Ready(Ok(value)),
            State::Closed => Poll::Ready(Err(NoResponse)),
            State::Waiting(waker) => {
                let waker = waker.filter(|waker| waker.will_wake(context.waker()));
                let waker = waker.unwrap_or_else(|| context.waker().clone());
                *state = State::Waiting(Some(waker));
                Poll::Pending
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;

    #[derive(Default)]
    struct Counter(AtomicUsize);

    impl Wake for Counter {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Polls a response, lets `end` use the responder, and polls the response again. Returns the
    /// second answer and the number of wakes.
    fn poll_twice(end: impl FnOnce(Responder<u8>)) -> (Poll<Option<u8>>, usize) {
        let (responder, mut response) = response();
        let counter = Arc::new(Counter::default());
        let waker = Waker::from(Arc::clone(&counter));
        let mut poll = || {
            let polled = Pin::new(&mut response).poll(&mut Context::from_waker(&waker));
            polled.map(Result::ok)
        };
        assert_eq!(poll(), Poll::Pending);
        end(responder);
        (poll(), counter.0.load(Ordering::SeqCst))
    }

    #[test]
    fn a_response_wakes_its_caller() {
        assert_eq!(poll_twice(|responder| responder.respond(7)), (Poll::Ready(Some(7)), 1));
        let respond = |responder| respond_all(vec![responder], vec![7]);
        assert_eq!(poll_twice(respond), (Poll::Ready(Some(7)), 1));
    }

    #[test]
    fn a_responder_that_is_dropped_wakes_its_caller_with_an_error() {
        assert_eq!(poll_twice(drop), (Poll::Ready(None), 1));
        // A caller without a value gets an error too.
        let respond = |responder| respond_all(vec![responder], Vec::new());
        assert_eq!(poll_twice(respond), (Poll::Ready(None), 1));
    }

    #[test]
    fn callers_with_different_wakers_are_all_woken() {
        let counters = [0, 1].map(|_| Arc::new(Counter::default()));
        let (responders, mut responses): (Vec<_>, Vec<_>) = (0..3).map(|_| response()).unzip();
        for (response, counter) in responses.iter_mut().zip([0, 1, 0]) {
            let waker = Waker::from(Arc::clone(&counters[counter]));
            assert!(Pin::new(response).poll(&mut Context::from_waker(&waker)).is_pending());
        }
        respond_all(responders, vec![1, 2, 3]);
        assert_eq!(counters.map(|counter| counter.0.load(Ordering::SeqCst)), [2, 1]);
    }
}
