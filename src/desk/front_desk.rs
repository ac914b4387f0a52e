use std::fmt;
use std::sync::Arc;

use super::admin::AdminDesk;
use super::context::DeskContext;
use super::customer::CustomerDesk;
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
