//! The "machine-readable JSON" of Telegram Desktop: `result.json` of one chat, or of an account.

use std::collections::{BTreeMap, HashSet};

use frontdesk::{Role, Timestamp};
use jiff::civil::DateTime;
use serde::Deserialize;

use super::clean::not_blank;
use super::conversation::{ExportedConversation, ExportedMessage};
use super::file::{ExportError, ExportFile};
use super::json_id::JsonId;
use super::json_time::JsonTime;
use super::local_time;
use super::settings::ReadSettings;
use super::telegram_json::repair;

/// The chats of an account.
#[derive(Deserialize)]
struct ChatList {
    list: Vec<Document>,
}

/// One chat, or an account with its chats.
#[derive(Deserialize)]
struct Document {
    chats: Option<ChatList>,
    name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    id: Option<JsonId>,
    messages: Option<Vec<Entry>>,
}

#[derive(Deserialize)]
struct Entry {
    id: JsonId,
    #[serde(rename = "type")]
    kind: String,
    /// The local time of the computer that exported, without a zone.
    date: Option<String>,
    /// Seconds since the Unix epoch as a string. Telegram Desktop writes it since
    /// version 3.7.6.
    date_unixtime: Option<JsonTime>,
    /// The name is null for a deleted account.
    from: Option<String>,
    from_id: Option<JsonId>,
    text: Option<Text>,
}

/// A text without formatting is one string.
#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    Plain(String),
    Parts(Vec<TextPart>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum TextPart {
    Plain(String),
    Formatted { text: String, href: Option<String> },
}

/// The kinds of chats that are read. Each kind counts its ids separately.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Personal,
    Group,
    Supergroup,
}

/// A conversation with the ids of the entries that were read.
struct Draft {
    kind: Kind,
    conversation: ExportedConversation,
    known: HashSet<JsonId>,
}

pub(crate) fn read(
    files: &[ExportFile],
    settings: &ReadSettings,
) -> Result<Vec<ExportedConversation>, ExportError> {
    let mut drafts = BTreeMap::new();
    for file in files {
        let json = repair(file.content());
        for document in file.parse_documents::<Document>(&json)? {
            let chats = match document.chats {
                Some(chats) => chats.list,
                None => vec![document],
            };
            for chat in chats {
                // Channels, bots and the like are not conversations with customers.
                let kind = match chat.kind.as_deref() {
                    Some("personal_chat") => Kind::Personal,
                    Some("private_group") => Kind::Group,
                    Some("private_supergroup" | "public_supergroup") => Kind::Supergroup,
                    _ => continue,
                };
                add(file, chat, kind, settings, &mut drafts)?;
            }
        }
    }
    Ok(drafts.into_values().map(|draft| draft.conversation).collect())
}

fn add(
    file: &ExportFile,
    chat: Document,
    kind: Kind,
    settings: &ReadSettings,
    drafts: &mut BTreeMap<String, Draft>,
) -> Result<(), ExportError> {
    let is_personal = kind == Kind::Personal;
    let id = chat.id.ok_or_else(|| file.error("has a chat without an id"))?.0;
    let messages =
        chat.messages.ok_or_else(|| file.error(format!("has no messages for the chat {id}")))?;
    let other = is_personal.then(|| format!("user{id}"));
    if !is_personal && settings.operators.is_empty() {
        return Err(file.error(format!("needs --operator, because the chat {id} is a group")));
    }
    let draft = drafts.entry(id.clone()).or_insert_with(|| Draft {
        kind,
        conversation: ExportedConversation {
            customer_name: not_blank(chat.name.clone()).filter(|_| is_personal),
            subject: chat.name.filter(|_| !is_personal).unwrap_or_default(),
            id: id.clone(),
            ..ExportedConversation::default()
        },
        known: HashSet::new(),
    });
    if draft.kind != kind {
        let problem = format!(
            "the id {id} belongs to two chats of different kinds: import them separately, with \
             --bookings"
        );
        return Err(file.error(problem));
    }
    let Draft { conversation, known, .. } = draft;
    for entry in messages {
        if !known.insert(entry.id.clone()) {
            continue;
        }
        let left_out = &mut conversation.left_out;
        if entry.kind != "message" {
            left_out.system_lines += 1;
            continue;
        }
        let text = entry.text.as_ref().map(Text::to_text).unwrap_or_default();
        if text.trim().is_empty() {
            left_out.without_text += 1;
            continue;
        }
        let message = entry.id.0.clone();
        let at = sent_at(&entry, settings, &mut conversation.remarks)
            .map_err(|problem| file.error(format!("message {message} {problem}")))?;
        let author_name = not_blank(entry.from);
        let author = entry.from_id.map(|id| author_id(&id.0));
        // A message without an author's id could be the customer's.
        let is_team = other.is_some() && author.is_some() && author != other;
        let author_id = author.unwrap_or_else(|| "unknown".to_owned());
        let is_operator = is_team || settings.is_operator(&author_id, author_name.as_deref());
        conversation.messages.push(ExportedMessage {
            role: if is_operator { Role::Operator } else { Role::Customer },
            author_id,
            author_name,
            sent_at: at,
            text,
            external_id: message,
            is_automatic: false,
        });
    }
    Ok(())
}

/// Returns the id of an author. Old versions write the id of a user as a bare number.
fn author_id(id: &str) -> String {
    if id.starts_with(|c: char| c.is_ascii_digit()) { format!("user{id}") } else { id.to_owned() }
}

/// Returns the time of a message. Only the local time needs the zone.
fn sent_at(
    entry: &Entry,
    settings: &ReadSettings,
    remarks: &mut Vec<String>,
) -> Result<Timestamp, &'static str> {
    if let Some(JsonTime(at)) = entry.date_unixtime {
        return Ok(at);
    }
    let local = entry.date.as_deref().ok_or("has no time")?;
    let local: DateTime = local.parse().map_err(|_| "has an invalid date")?;
    let zone = settings.zone.as_ref();
    let zone = zone.ok_or("has only a local time: name the zone of the computer with --zone")?;
    let found = local_time::instant(local, zone, None).ok_or("has an invalid date")?;
    if let Some(doubt) = found.doubt {
        remarks.push(format!("message {}: {}", entry.id.0, doubt.describe()));
    }
    Ok(found.at)
}

impl Text {
    fn to_text(&self) -> String {
        match self {
            Self::Plain(text) => text.clone(),
            Self::Parts(parts) => parts.iter().map(TextPart::to_text).collect(),
        }
    }
}

impl TextPart {
    fn to_text(&self) -> String {
        match self {
            Self::Formatted { text, href: Some(address) } if text != address => {
                format!("{text} ({address})")
            }
            Self::Plain(text) | Self::Formatted { text, .. } => text.clone(),
        }
    }
}
