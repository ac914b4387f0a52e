//! Comments of Zendesk tickets: the answers of `GET /api/v2/tickets/{ticket}/comments?include=users`,
//! or ticket objects that contain their comments, one in each line.

use std::collections::{BTreeMap, HashMap, HashSet};

use frontdesk::Role;
use serde::Deserialize;

use super::clean::not_blank;
use super::conversation::{ExportedConversation, ExportedMessage};
use super::file::{ExportError, ExportFile};
use super::html_text::html_to_text;
use super::json_id::JsonId;
use super::json_time::JsonTime;
use super::settings::ReadSettings;

/// The character that replaces each redacted character.
const REDACTED: char = '▇';
/// The flag of a comment that a program wrote.
const AUTOMATIC_FLAG: u32 = 4;

/// A page of comments, or a ticket with its comments. A page has no id of its ticket.
#[derive(Deserialize)]
struct Document {
    id: Option<JsonId>,
    subject: Option<String>,
    requester_id: Option<JsonId>,
    comments: Vec<Comment>,
    users: Option<Vec<User>>,
}

#[derive(Deserialize)]
struct Comment {
    id: JsonId,
    #[serde(rename = "type")]
    kind: Option<String>,
    author_id: JsonId,
    /// The field must be there, because a note without this mark looks like a reply.
    public: bool,
    created_at: JsonTime,
    html_body: Option<String>,
    plain_body: Option<String>,
    body: Option<String>,
    via: Option<Via>,
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Via {
    channel: Option<JsonId>,
}

#[derive(Deserialize)]
struct Metadata {
    flags: Option<Vec<u32>>,
}

#[derive(Deserialize)]
struct User {
    id: JsonId,
    name: Option<String>,
    role: Option<String>,
}

/// The people of one document.
struct People<'a> {
    users: HashMap<JsonId, User>,
    requester: Option<JsonId>,
    settings: &'a ReadSettings,
}

pub(crate) fn read(
    files: &[ExportFile],
    settings: &ReadSettings,
) -> Result<Vec<ExportedConversation>, ExportError> {
    let mut conversations: BTreeMap<String, ExportedConversation> = BTreeMap::new();
    let mut known = HashSet::new();
    let mut unnamed: HashMap<String, &ExportFile> = HashMap::new();
    for file in files {
        for document in file.documents::<Document>()? {
            let id = if let Some(id) = document.id {
                id.0
            } else {
                let other = *unnamed.entry(file.stem()).or_insert(file);
                if other.folder() != file.folder() {
                    return Err(file.same_stem(other));
                }
                file.stem()
            };
            let users = document.users.unwrap_or_default();
            let users = users.into_iter().map(|user| (user.id.clone(), user)).collect();
            let people = People { users, requester: document.requester_id, settings };
            let conversation = conversations.entry(id.clone()).or_default();
            conversation.id = id;
            if let Some(subject) = document.subject {
                conversation.subject = subject;
            }
            for comment in document.comments {
                if known.insert(comment.id.clone()) {
                    add(conversation, comment, &people).map_err(|problem| file.error(problem))?;
                }
            }
        }
    }
    Ok(conversations.into_values().collect())
}

fn add(
    conversation: &mut ExportedConversation,
    comment: Comment,
    people: &People<'_>,
) -> Result<(), String> {
    let left_out = &mut conversation.left_out;
    if !comment.public {
        left_out.private_notes += 1;
        return Ok(());
    }
    if comment.kind.as_deref() == Some("VoiceComment") {
        left_out.system_lines += 1;
        return Ok(());
    }
    let is_rule = comment.via.as_ref().and_then(|via| via.channel.as_ref());
    let is_rule = is_rule.is_some_and(|channel| channel.0 == "rule");
    let flags = comment.metadata.as_ref().and_then(|metadata| metadata.flags.as_deref());
    let is_automatic = is_rule || flags.is_some_and(|flags| flags.contains(&AUTOMATIC_FLAG));
    let Some(text) = text(&comment) else {
        left_out.without_text += 1;
        return Ok(());
    };
    if text.contains(REDACTED) && text.chars().all(|c| c == REDACTED || c.is_whitespace()) {
        left_out.deleted += 1;
        return Ok(());
    }
    let role = people.role(&comment)?;
    let author = people.users.get(&comment.author_id);
    let author_name = author.and_then(|user| not_blank(user.name.clone()));
    conversation.messages.push(ExportedMessage {
        role,
        author_id: comment.author_id.0,
        author_name,
        sent_at: comment.created_at.0,
        text,
        external_id: comment.id.0,
        is_automatic,
    });
    Ok(())
}

/// Returns the text of the comment. The HTML is preferred, because the other two forms have lost
/// links or contain markup.
fn text(comment: &Comment) -> Option<String> {
    let html = comment.html_body.as_deref().filter(|html| !html.is_empty());
    not_blank(match html {
        Some(html) => Some(html_to_text(html)),
        None => comment.plain_body.clone().or_else(|| comment.body.clone()),
    })
}

impl People<'_> {
    fn role(&self, comment: &Comment) -> Result<Role, String> {
        let author = &comment.author_id;
        let user = self.users.get(author);
        if self.settings.is_operator(&author.0, user.and_then(|user| user.name.as_deref())) {
            return Ok(Role::Operator);
        }
        match user.and_then(|user| user.role.as_deref()) {
            Some("end-user") => Ok(Role::Customer),
            Some("agent" | "admin") => Ok(Role::Operator),
            _ if self.requester.as_ref() == Some(author) => Ok(Role::Customer),
            _ => Err(format!(
                "the author of comment {} is not among the users: fetch the comments with \
                 include=users, or name the ids of the team with --operator",
                comment.id.0
            )),
        }
    }
}
