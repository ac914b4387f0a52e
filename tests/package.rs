//! What hosts are promised of the package as a whole.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn rust_files(dir: PathBuf) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.flat_map(|path| if path.is_dir() { rust_files(path) } else { vec![path] });
    files.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

/// The examples in the lines of a page that rustdoc compiles.
fn examples<'a>(page: impl Iterator<Item = &'a str>) -> String {
    let (mut examples, mut runs) = (String::new(), None);
    for line in page {
        match (line.trim().strip_prefix("```"), runs) {
            (Some(_), Some(_)) => runs = None,
            // Those that need a server are compiled only.
            (Some(tag), None) => runs = Some(tag.is_empty() || tag == "no_run"),
            (None, Some(true)) => examples.extend([line, "\n"]),
            (None, _) => {}
        }
    }
    examples
}

#[test]
fn every_public_item_and_method_is_in_an_example() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources: Vec<String> = rust_files(root.join("src")).iter().map(read).collect();

    let mut shown = String::new();
    let page = Regex::new(r#"doc = include_str!\("(?:\.\./)+(.*?)"\)"#).unwrap();
    for source in &sources {
        shown += &examples(source.lines().filter_map(|line| {
            let line = line.trim();
            line.strip_prefix("//!").or(line.strip_prefix("///"))
        }));
        for (_, [page]) in page.captures_iter(source).map(|found| found.extract()) {
            shown += &examples(read(page).lines());
        }
    }
    let word = Regex::new(r"\w+").unwrap();
    let shown: HashSet<&str> = word.find_iter(&shown).map(|word| word.as_str()).collect();

    // Nothing is `pub` that cannot be reached (`unreachable_pub`).
    let public = r"(?m)^pub (?:async )?(?:struct|enum|trait|fn|const|type) (\w+)|^    pub (?:async )?(?:fn|const) (\w+)";
    let public = Regex::new(public).unwrap();
    let names = sources.iter().flat_map(|source| public.captures_iter(source));
    let names: Vec<&str> =
        names.map(|found| found.iter().flatten().last().unwrap().as_str()).collect();
    assert!(names.len() > 300, "only {} public items were found", names.len());
    let without: Vec<_> = names.iter().filter(|name| !shown.contains(**name)).collect();
    assert!(without.is_empty(), "in no example: {without:?}");
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
