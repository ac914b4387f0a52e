use frontdesk::desk::Event;
use frontdesk::{DisplayName, Message, Preview, Thread};

/// Prints the events that a host application acts on, on standard error.
///
/// A real host application queues notifications and returns at once (P5). For a removed message,
/// it also deletes its own copies of the text, for example in mails that it has not sent yet.
pub(crate) fn print_event(event: &Event) {
    match event {
        Event::MessageReceived { thread, message } => print_customer_message(thread, message),
        Event::MessageRedacted { thread, message } => {
            eprintln!("message removed: thread={} number={}", thread.id(), message.number());
        }
        Event::MarkedAnswered { thread } => {
            let is_waiting = thread.waiting_since().is_some();
            eprintln!("marked as answered: thread={} still_waiting={is_waiting}", thread.id());
        }
        Event::ThreadLinked { thread, booking } => {
            eprintln!("booking linked: thread={} booking={booking}", thread.id());
        }
        _ => {}
    }
}

/// Prints the data that a notification about a customer's message needs.
///
/// A real host application must not log the name or the preview, because both are personal
/// data.
fn print_customer_message(thread: &Thread, message: &Message) {
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
