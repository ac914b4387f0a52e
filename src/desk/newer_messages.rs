use crate::view::{OperatorConversationView, ViewContext};
use crate::{Message, Thread};

/// The messages that refused a conditional reply, because the sender's screen did not show them
/// (L6). To add them to a [`Conversation`](crate::desk::Conversation), call
/// [`later`](crate::OperatorDesk::later) with the number that the draft named.
///
/// ```
/// use frontdesk::desk::NewerMessages;
/// use frontdesk::view::English;
/// use frontdesk::{DeskError, Draft};
/// use time::UtcOffset;
///
/// # use frontdesk::store::MemoryStore;
/// # use frontdesk::{Booking, BookingId, FrontDesk, LocationId, ParticipantId};
/// # futures::executor::block_on(async {
/// # let desk = FrontDesk::new(MemoryStore::new());
/// # let harbour = LocationId::new("harbour")?;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
/// # let ann = desk
/// #     .customer(harbour.clone(), booking.id.clone(), ParticipantId::new("c-9")?)
/// #     .starting_with(booking.clone());
/// # let kim = desk.operator(harbour.clone(), ParticipantId::new("u-7")?, None);
/// let question = ann.send("Can we bring a dog?").await?.number();
/// let draft = |text: &str| Draft::new(text).with_seen(question).only_if_latest();
/// kim.reply(&booking.id, draft("Gladly!")).await?;
///
/// // A colleague's screen does not show this reply yet.
/// let refused = kim.reply(&booking.id, draft("Sorry, no dogs.")).await.unwrap_err();
/// let DeskError::NotLatest(newer) = refused else { panic!("the reply is not the latest") };
/// let newer: NewerMessages = *newer;
/// assert_eq!(newer.messages[0].body().unwrap().as_str(), "Gladly!");
///
/// let view = newer.view(&desk.view_context(&UtcOffset::UTC, &English));
/// assert_eq!(view.sections[0].entries.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewerMessages {
    /// The thread, unchanged.
    pub thread: Thread,
    /// The messages after the last message that the screen showed, oldest first, at most
    /// [`MAX_PAGE`](super::MAX_PAGE).
    pub messages: Vec<Message>,
}

impl NewerMessages {
    /// Makes a view of the messages.
    pub fn view(&self, context: &ViewContext<'_>) -> OperatorConversationView {
        OperatorConversationView::new(&self.thread, &self.messages, context)
    }
}
