use frontdesk::desk::Event;
use frontdesk::{DisplayName, Preview};

/// Prints the data that a notification about a customer's message needs, on standard error.
///
/// A real host application must not log the name or the preview, because both are personal
/// data. Its listener puts the notification into a queue and returns at once (P5).
pub(crate) fn print_customer_message(event: &Event) {
    let Event::MessageReceived { thread, message } = event else { return };
    let booking = thread.booking();
    let name = message.author().name.as_ref().or(booking.customer_name.as_ref());
    eprintln!(
        "customer message received: booking={} thread={} number={} code={} customer=\"{}\" \
         preview=\"{}\"",
        booking.id,
        thread.id(),
        message.number(),
        booking.code.prefix(),
        name.map_or("", DisplayName::as_str),
        message.body().map(|body| Preview::of(body).to_string()).unwrap_or_default(),
    );
}
