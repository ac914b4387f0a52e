use frontdesk::desk::Event;
use frontdesk::{DisplayName, Preview};

/// The desk's listener: what a notification of a customer's message needs, as a
/// line on stderr. A real one hands this to a queue and returns (P5); its preview
/// is a customer's words, and belongs into a message to the team, not into a log.
pub(crate) fn received(event: &Event) {
    let Event::Received { thread, message } = event else { return };
    let booking = thread.booking();
    let name = message.author().name.as_ref().or(booking.customer_name.as_ref());
    eprintln!(
        "customer message received: booking={} thread={} number={} code={} customer=\"{}\" \
         preview=\"{}\"",
        booking.id,
        thread.id(),
        message.number(),
        booking.code.short(),
        name.map_or("", DisplayName::as_str),
        Preview::of(message.body()),
    );
}
