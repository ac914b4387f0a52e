//! Messages from the API of Chatwoot: the answers of
//! `GET /api/v1/accounts/{account}/conversations/{conversation}/messages`.

use std::collections::{BTreeMap, HashSet};

use frontdesk::Role;
use serde::Deserialize;

use super::clean::not_blank;
use super::conversation::{ExportedConversation, ExportedMessage};
use super::file::{ExportError, ExportFile};
use super::json_id::JsonId;
use super::json_time::JsonTime;
use super::settings::ReadSettings;

/// One answer: a page of at most 20 messages of one conversation.
#[derive(Deserialize)]
struct Page {
    payload: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    id: JsonId,
    conversation_id: JsonId,
    content: Option<String>,
    message_type: MessageType,
    created_at: JsonTime,
    /// The field must be there, because a note without this mark looks like a reply.
    #[serde(deserialize_with = "Option::deserialize")]
    private: Option<bool>,
    content_attributes: Option<ContentAttributes>,
    sender: Option<Sender>,
}

/// The type of a message: a number in the answers of the API, a word in webhooks.
#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(try_from = "JsonId")]
enum MessageType {
    Incoming,
    Outgoing,
    Activity,
    Template,
}

#[derive(Deserialize)]
struct ContentAttributes {
    deleted: Option<bool>,
}

#[derive(Deserialize)]
struct Sender {
    id: JsonId,
    name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

impl TryFrom<JsonId> for MessageType {
    type Error = &'static str;

    fn try_from(JsonId(text): JsonId) -> Result<Self, Self::Error> {
        match text.as_str() {
            "0" | "incoming" => Ok(Self::Incoming),
            "1" | "outgoing" => Ok(Self::Outgoing),
            "2" | "activity" => Ok(Self::Activity),
            "3" | "template" => Ok(Self::Template),
            _ => Err("unknown message_type"),
        }
    }
}

pub(crate) fn read(
    files: &[ExportFile],
    settings: &ReadSettings,
) -> Result<Vec<ExportedConversation>, ExportError> {
    let mut conversations = BTreeMap::new();
    let mut known = HashSet::new();
    for file in files {
        for page in file.documents::<Page>()? {
            for entry in page.payload {
                if !known.insert(entry.id.clone()) {
                    continue;
                }
                let id = entry.conversation_id.0.clone();
                let conversation: &mut ExportedConversation =
                    conversations.entry(id.clone()).or_default();
                conversation.id = id;
                add(conversation, entry, settings);
            }
        }
    }
    let mut conversations: Vec<_> = conversations.into_values().collect();
    for conversation in &mut conversations {
        // The ids are counted up, so they order the messages of one second.
        conversation.messages.sort_by_key(|message| message.external_id.parse::<u64>().ok());
    }
    Ok(conversations)
}

fn add(conversation: &mut ExportedConversation, entry: Entry, settings: &ReadSettings) {
    let left_out = &mut conversation.left_out;
    if entry.private == Some(true) {
        left_out.private_notes += 1;
    } else if entry.message_type == MessageType::Activity {
        left_out.system_lines += 1;
    } else if entry.content_attributes.is_some_and(|it| it.deleted == Some(true)) {
        left_out.deleted += 1;
    } else if let Some(text) = not_blank(entry.content) {
        let kind = entry.sender.as_ref().and_then(|sender| sender.kind.as_deref());
        let is_customer = entry.message_type == MessageType::Incoming;
        let is_person = is_customer || kind == Some("user");
        let (author_id, author_name) = entry.sender.map_or_else(
            || (if is_customer { "contact" } else { "robot" }.to_owned(), None),
            |sender| (sender.id.0, not_blank(sender.name)),
        );
        let is_operator = !is_customer || settings.is_operator(&author_id, author_name.as_deref());
        conversation.messages.push(ExportedMessage {
            role: if is_operator { Role::Operator } else { Role::Customer },
            author_id,
            author_name,
            sent_at: entry.created_at.0,
            text,
            external_id: entry.id.0,
            is_automatic: entry.message_type == MessageType::Template || !is_person,
        });
    } else {
        left_out.without_text += 1;
    }
}
