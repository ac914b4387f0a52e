//! The values of the page.

use frontdesk::view::CustomerHistoryView;

/// The form in which a page takes the texts of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageForm {
    /// The raw text, which the engine escapes. This is the form to prefer.
    Text,
    /// The encoded text, which the engine must print unchanged.
    Encoded,
}

/// A page that shows one conversation.
#[derive(Debug)]
pub struct Page<'a> {
    /// The conversation.
    pub view: &'a CustomerHistoryView,
    /// The form of the messages' texts.
    pub form: MessageForm,
}

impl Page<'_> {
    /// Returns `true` if the page takes encoded texts.
    pub fn is_encoded(&self) -> bool {
        self.form == MessageForm::Encoded
    }
}
