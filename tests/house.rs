//! The floors of the crate's map, and a test for every rule.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

#[path = "support/sources.rs"]
mod sources;

use sources::{read, rust_files};

/// The files of `src` but for the front page, each with its module.
fn modules() -> Vec<(String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = rust_files("src").into_iter().map(|file| {
        let inside = file.strip_prefix(&src).unwrap();
        let module = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        (module.to_owned(), inside.display().to_string())
    });
    files.filter(|(module, _)| module != "lib").collect()
}

/// A source without its comments.
fn code(inside: &str) -> String {
    let comment = Regex::new(r"(?m)(?:^|\s)//.*$").unwrap();
    comment.replace_all(&read(format!("src/{inside}")), "").into_owned()
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

/// Where each name stands that the crate's front page gives out again.
fn given_out() -> BTreeMap<String, String> {
    let given_out = Regex::new(r"(?s)pub use (\w+)::([^;]+);").unwrap();
    let (word, page) = (Regex::new(r"\w+").unwrap(), code("lib.rs"));
    let names = given_out.captures_iter(&page).flat_map(|found| {
        let (_, [module, names]) = found.extract();
        word.find_iter(names).map(|name| (name.as_str().to_owned(), module.to_owned()))
    });
    names.collect()
}

/// What code names right after `crate::`, of a group each member. The hidden
/// macros, `__...`, are in no module.
fn used(code: &str) -> Vec<&str> {
    let path = Regex::new(r"\bcrate::").unwrap();
    let member = Regex::new(r"^\s*(\w+)").unwrap();
    let mut used = Vec::new();
    for path in path.find_iter(code) {
        let after = &code[path.end()..];
        let mut members = vec![after];
        if let Some(group) = after.strip_prefix('{') {
            members = vec![group];
            let mut depth = 0;
            for (at, c) in group.char_indices() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => members.push(&group[at + 1..]),
                    _ => {}
                }
            }
            // After the last comma.
            members.retain(|member| !member.trim_start().starts_with('}'));
        }
        for rest in members {
            let found = member.captures(rest);
            let found = found.unwrap_or_else(|| panic!("`crate::` and then {rest:.20?}"));
            used.push(found.get(1).unwrap().as_str());
        }
    }
    used.retain(|name| !name.starts_with("__"));
    used
}

/// A module uses only its own floor and those below, wherever in the
/// code it says `crate::`.
#[test]
fn a_module_uses_only_its_own_floor_and_those_below() {
    // These serve links in the docs.
    let for_docs = Regex::new(r"#\[cfg\(doc\)\]\s*use [^;]*;").unwrap();
    let given_out = given_out();
    assert!(given_out.len() > 40, "only {} names are given out", given_out.len());
    let mut found = 0;
    for (module, inside) in modules() {
        let code = code(&inside);
        for used in used(&for_docs.replace_all(&code, "")) {
            let used = given_out.get(used).map_or(used, String::as_str);
            assert!(floor(used) <= floor(&module), "{inside} uses {used}");
            found += 1;
        }
    }
    assert!(found > 150, "only {found} uses were found");
}

#[test]
fn uses_are_found_in_groups_and_in_expressions() {
    let code = "use crate::{desk, id::{A, B}, Thread,\n}; x(crate::store::Y, crate::__z!(), $crate::view::V)";
    assert_eq!(used(code), ["desk", "id", "Thread", "store", "view"]);
}

/// The lower floors read no clock, lock nothing and wait for nothing.
#[test]
fn the_lower_floors_are_pure() {
    for (module, inside) in modules() {
        if floor(&module) > 2 {
            continue;
        }
        let code = code(&inside);
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
            assert!(!code.contains(impure), "{inside} has {impure:?}");
        }
    }
}

/// The names of a file's tests: of functions with the attribute of one, as those within
/// `proptest!` have too.
fn tests(source: &str) -> impl Iterator<Item = &str> {
    static TEST: LazyLock<Regex> = LazyLock::new(|| {
        let attribute = r"^[ \t]*#\[(?:tokio::)?test\b.*\]\n";
        let more = r"(?:[ \t]*(?:#\[|//).*\n)*";
        Regex::new(&format!(r"(?m){attribute}{more}[ \t]*(?:async )?fn (\w+)")).unwrap()
    });
    TEST.captures_iter(source).map(|found| found.get(1).unwrap().as_str())
}

/// Every rule of docs/rules.md has a test whose name begins with its number: `t7_...`,
/// or `t1_t3_...` for several.
#[test]
fn every_rule_has_a_test_that_names_it() {
    let rules = read("docs/rules.md");
    let rules: BTreeSet<String> = rules
        .lines()
        .filter_map(|line| line.strip_prefix("- **")?.split("**").next())
        .map(str::to_lowercase)
        .collect();
    assert_eq!(rules.len(), 37, "the rules were not found");

    let mut named = BTreeSet::new();
    for file in ["src", "tests"].into_iter().flat_map(rust_files) {
        for name in tests(&read(file)) {
            let numbers = name.split('_').take_while(|word| rules.contains(*word));
            named.extend(numbers.map(str::to_owned));
        }
    }
    let without: Vec<_> = rules.difference(&named).collect();
    assert!(without.is_empty(), "no test is named after {without:?}");
}

#[test]
fn only_what_runs_as_a_test_counts_as_one() {
    let source = "
        #[test]
        #[cfg(unix)]
        fn t1_with_an_attribute_between() {}
        #[tokio::test(flavor = \"multi_thread\")]
        // Why.
        async fn t2_on_an_executor() {}
        fn t3_by_itself() {}
        // #[test]
        fn t4_commented_out() {}
        #[test] // Of what follows.
        struct T5;
        fn t5_of_another_item() {}
        /// #[test]
        fn t6_of_an_example() {}
    ";
    let found: Vec<&str> = tests(source).collect();
    assert_eq!(found, ["t1_with_an_attribute_between", "t2_on_an_executor"]);
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
