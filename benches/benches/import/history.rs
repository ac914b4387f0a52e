//! The threads that are imported, and the same messages as single sends.

use std::sync::Arc;

use frontdesk::import::{ImportedMessage, ThreadImport};
use frontdesk::store::ThreadStore;
use frontdesk::{FrontDesk, IdempotencyKey, LocationId, Participant, Role};
use frontdesk_benches::workload::{self, ClockedDesk, LocationHandles};
use futures::StreamExt as _;
use futures::stream;

/// The number of locations. The threads are spread over them in turn.
const LOCATIONS: usize = 64;
/// The number of messages of a thread.
const MESSAGES_PER_THREAD: usize = 20;

/// The lists to import, each with its location.
pub(crate) struct History {
    lists: Vec<(LocationId, ThreadImport)>,
}

impl History {
    pub(crate) fn new(threads: usize) -> Self {
        let lists =
            (0..threads).map(|thread| (location(thread % LOCATIONS), list(thread, threads)));
        Self { lists: lists.collect() }
    }

    pub(crate) fn threads(&self) -> usize {
        self.lists.len()
    }

    pub(crate) fn messages(&self) -> usize {
        self.threads() * MESSAGES_PER_THREAD
    }

    /// Imports all lists, at most `in_flight` at the same time.
    pub(crate) async fn import(&self, store: impl ThreadStore + 'static, in_flight: usize) {
        let now = workload::time(self.messages());
        let desk = FrontDesk::builder(store).clock(move || now).build();
        let imports = self.lists.iter().map(|(location, list)| {
            let admin = desk.admin(location.clone());
            async move { admin.import(list).await }
        });
        let mut imports = stream::iter(imports).buffer_unordered(in_flight);
        while let Some(imported) = imports.next().await {
            let imported = imported.expect("the list is imported");
            assert_eq!((imported.stored, imported.refused.len()), (MESSAGES_PER_THREAD, 0));
        }
    }

    /// Returns the locations for single sends.
    pub(crate) fn handles(&self, store: impl ThreadStore + 'static) -> Vec<LocationHandles> {
        let desk = ClockedDesk::new(store);
        let threads = self.threads() / LOCATIONS;
        (0..LOCATIONS).map(|at| desk.handles(location(at).as_str(), threads)).collect()
    }
}

/// Sends `messages` single messages, one after the other, in turn to each location.
pub(crate) async fn send(locations: &[LocationHandles], messages: usize) {
    for number in 0..messages {
        locations[number % LOCATIONS].post(number / LOCATIONS).await;
    }
}

fn location(at: usize) -> LocationId {
    LocationId::new(format!("l-{at:02}")).expect("the id is valid")
}

fn list(thread: usize, threads: usize) -> ThreadImport {
    let author = |role| Arc::new(Participant::new(role, workload::participant(thread, role), None));
    let (customer, operator) = (author(Role::Customer), author(Role::Operator));
    let messages = (0..MESSAGES_PER_THREAD).map(|turn| {
        let number = turn * threads + thread;
        let author = if turn.is_multiple_of(2) { &customer } else { &operator };
        let text = workload::text(number);
        let message = ImportedMessage::new(Arc::clone(author), workload::time(number), text);
        let key = IdempotencyKey::new(workload::key(number)).expect("the key is valid");
        (key, message)
    });
    ThreadImport::new(workload::booking(thread)).messages(messages)
}
