//! Conversations of Intercom: the answers of `GET /conversations/{id}`.

use std::collections::BTreeMap;

use frontdesk::Role;
use serde::Deserialize;

use super::clean::not_blank;
use super::conversation::{ExportedConversation, ExportedMessage, LeftOut};
use super::file::{ExportError, ExportFile};
use super::html_text::html_to_text;
use super::json_id::JsonId;
use super::json_time::JsonTime;
use super::settings::ReadSettings;

/// The part types whose body both sides see. A reply that opens, closes or assigns the conversation
/// is one part of that type, not a comment and a second part.
const VISIBLE_PARTS: [&str; 6] =
    ["comment", "quick_reply", "open", "close", "assignment", "assign_and_reopen"];

#[derive(Deserialize)]
struct Conversation {
    id: JsonId,
    created_at: JsonTime,
    updated_at: Option<JsonTime>,
    title: Option<String>,
    source: Source,
    #[serde(rename = "conversation_parts")]
    parts: Parts,
}

/// The first message. It is not among the parts, and its time is that of the conversation.
#[derive(Deserialize)]
struct Source {
    subject: Option<String>,
    body: Option<String>,
    author: Author,
    redacted: Option<bool>,
    delivered_as: Option<String>,
}

#[derive(Deserialize)]
struct Parts {
    conversation_parts: Vec<Part>,
    total_count: Option<usize>,
}

#[derive(Deserialize)]
struct Part {
    id: JsonId,
    #[serde(rename = "part_type")]
    kind: String,
    body: Option<String>,
    created_at: JsonTime,
    author: Author,
    redacted: Option<bool>,
}

#[derive(Deserialize)]
struct Author {
    #[serde(rename = "type")]
    kind: String,
    id: Option<JsonId>,
    name: Option<String>,
    from_ai_agent: Option<bool>,
}

/// A message of either kind.
struct Entry {
    external_id: String,
    at: JsonTime,
    body: Option<String>,
    author: Author,
    is_redacted: bool,
    is_automatic: bool,
}

pub(crate) fn read(
    files: &[ExportFile],
    settings: &ReadSettings,
) -> Result<Vec<ExportedConversation>, ExportError> {
    let mut answers = Vec::new();
    for file in files {
        answers.extend(file.documents::<Conversation>()?);
    }
    // The newest answer has the last texts and lacks those that were redacted.
    answers.sort_by_key(|answer| answer.updated_at.as_ref().map(|at| at.0));
    let mut conversations = BTreeMap::new();
    for answer in answers {
        let answer = match conversations.remove(&answer.id) {
            Some(older) => answer.with_parts_of(older),
            None => answer,
        };
        conversations.insert(answer.id.clone(), answer);
    }
    Ok(conversations.into_values().map(|conversation| convert(conversation, settings)).collect())
}

impl Conversation {
    /// Adds the parts that only an older answer has.
    fn with_parts_of(mut self, older: Self) -> Self {
        let mut parts = older.parts.conversation_parts;
        for part in self.parts.conversation_parts {
            match parts.iter_mut().find(|it| it.id == part.id) {
                Some(known) => *known = part,
                None => parts.push(part),
            }
        }
        self.parts.conversation_parts = parts;
        self.parts.total_count = self.parts.total_count.max(older.parts.total_count);
        self
    }
}

fn convert(conversation: Conversation, settings: &ReadSettings) -> ExportedConversation {
    let Conversation { id, created_at, title, source, parts, .. } = conversation;
    let subject = title.or(source.subject).unwrap_or_default();
    let mut exported = ExportedConversation {
        id: id.0,
        subject: text_of_body(&subject),
        ..ExportedConversation::default()
    };
    let missing =
        parts.total_count.unwrap_or_default().saturating_sub(parts.conversation_parts.len());
    if missing > 0 {
        exported.remarks.push(format!(
            "conversation {} lacks its {missing} oldest parts, because the API returns at most 500",
            exported.id
        ));
    }
    let is_automatic =
        matches!(source.delivered_as.as_deref(), Some("automated" | "campaign_initiated"));
    let first = Entry {
        external_id: "source".to_owned(),
        at: created_at,
        body: source.body,
        author: source.author,
        is_redacted: source.redacted == Some(true),
        is_automatic,
    };
    add(&mut exported, first, settings);
    for part in parts.conversation_parts {
        let left_out = &mut exported.left_out;
        if part.kind.starts_with("note") {
            left_out.private_notes += 1;
        } else if !VISIBLE_PARTS.contains(&part.kind.as_str())
            || (part.body.is_none() && part.kind != "comment")
        {
            left_out.system_lines += 1;
        } else {
            let entry = Entry {
                external_id: part.id.0,
                at: part.created_at,
                body: part.body,
                author: part.author,
                is_redacted: part.redacted == Some(true),
                is_automatic: false,
            };
            add(&mut exported, entry, settings);
        }
    }
    exported
}

fn add(conversation: &mut ExportedConversation, entry: Entry, settings: &ReadSettings) {
    let Entry { external_id, at, body, author, is_redacted, is_automatic } = entry;
    let LeftOut { deleted, without_text, .. } = &mut conversation.left_out;
    if is_redacted {
        *deleted += 1;
        return;
    }
    let Some(text) = not_blank(body.as_deref().map(text_of_body)) else {
        *without_text += 1;
        return;
    };
    let author_name = not_blank(author.name);
    let author_id = author.id.map_or_else(|| author.kind.clone(), |id| id.0);
    let is_customer = matches!(author.kind.as_str(), "user" | "lead" | "contact");
    let is_operator = !is_customer || settings.is_operator(&author_id, author_name.as_deref());
    conversation.messages.push(ExportedMessage {
        role: if is_operator { Role::Operator } else { Role::Customer },
        author_id,
        author_name,
        sent_at: at.0,
        text,
        external_id,
        is_automatic: is_automatic || author.kind == "bot" || author.from_ai_agent == Some(true),
    });
}

/// Returns the text of a body. The API encloses HTML in a block element; with
/// `display_as=plaintext` a body is text.
fn text_of_body(body: &str) -> String {
    if body.trim_start().starts_with('<') { html_to_text(body) } else { body.to_owned() }
}
