//! The source files of a crate, by module.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use crate::sources::{read, rust_files};

/// The path of a module in its crate. The path of the crate's root is empty.
pub(crate) type ModulePath = Vec<String>;

/// A source file: the whole text, and the code without comments and tests.
pub(crate) struct SourceFile {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) code: String,
}

/// The files of a crate's `src` folder, except for those that only tests compile.
pub(crate) struct SourceTree {
    pub(crate) files: BTreeMap<ModulePath, SourceFile>,
}

impl SourceTree {
    pub(crate) fn of(crate_folder: &str) -> Self {
        let src = Path::new(env!("CARGO_MANIFEST_DIR")).join(crate_folder).join("src");
        let mut files = BTreeMap::new();
        for path in rust_files(&format!("{crate_folder}/src")) {
            let inside = path.strip_prefix(&src).unwrap();
            let text = read(&path);
            let code = without_tests(&without_comments(&text));
            let name = inside.display().to_string();
            files.insert(module_path(inside), SourceFile { name, text, code });
        }
        for test_module in test_modules(&files) {
            files.remove(&test_module);
        }
        Self { files }
    }
}

fn module_path(file: &Path) -> ModulePath {
    let mut path: ModulePath =
        file.with_extension("").iter().map(|name| name.to_str().unwrap().to_owned()).collect();
    if path.last().is_some_and(|last| ["lib", "main", "mod"].contains(&last.as_str())) {
        path.pop();
    }
    path
}

/// Returns the modules that are declared after `#[cfg(test)]` and have a file.
fn test_modules(files: &BTreeMap<ModulePath, SourceFile>) -> Vec<ModulePath> {
    static DECLARATION: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"#\[cfg\(test\)\]\s*mod (\w+);").unwrap());
    let declared = files.iter().flat_map(|(parent, file)| {
        DECLARATION.captures_iter(&file.text).map(move |found| {
            let mut path = parent.clone();
            path.push(found[1].to_owned());
            path
        })
    });
    declared.collect()
}

fn without_comments(source: &str) -> String {
    static COMMENT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?m)(?:^|\s)//.*$").unwrap());
    COMMENT.replace_all(source, "").into_owned()
}

/// Removes the test module of a file and its other test-only imports and modules.
fn without_tests(code: &str) -> String {
    static TESTS: LazyLock<Regex> = LazyLock::new(|| {
        let module = r"^#\[cfg\(test\)\]\n(?:#\[[^\n]*\]\n)*mod \w+ \{\n.*?^\}\n?";
        let declaration = r"^#\[cfg\(test\)\]\s*(?:use|mod) [^;{]*;\n?";
        Regex::new(&format!("(?ms){module}|{declaration}")).unwrap()
    });
    TESTS.replace_all(code, "").into_owned()
}
