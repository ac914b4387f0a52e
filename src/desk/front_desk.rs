use std::fmt;
use std::sync::Arc;

use super::admin::AdminDesk;
use super::context::DeskContext;
use super::customer::CustomerDesk;
use super::error::DeskError;
use super::limits::MAX_LOCATIONS;
use super::location_position::LocationPosition;
use super::operator::OperatorDesk;
use crate::calendar::TimeZone;
use crate::view::{Localization, ViewContext};
use crate::{BookingId, DisplayName, LocationId, Participant, ParticipantId, ThreadId, Timestamp};

/// The entry point, which makes the operator, customer and admin desks. Cloning a desk is cheap:
/// the clones share the store and the settings.
///
/// ```
/// use frontdesk::store::MemoryStore;
/// use frontdesk::{BookingId, FrontDesk, LocationId, ParticipantId};
///
/// let desk = FrontDesk::new(MemoryStore::new());
/// let harbour = LocationId::new("harbour")?;
///
/// // The host application has checked that the user may have these desks.
/// let operator = desk.operator(harbour.clone(), ParticipantId::new("u-7")?, None);
/// let customer =
///     desk.customer(harbour.clone(), BookingId::new("b-1")?, ParticipantId::new("c-9")?);
/// let admin = desk.admin(harbour);
/// # Ok::<(), frontdesk::IdError>(())
/// ```
#[derive(Clone)]
pub struct FrontDesk {
    context: Arc<DeskContext>,
}

impl FrontDesk {
    pub(super) fn from_context(context: Arc<DeskContext>) -> Self {
        Self { context }
    }

    /// Makes the desk of an operator at a location. Before this call, the host application checks
    /// the operator's identity and that the operator works at the location.
    pub fn operator(
        &self,
        location: LocationId,
        id: ParticipantId,
        name: Option<DisplayName>,
    ) -> OperatorDesk {
        let participant = Participant::operator(id, name);
        OperatorDesk::new(Arc::clone(&self.context), location, participant)
    }

    /// Makes the desk of a customer for the thread of one booking. Before this call, the host
    /// application checks that the booking belongs to the customer. To start a thread, the desk
    /// also needs the whole booking; see [`starting_with`](CustomerDesk::starting_with).
    pub fn customer(
        &self,
        location: LocationId,
        booking: BookingId,
        id: ParticipantId,
    ) -> CustomerDesk {
        let thread = ThreadId::new(location, booking);
        CustomerDesk::new(Arc::clone(&self.context), thread, Participant::customer(id, None))
    }

    /// Makes the desk with which the host application maintains a location.
    pub fn admin(&self, location: LocationId) -> AdminDesk {
        AdminDesk::new(Arc::clone(&self.context), location)
    }

    /// Reads the locations that have had a commit, with their newest revisions, in the order of the
    /// bytes of their ids, at most `limit` after the location `after`. The list ends with a page of
    /// fewer locations than `limit`.
    ///
    /// One notifier thus serves many locations: it follows only those that have something new. This
    /// is the only use case that is not about one location.
    ///
    /// # Errors
    ///
    /// [`DeskError::LocationLimit`] if `limit` is 0 or above [`MAX_LOCATIONS`], and
    /// [`DeskError::Store`].
    ///
    /// ```
    /// use std::collections::HashMap;
    ///
    /// use frontdesk::cursor::FollowCursor;
    /// use frontdesk::desk::{EventPage, FollowAnswer, LocationPosition, MAX_LOCATIONS};
    /// use frontdesk::{FrontDesk, LocationId};
    /// # use frontdesk::DeskError;
    /// # use frontdesk::store::MemoryStore;
    ///
    /// /// Delivers the new events of all locations, at least once.
    /// async fn round(
    ///     desk: &FrontDesk,
    ///     cursors: &mut HashMap<LocationId, FollowCursor>,
    /// ) -> Result<(), DeskError> {
    ///     let mut after: Option<LocationId> = None;
    ///     loop {
    ///         let page: Vec<LocationPosition> =
    ///             desk.locations(after.as_ref(), MAX_LOCATIONS).await?;
    ///         for newest in &page {
    ///             let cursor = cursors.get(&newest.location);
    ///             if cursor.is_some_and(|cursor| !newest.has_changed_since(cursor)) {
    ///                 continue;
    ///             }
    ///             let next = match desk.admin(newest.location.clone()).follow(cursor, 100).await? {
    ///                 FollowAnswer::Events(EventPage { events, cursor, .. }) => {
    ///                     for event in &events {
    ///                         println!("{}", event.id); // Deliver the event.
    ///                     }
    ///                     cursor
    ///                 }
    ///                 FollowAnswer::StartOver { newest, .. } => newest,
    ///             };
    ///             // Store the cursor after the events were delivered.
    ///             cursors.insert(newest.location.clone(), next);
    ///         }
    ///         if page.len() < MAX_LOCATIONS {
    ///             return Ok(());
    ///         }
    ///         after = page.last().map(|last| last.location.clone());
    ///     }
    /// }
    /// # let desk = FrontDesk::new(MemoryStore::new());
    /// # futures::executor::block_on(round(&desk, &mut HashMap::new())).unwrap();
    /// ```
    pub async fn locations(
        &self,
        after: Option<&LocationId>,
        limit: usize,
    ) -> Result<Vec<LocationPosition>, DeskError> {
        if !(1..=MAX_LOCATIONS).contains(&limit) {
            return Err(DeskError::LocationLimit { limit });
        }
        let answer = self.context.store.locations(after, limit).await?;
        let epoch = self.context.cursor_epoch(answer.epoch);
        let positions = answer
            .value
            .into_iter()
            .map(|found| LocationPosition::new(found.location, found.revision, epoch));
        Ok(positions.collect())
    }

    /// Returns the present time of the desk's clock (W2).
    pub fn now(&self) -> Timestamp {
        self.context.now()
    }

    /// Makes a view context at the present time.
    pub fn view_context<'a>(
        &self,
        time_zone: &'a dyn TimeZone,
        localization: &'a dyn Localization,
    ) -> ViewContext<'a> {
        ViewContext::new(time_zone, localization, self.now())
    }
}

impl fmt::Debug for FrontDesk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.context, f)
    }
}
