//! Checks of the published crates: examples for every public item, and the minimum Rust
//! version of their dependencies.

#[path = "support/sources.rs"]
mod sources;

use std::path::Path;

use regex::Regex;

use sources::{library_crates, read, rust_files};

/// Returns those examples of a page that rustdoc compiles, without their comments and imports.
fn examples<'a>(page: impl Iterator<Item = &'a str>) -> Vec<String> {
    let import = Regex::new(r"(?m)^(?:# )?use [^;]*;").unwrap();
    let (mut examples, mut example): (Vec<String>, Option<String>) = (Vec::new(), None);
    let mut is_compiled = false;
    for line in page {
        match (line.trim().strip_prefix("```"), &mut example) {
            (Some(_), Some(_)) => examples.extend(example.take().filter(|_| is_compiled)),
            (Some(tag), None) => {
                is_compiled = tag.is_empty() || tag == "no_run";
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

/// A public item.
#[derive(Debug)]
struct Item {
    /// The type that a method or an associated constant belongs to. `None` for all other items.
    parent: Option<String>,
    kind: String,
    name: String,
    /// The examples in the item's own docs.
    examples: Vec<String>,
}

impl Item {
    /// Returns the public items of a source file. The lint `unreachable_pub` guarantees that
    /// each item marked `pub` is reachable.
    fn all_in(source: &str) -> Vec<Self> {
        let public = r"^( {4})?pub (?:const |async )?(fn|const|struct|enum|trait|type|macro) (\w+)";
        let public = Regex::new(public).unwrap();
        let block = Regex::new(r"^impl(?:<.*?>)? (\w+)").unwrap();
        let (mut items, mut docs) = (Vec::new(), Vec::new());
        let (mut block_type, mut is_exported) = (String::new(), false);
        for line in source.lines() {
            if let Some(doc) = line.trim().strip_prefix("///") {
                docs.push(doc);
                continue;
            }
            if line.trim().starts_with("#[") {
                is_exported |= line == "#[macro_export]";
                continue;
            }
            if let Some(found) = block.captures(line) {
                found[1].clone_into(&mut block_type);
            }
            let line = if is_exported { &line.replace("macro_rules!", "pub macro") } else { line };
            let is_hidden = |name: &str| name.starts_with("__");
            if let Some(found) = public.captures(line)
                && !is_hidden(&found[3])
            {
                items.push(Self {
                    parent: found.get(1).map(|_| block_type.clone()),
                    kind: found[2].to_owned(),
                    name: found[3].to_owned(),
                    examples: examples(docs.iter().copied()),
                });
            }
            docs.clear();
            is_exported = false;
        }
        // An indented type is in a private module that seals a trait, so it is not public.
        items.retain(|item| item.parent.is_none() || ["fn", "const"].contains(&&*item.kind));
        items
    }

    /// Returns `true` if an example uses the item. Another type may have a method with the same
    /// name. So an example counts only if it names the item's type, or if it is in the docs of that
    /// type or of the item.
    fn is_used(&self, items: &[Self], examples: &[String]) -> bool {
        let Self { name, .. } = self;
        let pattern = match (&self.parent, self.kind.as_str()) {
            (Some(parent), "fn") => {
                format!(r"\.{name}(?:::<|\()|\b{parent}(?:::<.*>)?::{name}\b")
            }
            (Some(parent), _) => format!(r"\b{parent}::{name}\b"),
            // A function is called, or passed as an argument.
            (None, "fn") => format!(r"(?:^|[^.\w]){name}(?:::<|\()|\({name}\)"),
            (None, "macro") => format!(r"\b{name}!"),
            (None, _) => format!(r"\b{name}\b"),
        };
        let uses = Regex::new(&pattern).unwrap();
        let type_name = self.parent.as_ref().unwrap_or(name);
        let names_type = Regex::new(&format!(r"\b{type_name}\b")).unwrap();
        let types = items.iter().filter(|item| item.parent.is_none() && item.name == *type_name);
        let own = types.flat_map(|item| &item.examples).chain(&self.examples);
        let others = examples.iter().filter(|example| names_type.is_match(example));
        own.chain(others).any(|example| uses.is_match(example))
    }
}

/// Returns all examples in the docs of a source file, including those of included pages.
fn examples_of(file: &Path) -> Vec<String> {
    let page = Regex::new(r#"doc = include_str!\("(.*?)"\)"#).unwrap();
    let source = read(file);
    let mut found = examples(source.lines().filter_map(|line| {
        let line = line.trim();
        line.strip_prefix("//!").or(line.strip_prefix("///"))
    }));
    for (_, [page]) in page.captures_iter(&source).map(|found| found.extract()) {
        found.extend(examples(read(file.with_file_name("").join(page)).lines()));
    }
    found
}

#[test]
fn every_public_item_is_used_in_an_example_of_its_crate() {
    let (mut count, mut unused) = (0, Vec::new());
    for folder in library_crates() {
        let files = rust_files(&format!("{folder}/src"));
        let examples: Vec<String> = files.iter().flat_map(|file| examples_of(file)).collect();
        let items: Vec<Item> = files.iter().flat_map(|file| Item::all_in(&read(file))).collect();
        count += items.len();
        let of_crate = items.iter().filter(|item| !item.is_used(&items, &examples));
        unused.extend(of_crate.map(|item| {
            format!("{folder}: {}::{}", item.parent.as_deref().unwrap_or_default(), item.name)
        }));
    }
    assert!(count > 300, "only {count} public items were found");
    assert!(unused.is_empty(), "no example uses these items: {unused:#?}");
}

/// No dependency of a library crate, apart from dev-dependencies, needs a newer compiler
/// than `rust-version` declares.
#[test]
fn no_dependency_needs_a_newer_rust_than_is_declared() {
    use std::collections::BTreeSet;
    use std::process::Command;

    use serde_json::Value;

    fn output(command: &mut Command) -> String {
        let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
    fn version(text: &str) -> Vec<u32> {
        text.split('.').map(|part| part.parse().unwrap()).collect()
    }
    fn array(value: &Value) -> &[Value] {
        value.as_array().map_or(&[], Vec::as_slice)
    }

    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let host = output(Command::new(rustc).args(["--print", "host-tuple"]));
    let metadata = output(Command::new(env!("CARGO")).args([
        "metadata",
        "--format-version=1",
        "--all-features",
        "--locked",
        "--filter-platform",
        host.trim(),
    ]));
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let packages = array(&metadata["packages"]);
    let nodes = array(&metadata["resolve"]["nodes"]);

    let manifests: Vec<String> = library_crates()
        .iter()
        .map(|folder| Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join("Cargo.toml"))
        .map(|path| path.canonicalize().unwrap().display().to_string())
        .collect();
    let is_library =
        |package: &&Value| manifests.iter().any(|path| package["manifest_path"] == **path);
    let mut pending: Vec<&Value> =
        packages.iter().filter(is_library).map(|package| &package["id"]).collect();
    assert_eq!(pending.len(), manifests.len(), "{manifests:?}");

    let mut built = BTreeSet::new();
    while let Some(id) = pending.pop() {
        if !built.insert(id.as_str().unwrap()) {
            continue;
        }
        let node = nodes.iter().find(|node| node["id"] == *id).unwrap();
        for dependency in array(&node["deps"]) {
            if array(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"] != "dev") {
                pending.push(&dependency["pkg"]);
            }
        }
    }
    assert!(built.len() > 50, "only {} packages were found", built.len());

    let declared = version(env!("CARGO_PKG_RUST_VERSION"));
    for package in packages {
        if let (true, Some(required)) =
            (built.contains(package["id"].as_str().unwrap()), package["rust_version"].as_str())
        {
            // The first two numbers decide: "1.88.0" is no newer than "1.88".
            let name = &package["name"];
            assert!(version(required)[..2] <= declared[..2], "{name} needs Rust {required}");
        }
    }
}
