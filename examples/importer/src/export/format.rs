use std::fmt;
use std::str::FromStr;

use super::conversation::ExportedConversation;
use super::file::{ExportError, ExportFile};
use super::settings::ReadSettings;
use super::{chatwoot, intercom, telegram, whatsapp, zendesk};

/// A system whose exports can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Pages of messages from the API of Chatwoot.
    Chatwoot,
    /// Comments of tickets from the API or the JSON export of Zendesk.
    Zendesk,
    /// Conversations with their parts from the API of Intercom.
    Intercom,
    /// The "machine-readable JSON" of Telegram Desktop.
    Telegram,
    /// The text file that WhatsApp exports for a chat.
    WhatsApp,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 5] =
        [Self::Chatwoot, Self::Zendesk, Self::Intercom, Self::Telegram, Self::WhatsApp];

    /// Returns the name of the format, which is also the first part of the ids that the importer
    /// makes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chatwoot => "chatwoot",
            Self::Zendesk => "zendesk",
            Self::Intercom => "intercom",
            Self::Telegram => "telegram",
            Self::WhatsApp => "whatsapp",
        }
    }

    /// Reads files and joins the parts of a conversation that several files contain. A message that
    /// several files contain is kept once.
    ///
    /// # Errors
    ///
    /// A file is not in this format, or the settings lack something that the format needs.
    pub fn read(
        self,
        files: &[ExportFile],
        settings: &ReadSettings,
    ) -> Result<Vec<ExportedConversation>, ExportError> {
        let mut conversations = match self {
            Self::Chatwoot => chatwoot::read(files, settings),
            Self::Zendesk => zendesk::read(files, settings),
            Self::Intercom => intercom::read(files, settings),
            Self::Telegram => telegram::read(files, settings),
            Self::WhatsApp => whatsapp::read(files, settings),
        }?;
        for conversation in &mut conversations {
            conversation.sort();
        }
        Ok(conversations)
    }
}

impl FromStr for Format {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|format| format.name() == text)
            .ok_or("--from takes chatwoot, zendesk, intercom, telegram or whatsapp")
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
