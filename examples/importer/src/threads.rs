//! Threads to import, made of conversations with times.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use frontdesk::import::{ImportedMessage, ThreadImport};
use frontdesk::{
    Booking, BookingId, DisplayName, IdError, IdempotencyKey, Participant, ParticipantId, Role,
};

use crate::booking_map::BookingMap;
use crate::export::{ExportedConversation, ExportedMessage, Format, LeftOut};
use crate::imported_id::imported_id;
use crate::input::{Input, Marks};

/// Threads to import, and what is not in them.
#[derive(Debug, Default)]
pub struct Threads {
    /// The threads, in the order of their booking ids.
    pub imports: Vec<ThreadImport>,
    /// The number of conversations that are in the threads.
    pub conversations: usize,
    /// The number of conversations that the assignment to bookings does not contain.
    pub not_assigned: usize,
    /// The numbers of entries that are not in the threads.
    pub left_out: LeftOut,
    /// Remarks for the person who runs the import.
    pub remarks: Vec<String>,
}

/// A thread that is being made of one or several conversations.
struct Draft {
    booking: Booking,
    messages: Vec<(IdempotencyKey, ImportedMessage)>,
}

impl Threads {
    /// Makes threads of the conversations of an export.
    ///
    /// With `bookings`, only the conversations in it are imported, and conversations of the same
    /// booking become one thread. Otherwise each conversation becomes an enquiry, whose id is the
    /// name of the format and the conversation's id. An id that is too long or contains whitespace
    /// is changed, and then ends with a digest of the original id.
    ///
    /// # Errors
    ///
    /// An id of the export cannot become an id of the library.
    pub fn from_export(
        format: Format,
        conversations: Vec<ExportedConversation>,
        bookings: Option<&BookingMap>,
    ) -> Result<Self, String> {
        let (mut threads, mut drafts) = (Self::default(), BTreeMap::<BookingId, Draft>::new());
        for conversation in conversations {
            let id = match bookings {
                None => booking_id(format, &conversation.id)?,
                Some(bookings) => {
                    let Some(id) = bookings.get(&conversation.id) else {
                        threads.not_assigned += 1;
                        continue;
                    };
                    id.clone()
                }
            };
            threads.conversations += 1;
            threads.left_out += conversation.left_out;
            threads.remarks.extend_from_slice(&conversation.remarks);
            let draft = drafts
                .entry(id.clone())
                .or_insert_with(|| Draft { booking: enquiry(id, &conversation), messages: vec![] });
            let messages = convert(format, &conversation)
                .map_err(|error| format!("conversation {}: {error}", conversation.id))?;
            draft.messages.extend(messages);
        }
        for Draft { booking, mut messages } in drafts.into_values() {
            messages.sort_by_key(|(_, message)| message.sent_at);
            threads.imports.push(ThreadImport::new(booking).messages(messages).cleaned());
        }
        Ok(threads)
    }

    /// Makes threads of conversations in the importer's own form.
    ///
    /// # Errors
    ///
    /// An id is too long.
    pub fn from_input(input: &Input) -> Result<Self, IdError> {
        let mut threads = Self::default();
        let participant = |role, id: &str| Ok(Arc::new(Participant::new(role, id.parse()?, None)));
        let authors =
            [participant(Role::Customer, "customer")?, participant(Role::Operator, "team")?];
        for conversation in &input.conversations {
            let mut messages = Vec::with_capacity(conversation.turns.len());
            for (index, turn) in conversation.turns.iter().enumerate() {
                let Some(at) = turn.at else { continue };
                let author = Arc::clone(&authors[usize::from(turn.from == Role::Operator)]);
                let message = ImportedMessage::new(author, at, turn.text.as_str());
                messages.push((conversation.key(index + 1)?, message));
            }
            messages.sort_by_key(|(_, message)| message.sent_at);
            let booking = conversation.booking("", None);
            let import = ThreadImport::new(booking).messages(messages).cleaned();
            threads.imports.push(conversation.marks().apply(import));
            threads.conversations += 1;
        }
        Ok(threads)
    }

    /// Gives all threads these marks.
    pub fn set_marks(&mut self, marks: Marks) {
        let imports = std::mem::take(&mut self.imports).into_iter();
        self.imports = imports.map(|import| marks.apply(import)).collect();
    }

    /// Returns the number of messages in all threads.
    pub fn message_count(&self) -> usize {
        self.imports.iter().map(|import| import.messages.len()).sum()
    }
}

fn booking_id(format: Format, conversation: &str) -> Result<BookingId, String> {
    let id = BookingId::new(imported_id(&format!("{format}-{conversation}")));
    id.map_err(|error| format!("conversation {conversation}: {error}"))
}

fn enquiry(id: BookingId, conversation: &ExportedConversation) -> Booking {
    let subject = match conversation.subject.as_str() {
        "" => format!("Conversation {}", conversation.id),
        subject => subject.to_owned(),
    };
    let first_customer = || {
        let mut messages = conversation.messages.iter();
        messages.find(|it| it.role == Role::Customer)?.author_name.clone()
    };
    let name = conversation.customer_name.clone().or_else(first_customer);
    Booking::enquiry(id, subject).with_customer_name(name.and_then(DisplayName::new))
}

fn convert(
    format: Format,
    conversation: &ExportedConversation,
) -> Result<Vec<(IdempotencyKey, ImportedMessage)>, IdError> {
    let mut authors: HashMap<(Role, &str, Option<&str>), Arc<Participant>> = HashMap::new();
    let mut messages = Vec::with_capacity(conversation.messages.len());
    for message in &conversation.messages {
        let name = message.author_name.as_deref();
        let author = (message.role, message.author_id.as_str(), name);
        let author = if let Some(known) = authors.get(&author) {
            Arc::clone(known)
        } else {
            let new = Arc::new(participant(format, message)?);
            authors.insert(author, Arc::clone(&new));
            new
        };
        let key = format!("{format}-{}/{}", conversation.id, message.external_id);
        let key = IdempotencyKey::new(imported_id(&key))?;
        let imported = ImportedMessage::new(author, message.sent_at, message.text.as_str());
        let imported = if message.is_automatic { imported.automatic() } else { imported };
        messages.push((key, imported));
    }
    Ok(messages)
}

fn participant(format: Format, message: &ExportedMessage) -> Result<Participant, IdError> {
    let id = ParticipantId::new(imported_id(&format!("{format}-{}", message.author_id)))?;
    let name = message.author_name.as_ref().and_then(DisplayName::new);
    Ok(Participant::new(message.role, id, name))
}
