//! A mail about the unread messages of one thread.

use std::fmt::Write;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use frontdesk::view::{Entry, ViewContext};
use frontdesk::{Message, MessageBody, Preview, Role, Thread, ThreadId};
use lettre::address::Envelope;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message as Mail};
use lettre::{Address, SmtpTransport, Transport};
use sha2::{Digest, Sha256};

use crate::Outcome;
use crate::delivery_error::DeliveryError;
use crate::settings::MailSettings;

/// The unread messages of a thread.
#[derive(Debug)]
pub struct Unread<'a> {
    /// The thread.
    pub thread: &'a Thread,
    /// The unread messages, oldest first.
    pub messages: &'a [Message],
    /// The role of the readers.
    pub reader: Role,
}

/// The longest text of an encoded word (RFC 2047) before it is encoded, in bytes. 45 bytes are 60
/// characters of base64, and an encoded word has at most 75 characters.
const ENCODED_WORD: usize = 45;

/// Returns the mail as bytes. The same messages always have the same `Message-ID`.
///
/// # Errors
///
/// Fails if an address is invalid.
pub fn compose(
    unread: &Unread<'_>,
    settings: &MailSettings,
    recipient: &str,
    context: &ViewContext<'_>,
) -> Outcome<Vec<u8>> {
    let Unread { thread, messages, reader } = *unread;
    let last = messages.last().ok_or("a mail has no messages")?;
    // After a restored backup, a number can name another message, which has another time.
    let last = format!("{}.{}", last.number(), last.sent_at().unix_micros());
    let domain = &settings.domain;
    let conversation = conversation_id(thread.id(), reader);
    let root = format!("<{conversation}@{domain}>");
    let from: Mailbox = settings.from.parse()?;
    let mut mail = Mail::builder()
        .from(from)
        .to(Mailbox::new(None, recipient.parse::<Address>()?))
        // Without an id of its own the mail would get none, and a retry would look like another mail.
        .message_id(Some(format!("<{conversation}.{last}@{domain}>")))
        // The id of no mail. All mails of a conversation refer to it, so mail programs group them.
        .in_reply_to(root.clone())
        .references(root)
        .header(ContentType::TEXT_PLAIN)
        .body(text(unread, context))?;
    let mut set = |name: &'static str, value: &str, encoded: String| {
        let name = HeaderName::new_from_ascii_str(name);
        let value = HeaderValue::dangerous_new_pre_encoded(name, value.to_owned(), encoded);
        mail.headers_mut().insert_raw(value);
    };
    let subject = subject(unread, context)?;
    set("Subject", &subject, encode(&subject));
    set("Auto-Submitted", "auto-generated", "auto-generated".to_owned());
    if let Some(address) = settings.unsubscribe.as_ref().filter(|_| reader == Role::Customer) {
        // A folded address would be another address, so the header is one line.
        let address = format!("<{address}{}>", percent_encoded(thread.id().booking.as_str()));
        set("List-Unsubscribe", &address, address.clone());
    }
    Ok(mail.formatted())
}

/// Returns a part of message ids that stands for a thread and a side. Ids of bookings can contain
/// characters that message ids cannot.
fn conversation_id(thread: &ThreadId, reader: Role) -> String {
    let ThreadId { location, booking } = thread;
    let digest = Sha256::digest(format!("{location} {booking} {reader}"));
    digest[..12].iter().fold(String::new(), |mut id, byte| {
        let _ = write!(id, "{byte:02x}");
        id
    })
}

/// Returns the subject: one line of at most 80 grapheme clusters. The text is cut before it is
/// encoded, because encoded words are cut inside of grapheme clusters.
fn subject(unread: &Unread<'_>, context: &ViewContext<'_>) -> Outcome<String> {
    let booking = unread.thread.booking();
    let activity = booking.activity.as_str();
    let line = match unread.reader {
        Role::Operator => format!("{}: {activity} {}", context.customer(booking), booking.code),
        Role::Customer => format!("New message about {activity} {}", booking.code),
    };
    Ok(Preview::of(&MessageBody::new(&line)?).as_str().to_owned())
}

fn text(unread: &Unread<'_>, context: &ViewContext<'_>) -> String {
    let mut text = String::new();
    for message in unread.messages {
        let Entry { sender, sent_at, time, text: body, .. } =
            Entry::new(message, unread.thread, context);
        let date = context.full_date(sent_at.date());
        let body = body.as_ref().map_or("", MessageBody::as_str);
        let _ = write!(text, "{sender}, {date}, {time}:\n{body}\n\n");
    }
    text
}

/// Encodes the text of a header, unless it is plain ASCII that no reader takes for an encoded word.
fn encode(text: &str) -> String {
    let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if is_plain && !text.contains("=?") {
        return text.to_owned();
    }
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut end = rest.len().min(ENCODED_WORD);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let (word, after) = rest.split_at(end);
        words.push(format!("=?utf-8?B?{}?=", STANDARD.encode(word)));
        rest = after;
    }
    // Readers join encoded words without the line breaks between them.
    words.join("\r\n ")
}

fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        let is_unreserved = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let _ = if is_unreserved {
            write!(encoded, "{}", char::from(byte))
        } else {
            write!(encoded, "%{byte:02X}")
        };
        encoded
    })
}

/// The SMTP client.
#[derive(Debug)]
pub struct Client {
    transport: SmtpTransport,
    from: Address,
}

impl Client {
    /// Makes a client for the server of the settings.
    ///
    /// # Errors
    ///
    /// Fails if the server's address or the sender is invalid.
    pub fn new(settings: &MailSettings) -> Outcome<Self> {
        let transport = SmtpTransport::from_url(&settings.smtp)?;
        let transport = transport.timeout(Some(Duration::from_secs(10))).build();
        Ok(Self { transport, from: settings.from.parse::<Mailbox>()?.email })
    }

    /// Sends a mail as it is.
    ///
    /// # Errors
    ///
    /// A reply from 500 to 599, such as "no such mailbox", refuses the mail for good. Everything else
    /// is temporary. The error contains the code of the reply and not its text, which can contain
    /// an address.
    pub fn send(&self, recipient: &str, content: &[u8]) -> Result<(), DeliveryError> {
        let invalid = |_| DeliveryError::Permanent("the address is invalid".to_owned());
        let recipient: Address = recipient.parse().map_err(invalid)?;
        let envelope = Envelope::new(Some(self.from.clone()), vec![recipient])
            .map_err(|_| DeliveryError::Permanent("the envelope is invalid".to_owned()))?;
        self.transport.send_raw(&envelope, content).map_err(|error| match error.status() {
            Some(code) if error.is_permanent() => {
                DeliveryError::Permanent(format!("SMTP reply {code}"))
            }
            Some(code) => DeliveryError::Temporary(format!("SMTP reply {code}")),
            None => DeliveryError::Temporary(error.to_string()),
        })?;
        Ok(())
    }
}
