//! The state on which a random sequence of operations runs: the `FrontDesk` under test, the
//! reference implementation, and the clients.

use std::sync::Arc;

use frontdesk::desk::{CustomerConversation, PageRequest};
use frontdesk::store::{Revision, ThreadStore};
use frontdesk::view::{CustomerHistoryView, English};
use frontdesk::{CustomerDesk, OperatorDesk, Thread, Timestamp};
use time::UtcOffset;

use crate::clients::{CustomerClient, OperatorClient, entries_of};
use crate::operations::{CUSTOMERS, LOCATIONS, OPERATORS, Operation, Target, snapshot};
use crate::reference::ModelLocation;
use crate::support::fixture::Fixture;

pub(crate) type StoreFixture = Fixture<Arc<dyn ThreadStore>>;

pub(crate) struct Harness {
    fixture: StoreFixture,
    /// The epoch that the host application has set on the `FrontDesk`.
    pub(crate) epoch: u64,
    pub(crate) models: [ModelLocation; 2],
    pub(crate) operators: Vec<OperatorClient>,
    pub(crate) customers: Vec<CustomerClient>,
    /// The last operation that sent a draft with an idempotency key.
    pub(crate) last_keyed: Option<Operation>,
}

/// The newest revision in a location's store, and the number of commits in the location's model.
#[derive(Clone, Copy)]
pub(crate) struct Progress {
    pub(crate) revision: Revision,
    pub(crate) commits: u64,
}

impl Harness {
    pub(crate) async fn new(store: Arc<dyn ThreadStore>) -> Self {
        let mut harness = Self {
            fixture: Fixture::over(store),
            epoch: 0,
            models: [ModelLocation::default(), ModelLocation::default()],
            operators: Vec::new(),
            customers: Vec::new(),
            last_keyed: None,
        };
        for (location, operator) in [(0, 0), (0, 1), (1, 0)] {
            let client = harness.operator_client(location, operator).await;
            harness.operators.push(client);
        }
        for (location, booking, customer) in [(0, 0, 0), (0, 0, 1), (1, 1, 0)] {
            let client = harness.customer_client(Target { location, booking }, customer).await;
            harness.customers.push(client);
        }
        harness
    }

    /// Returns a copy of the fixture whose operator, customer and admin desks are those of a
    /// location.
    pub(crate) fn at(&self, location: usize) -> StoreFixture {
        self.fixture.clone().at_location(LOCATIONS[location])
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.fixture.now()
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.fixture.advance(seconds);
    }

    pub(crate) fn change_epoch(&mut self) {
        self.epoch += 1;
        self.fixture = self.fixture.reconfigured(|builder| builder.epoch(self.epoch));
    }

    pub(crate) fn operator(&self, location: usize, operator: usize) -> OperatorDesk {
        self.at(location).operator(OPERATORS[operator])
    }

    pub(crate) fn customer(&self, target: Target, customer: usize) -> CustomerDesk {
        let desk = self.at(target.location).customer(target.booking_id(), CUSTOMERS[customer]);
        desk.starting_with(snapshot(target, customer))
    }

    pub(crate) async fn operator_client(&self, location: usize, operator: usize) -> OperatorClient {
        let desk = self.operator(location, operator);
        let page = desk.inbox(&PageRequest::first(200)).await.unwrap();
        assert_eq!(page.next, None);
        OperatorClient {
            location,
            operator,
            list: page.threads.into_iter().collect(),
            unread: page.unread,
            first_page_cursor: page.cursor.clone(),
            cursor: page.cursor,
            polled: None,
            next_page: None,
            commits: self.models[location].commits,
            epoch: self.epoch,
            open: None,
        }
    }

    pub(crate) async fn customer_client(
        &mut self,
        target: Target,
        customer: usize,
    ) -> CustomerClient {
        let (answer, new) = self.customer_open(target, customer).await;
        CustomerClient {
            target,
            customer,
            cursor: answer.cursor().clone(),
            shown: self.models[target.location].last(target.booking_id()),
            epoch: self.epoch,
            entries: entries_of(&new),
        }
    }

    /// Returns the stored thread of a target, or `None` if it was not started or was erased.
    pub(crate) async fn head(&self, target: Target) -> Option<Thread> {
        self.at(target.location).find_thread(target.booking_id()).await
    }

    pub(crate) fn view(&self, answer: &CustomerConversation) -> CustomerHistoryView {
        answer.view(&self.fixture.desk.view_context(&UtcOffset::UTC, &English)).conversation
    }

    pub(crate) async fn progress(&self) -> [Progress; 2] {
        let mut progress = [Progress { revision: Revision::ZERO, commits: 0 }; 2];
        for (location, progress) in progress.iter_mut().enumerate() {
            let revision = self.at(location).revision().await;
            *progress = Progress { revision, commits: self.models[location].commits };
        }
        progress
    }
}
