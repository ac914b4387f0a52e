//! Message texts for measurements: real conversations and generated texts.

use frontdesk::MessageBody;

#[path = "../../tests/support/shared_data.rs"]
mod shared_data;

/// The file of the English conversations. A message has about 50 bytes.
pub const ENGLISH: &str = "conversations-en.jsonl";
/// The file of the Chinese conversations.
pub const CHINESE: &str = "conversations-zh.jsonl";

/// Returns up to `limit` messages of a file of conversations, in the order of the file.
///
/// If the file cannot be read, prints its path and the error, and returns `None`.
pub fn real(file: &str, limit: usize) -> Option<Vec<MessageBody>> {
    match shared_data::read(file) {
        Ok(lines) => Some(lines.lines().flat_map(bodies).take(limit).collect()),
        Err(missing) => {
            println!("{missing}");
            None
        }
    }
}

/// Returns the messages of one conversation. Two messages of the published data are empty
/// and are skipped (T2).
fn bodies(line: &str) -> Vec<MessageBody> {
    let conversation: serde_json::Value = serde_json::from_str(line).unwrap();
    let turns = conversation["turns"].as_array().unwrap();
    turns.iter().filter_map(|turn| MessageBody::new(turn["text"].as_str().unwrap()).ok()).collect()
}

/// Returns a message body without the default length limit.
pub fn body(text: &str) -> MessageBody {
    MessageBody::with_limit(text, usize::MAX).unwrap()
}

/// Repeats `text` up to a length of `bytes` bytes. The last repetition may be cut, but only
/// between two characters.
pub fn repeated(text: &str, bytes: usize) -> String {
    let mut long = String::with_capacity(bytes);
    for c in text.chars().cycle() {
        if long.len() + c.len_utf8() > bytes {
            break;
        }
        long.push(c);
    }
    long
}
