//! The architecture: layers, import cycles, dependencies, size, and a test for each rule.

mod imports;
mod prose;
mod source_tree;
#[path = "../support/sources.rs"]
mod sources;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use imports::{cycles, imports};
use source_tree::{ModulePath, SourceTree};
use sources::{library_crates, read, rust_files};

/// Returns the layer of a module, or `None` for the crate's root, which re-exports from all
/// layers.
fn layer(module: &ModulePath) -> Option<u8> {
    let layer = match module.first()?.as_str() {
        "id" | "timestamp" | "text" | "participant" | "booking" | "message" | "messaging"
        | "record" | "revision" | "epoch" | "number" => 1,
        "thread" | "inbox" | "calendar" | "view" | "cursor" | "import" => 2,
        "store" => 3,
        "desk" | "schema" => 4,
        other => panic!("the module {other} has no layer"),
    };
    Some(layer)
}

/// A module imports only from its own layer and from the layers below.
#[test]
fn a_module_imports_only_from_its_own_layer_and_those_below() {
    let mut checked = 0;
    for (module, used_modules) in imports(&SourceTree::of(".")) {
        for used in used_modules {
            if let (Some(importing), Some(imported)) = (layer(&module), layer(&used)) {
                let (module, used) = (module.join("::"), used.join("::"));
                assert!(imported <= importing, "{module} imports from the higher layer of {used}");
                checked += 1;
            }
        }
    }
    assert!(checked > 150, "only {checked} imports were found");
}

/// No two files import from each other, directly or through other files.
#[test]
fn no_files_of_a_crate_import_each_other() {
    let mut found = Vec::new();
    for folder in library_crates() {
        for group in cycles(&imports(&SourceTree::of(&folder))) {
            let modules: Vec<String> = group.iter().map(|module| module.join("::")).collect();
            found.push(format!("{folder}: {}", modules.join(", ")));
        }
    }
    assert!(found.is_empty(), "these modules import each other: {found:#?}");
}

/// The lower two layers are pure: no I/O, clock, lock, async code or tracing.
#[test]
fn the_lower_layers_are_pure() {
    for (module, file) in SourceTree::of(".").files {
        if layer(&module).is_none_or(|layer| layer > 2) {
            continue;
        }
        for impure in [
            "async ",
            "Mutex",
            "RwLock",
            "now_utc",
            "SystemTime",
            "Instant",
            "std::fs",
            "static mut",
            "tracing",
        ] {
            assert!(!file.code.contains(impure), "{} contains {impure:?}", file.name);
        }
    }
}

/// The library has at most 9,500 lines of code, of which the feature `schemars` takes about 190.
///
/// A line of code is a line under `src` that is neither blank nor only a comment. Test modules and
/// test files do not count.
#[test]
fn the_library_has_at_most_9500_lines_of_code() {
    let files = SourceTree::of(".").files;
    let lines = files.values().flat_map(|file| file.code.lines());
    let lines = lines.filter(|line| !line.trim().is_empty()).count();
    println!("{lines} lines of code");
    assert!((1_000..=9_500).contains(&lines), "{lines} lines of code");
}

/// Returns the entries of a section of the root package's manifest, as name and value.
fn manifest_section(header: &str) -> Vec<(String, String)> {
    let manifest = read("Cargo.toml");
    let (_, section) = manifest
        .split_once(&format!("\n[{header}]\n"))
        .unwrap_or_else(|| panic!("Cargo.toml has no section [{header}]"));
    let section = section.split("\n[").next().unwrap();
    let entries = section.lines().filter(|line| !line.starts_with('#'));
    let entries = entries.filter_map(|line| line.split_once('='));
    entries
        .map(|(name, value)| {
            let name = name.trim().trim_end_matches(".workspace");
            (name.to_owned(), value.trim().to_owned())
        })
        .collect()
}

/// The default build has exactly six direct dependencies.
#[test]
fn the_default_build_has_exactly_six_dependencies() {
    let dependencies = manifest_section("dependencies");
    let required = dependencies.iter().filter(|(_, value)| !value.contains("optional = true"));
    let required: BTreeSet<&str> = required.map(|(name, _)| name.as_str()).collect();
    let expected =
        ["async-trait", "serde", "thiserror", "time", "unicode-segmentation", "v_htmlescape"];
    assert_eq!(required, BTreeSet::from(expected));

    let other_sections = Regex::new(r"(?m)^\[.*dependencies.*\]$").unwrap();
    let manifest = read("Cargo.toml");
    let sections: Vec<&str> =
        other_sections.find_iter(&manifest).map(|found| found.as_str()).collect();
    assert_eq!(sections, ["[workspace.dependencies]", "[dependencies]", "[dev-dependencies]"]);
}

/// The root package depends on no other member of the workspace, not even for its tests.
#[test]
fn the_root_package_depends_on_no_workspace_member() {
    let members = read("Cargo.lock");
    let members: BTreeSet<&str> = members
        .split("\n[[package]]\n")
        .filter(|package| !package.contains("\nsource = "))
        .filter_map(|package| package.lines().next()?.strip_prefix("name = "))
        .map(|name| name.trim_matches('"'))
        .collect();
    assert!(members.contains("frontdesk-sqlite"), "frontdesk-sqlite is not among {members:?}");
    for section in ["dependencies", "dev-dependencies"] {
        for (name, _) in manifest_section(section) {
            assert!(!members.contains(name.as_str()), "{name} is a member of the workspace");
        }
    }
}

/// Returns the names of a file's test functions, including those in `proptest!`.
fn test_names(source: &str) -> impl Iterator<Item = &str> {
    static TEST: LazyLock<Regex> = LazyLock::new(|| {
        let attribute = r"^[ \t]*#\[(?:tokio::)?test\b.*\]\n";
        let more = r"(?:[ \t]*(?:#\[|//).*\n)*";
        Regex::new(&format!(r"(?m){attribute}{more}[ \t]*(?:async )?fn (\w+)")).unwrap()
    });
    TEST.captures_iter(source).map(|found| found.get(1).unwrap().as_str())
}

/// Each rule of `docs/rules.md` has a test whose name begins with the rule's number: `t7_...`, or
/// `t1_t3_...` for several rules.
#[test]
fn each_rule_has_a_test_with_its_number() {
    let rules = read("docs/rules.md");
    let rules: BTreeSet<String> = rules
        .lines()
        .filter_map(|line| line.strip_prefix("- **")?.split("**").next())
        .map(str::to_lowercase)
        .collect();
    assert_eq!(rules.len(), 42, "the number of rules in docs/rules.md");

    let mut numbered = BTreeSet::new();
    for folder in ["src", "tests", "crates"] {
        for file in rust_files(folder) {
            for name in test_names(&read(file)) {
                let numbers = name.split('_').take_while(|word| rules.contains(*word));
                numbered.extend(numbers.map(str::to_owned));
            }
        }
    }
    let missing: Vec<_> = rules.difference(&numbered).collect();
    assert!(missing.is_empty(), "no test has the number of the rules {missing:?}");
}

/// At most 2% of the paragraphs in doc comments open with a question word.
#[test]
fn few_doc_paragraphs_open_with_a_question_word() {
    let mut paragraphs = Vec::new();
    for folder in library_crates() {
        for file in SourceTree::of(&folder).files.into_values() {
            paragraphs.extend(prose::doc_paragraphs(&file.text));
        }
    }
    assert!(paragraphs.len() > 1_000, "only {} paragraphs were found", paragraphs.len());
    let words = ["What", "How", "Whether", "Where", "Which", "Who", "Why"];
    let opens_with_question_word =
        |paragraph: &&String| words.contains(&prose::first_word(paragraph));
    let found: Vec<&String> = paragraphs.iter().filter(opens_with_question_word).collect();
    println!("{} of {} paragraphs", found.len(), paragraphs.len());
    assert!(
        found.len() * 50 <= paragraphs.len(),
        "these paragraphs open with a question word: {found:#?}"
    );
}

/// C-SEND-SYNC of the Rust API Guidelines: the types that OS threads share are `Send` and `Sync`.
#[test]
fn shared_types_are_send_and_sync() {
    fn assert_shared<T: Send + Sync + 'static>() {}
    assert_shared::<frontdesk::FrontDesk>();
    assert_shared::<frontdesk::OperatorDesk>();
    assert_shared::<frontdesk::CustomerDesk>();
    assert_shared::<frontdesk::AdminDesk>();
    assert_shared::<frontdesk::DeskError>();
    assert_shared::<frontdesk::Thread>();
    assert_shared::<frontdesk::Message>();
    assert_shared::<frontdesk::desk::OperatorPoll>();
    assert_shared::<frontdesk::view::ViewContext<'static>>();
    assert_shared::<frontdesk::store::MemoryStore>();
    assert_shared::<Box<dyn frontdesk::store::ThreadStore>>();
    assert_shared::<frontdesk::inbox::InboxList<frontdesk::Thread>>();
}
