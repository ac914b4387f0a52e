//! The house as the design draws it: floors, and a test for every rule.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn rust_files(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A module by the floor it stands on.
fn floor(module: &str) -> u8 {
    match module {
        "id" | "timestamp" | "text" | "participant" | "booking" | "message" | "record" => 1,
        "thread" | "inbox" | "calendar" | "view" => 2,
        "store" => 3,
        "desk" => 4,
        other => panic!("the module {other} stands on no floor"),
    }
}

/// Design, section 3: a module uses only its own floor and those below.
#[test]
fn a_module_uses_only_its_own_floor_and_those_below() {
    let src = root().join("src");
    let mut found = 0;
    for file in rust_files(&src) {
        let inside = file.strip_prefix(&src).unwrap();
        let module = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        if module == "lib" {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        // `cfg(doc)` imports serve links in the docs.
        let code = text.replace("#[cfg(doc)]\nuse crate::", "");
        for used in code.lines().filter_map(|line| line.trim().strip_prefix("use crate::")) {
            let used = used.split([':', ';', '{']).next().unwrap();
            assert!(floor(used) <= floor(module), "{} uses {used}", inside.display());
            found += 1;
        }
    }
    assert!(found > 50, "only {found} uses were found");
}

/// The lower floors read no clock, lock nothing and wait for nothing.
#[test]
fn the_lower_floors_are_pure() {
    let src = root().join("src");
    for file in rust_files(&src) {
        let inside = file.strip_prefix(&src).unwrap();
        let module = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        if module == "lib" || floor(module) > 2 {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let code: String = text
            .lines()
            .filter(|line| !line.trim().starts_with("//"))
            .collect::<Vec<_>>()
            .join("\n");
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
            assert!(!code.contains(impure), "{} has {impure:?}", inside.display());
        }
    }
}

/// Every rule of docs/rules.md has a test that names it, `t7_...` or in its docs.
#[test]
fn every_rule_has_a_test_that_names_it() {
    let rules = fs::read_to_string(root().join("docs/rules.md")).unwrap();
    let rules: Vec<String> = rules
        .lines()
        .filter_map(|line| line.strip_prefix("- **")?.split("**").next())
        .map(str::to_lowercase)
        .collect();
    assert_eq!(rules.len(), 37, "the rules were not found");

    let mut named = BTreeSet::new();
    for file in rust_files(&root().join("src")).into_iter().chain(rust_files(&root().join("tests")))
    {
        let text = fs::read_to_string(&file).unwrap();
        for line in text.lines() {
            let Some(name) =
                line.trim().strip_prefix("fn ").or(line.trim().strip_prefix("async fn "))
            else {
                continue;
            };
            named.extend(name.split(['_', '(', '<']).take(3).map(str::to_owned));
        }
    }
    let without: Vec<_> = rules.iter().filter(|rule| !named.contains(*rule)).collect();
    assert!(without.is_empty(), "no test is named after {without:?}");
}

/// What crosses threads and tasks can.
#[test]
fn everything_is_send_and_sync() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<frontdesk::FrontDesk>();
    shared::<frontdesk::OperatorDesk>();
    shared::<frontdesk::CustomerDesk>();
    shared::<frontdesk::LocationDesk>();
    shared::<frontdesk::DeskError>();
    shared::<frontdesk::Thread>();
    shared::<frontdesk::Message>();
    shared::<frontdesk::desk::OperatorPoll>();
    shared::<frontdesk::view::Screen<'static>>();
    shared::<frontdesk::store::MemoryStore>();
    shared::<Box<dyn frontdesk::store::ThreadStore>>();
    #[cfg(feature = "postgres")]
    shared::<frontdesk::store::PostgresStore>();
    shared::<frontdesk::inbox::InboxList<frontdesk::Thread>>();
}
