//! Texts to measure with: what people wrote, and what no person would.
#![allow(dead_code, reason = "no bench needs all of it")]

use frontdesk::MessageBody;

#[path = "../../tests/support/shared_data.rs"]
mod shared_data;

/// The conversations in English, some 50 bytes a message.
pub(crate) const ENGLISH: &str = "conversations-en.jsonl";
/// The conversations in Chinese.
pub(crate) const CHINESE: &str = "conversations-zh.jsonl";

/// At most so many of a file's messages, in their order. Without the file there
/// are none, and a line says which one was looked for.
pub(crate) fn real(file: &str, at_most: usize) -> Option<Vec<MessageBody>> {
    match shared_data::read(file) {
        Ok(lines) => Some(lines.lines().flat_map(bodies).take(at_most).collect()),
        Err(missing) => {
            println!("not run: {missing}");
            None
        }
    }
}

/// The messages of one conversation. Two are published empty, and are none (T2).
fn bodies(line: &str) -> Vec<MessageBody> {
    let conversation: serde_json::Value = serde_json::from_str(line).unwrap();
    let turns = conversation["turns"].as_array().unwrap();
    turns.iter().filter_map(|turn| MessageBody::new(turn["text"].as_str().unwrap()).ok()).collect()
}

/// A message of any length.
pub(crate) fn body(text: &str) -> MessageBody {
    MessageBody::with_limit(text, usize::MAX).unwrap()
}

/// `text` again and again, as many characters as `bytes` have room for.
pub(crate) fn repeated(text: &str, bytes: usize) -> String {
    let mut long = String::with_capacity(bytes);
    for c in text.chars().cycle() {
        if long.len() + c.len_utf8() > bytes {
            break;
        }
        long.push(c);
    }
    long
}

/// Numbers that look random and are the same in each run (Knuth's MMIX generator).
pub(crate) struct Dice(u64);

impl Dice {
    /// Always the same.
    pub(crate) fn new() -> Self {
        Self(1)
    }

    /// One of `choices`.
    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // The low bits of such a generator repeat soon.
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}
