//! What hosts are promised of the package as a whole.

use regex::Regex;

#[path = "support/sources.rs"]
mod sources;

use sources::{read, rust_files};

/// The examples of a page that rustdoc compiles, each without its comments and imports.
fn examples<'a>(page: impl Iterator<Item = &'a str>) -> Vec<String> {
    let import = Regex::new(r"(?m)^(?:# )?use [^;]*;").unwrap();
    let (mut examples, mut example): (Vec<String>, Option<String>) = (Vec::new(), None);
    let mut runs = false;
    for line in page {
        match (line.trim().strip_prefix("```"), &mut example) {
            (Some(_), Some(_)) => examples.extend(example.take().filter(|_| runs)),
            // Those that need a server are compiled only.
            (Some(tag), None) => {
                runs = tag.is_empty() || tag == "no_run";
                example = Some(String::new());
            }
            (None, Some(example)) => {
                let code = line.trim();
                let code = code.split_once("// ").map_or(code, |(code, _)| code);
                example.extend([code, "\n"]);
            }
            (None, None) => {}
        }
    }
    examples.iter().map(|example| import.replace_all(example, "").into_owned()).collect()
}

/// Something public.
#[derive(Debug)]
struct Item {
    /// Of a method or a type's constant, the type.
    of: Option<String>,
    kind: String,
    name: String,
    /// The examples in its own docs.
    examples: Vec<String>,
}

impl Item {
    /// Those of a source file. Nothing is `pub` that cannot be reached
    /// (`unreachable_pub`).
    fn all_in(source: &str) -> Vec<Self> {
        let public = r"^( {4})?pub (?:const |async )?(fn|const|struct|enum|trait|type|macro) (\w+)";
        let public = Regex::new(public).unwrap();
        let block = Regex::new(r"^impl(?:<.*?>)? (\w+)").unwrap();
        let (mut items, mut docs) = (Vec::new(), Vec::new());
        let (mut block_of, mut exported) = (String::new(), false);
        for line in source.lines() {
            if let Some(doc) = line.trim().strip_prefix("///") {
                docs.push(doc);
                continue;
            }
            if line.trim().starts_with("#[") {
                exported |= line == "#[macro_export]";
                continue;
            }
            if let Some(found) = block.captures(line) {
                found[1].clone_into(&mut block_of);
            }
            let line = if exported { &line.replace("macro_rules!", "pub macro") } else { line };
            if let Some(found) = public.captures(line)
                // The hidden macros.
                && !found[3].starts_with("__")
            {
                items.push(Self {
                    of: found.get(1).map(|_| block_of.clone()),
                    kind: found[2].to_owned(),
                    name: found[3].to_owned(),
                    examples: examples(docs.iter().copied()),
                });
            }
            docs.clear();
            exported = false;
        }
        // Within a private module of its own, which seals a trait.
        items.retain(|item| item.of.is_none() || ["fn", "const"].contains(&item.kind.as_str()));
        items
    }

    /// Whether an example uses it. Other types may have a method of that name, so it
    /// counts where its type is named, and in its own docs or its type's.
    fn is_used(&self, items: &[Self], examples: &[String]) -> bool {
        let Self { name, .. } = self;
        let pattern = match (&self.of, self.kind.as_str()) {
            (Some(of), "fn") => format!(r"\.{name}(?:::<|\()|\b{of}(?:::<.*>)?::{name}\b"),
            (Some(of), _) => format!(r"\b{of}::{name}\b"),
            // Called, or handed to who calls it.
            (None, "fn") => format!(r"(?:^|[^.\w]){name}(?:::<|\()|\({name}\)"),
            (None, "macro") => format!(r"\b{name}!"),
            (None, _) => format!(r"\b{name}\b"),
        };
        let uses = Regex::new(&pattern).unwrap();
        let subject = self.of.as_ref().unwrap_or(name);
        let naming_it = Regex::new(&format!(r"\b{subject}\b")).unwrap();
        let of_its_type = items.iter().filter(|item| item.of.is_none() && item.name == *subject);
        let own = of_its_type.flat_map(|item| &item.examples).chain(&self.examples);
        let others = examples.iter().filter(|example| naming_it.is_match(example));
        own.chain(others).any(|example| uses.is_match(example))
    }
}

#[test]
fn every_public_item_and_method_is_used_in_an_example() {
    let sources: Vec<String> = rust_files("src").iter().map(read).collect();
    let page = Regex::new(r#"doc = include_str!\("(?:\.\./)+(.*?)"\)"#).unwrap();
    let mut shown = Vec::new();
    for source in &sources {
        shown.extend(examples(source.lines().filter_map(|line| {
            let line = line.trim();
            line.strip_prefix("//!").or(line.strip_prefix("///"))
        })));
        for (_, [page]) in page.captures_iter(source).map(|found| found.extract()) {
            shown.extend(examples(read(page).lines()));
        }
    }
    let items: Vec<Item> = sources.iter().flat_map(|source| Item::all_in(source)).collect();
    assert!(items.len() > 300, "only {} public items were found", items.len());
    let without: Vec<String> = items
        .iter()
        .filter(|item| !item.is_used(&items, &shown))
        .map(|item| format!("{}::{}", item.of.as_deref().unwrap_or_default(), item.name))
        .collect();
    assert!(without.is_empty(), "in no example: {without:#?}");
}

/// With all features all of it is there, so that nothing has to be fetched.
#[cfg(all(
    feature = "conformance",
    feature = "jiff",
    feature = "postgres",
    feature = "sqlite",
    feature = "tracing"
))]
#[test]
fn no_dependency_needs_a_newer_rust_than_is_declared() {
    use std::collections::BTreeSet;
    use std::process::Command;

    fn output(command: &mut Command) -> String {
        let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
    fn version(text: &str) -> Vec<u32> {
        text.split('.').map(|part| part.parse().unwrap()).collect()
    }

    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let host = output(Command::new(rustc).args(["--print", "host-tuple"]));
    let metadata = output(Command::new(env!("CARGO")).args([
        "metadata",
        "--format-version=1",
        "--all-features",
        "--locked",
        "--offline",
        "--filter-platform",
        host.trim(),
    ]));
    let metadata: serde_json::Value = serde_json::from_str(&metadata).unwrap();
    let array = |value: &serde_json::Value| value.as_array().cloned().unwrap_or_default();

    // What a host builds: every dependency but the dev-dependencies.
    let nodes = array(&metadata["resolve"]["nodes"]);
    let mut waiting = vec![metadata["resolve"]["root"].clone()];
    let mut built = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        let node = nodes.iter().find(|node| node["id"] == id).unwrap();
        if !built.insert(id.to_string()) {
            continue;
        }
        for dependency in array(&node["deps"]) {
            if array(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"] != "dev") {
                waiting.push(dependency["pkg"].clone());
            }
        }
    }
    assert!(built.len() > 50, "only {} packages were found", built.len());

    let ours = version(env!("CARGO_PKG_RUST_VERSION"));
    for package in array(&metadata["packages"]) {
        if let (true, Some(theirs)) =
            (built.contains(&package["id"].to_string()), package["rust_version"].as_str())
        {
            let name = &package["name"];
            // "1.88.0" is no newer than "1.88".
            assert!(version(theirs)[..2] <= ours[..2], "{name} needs Rust {theirs}");
        }
    }
}
