//! The JSON of `docs/json.md`.

use serde_json::Value;

/// Returns the JSON blocks under a heading of `docs/json.md`.
#[track_caller]
pub(crate) fn documented(heading: &str) -> Vec<Value> {
    let page = include_str!("../../docs/json.md");
    let (_, section) = page
        .split_once(&format!("\n### {heading}\n"))
        .unwrap_or_else(|| panic!("docs/json.md has no heading {heading:?}"));
    let section = section.split("\n#").next().unwrap();
    let blocks = section.split("```json\n").skip(1);
    blocks.map(|block| serde_json::from_str(block.split("```").next().unwrap()).unwrap()).collect()
}
