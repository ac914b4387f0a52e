//! The imports between the source files of a crate.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use crate::source_tree::{ModulePath, SourceTree};

/// The segments of a path in the code, for example of `crate::store::Commit`.
type CodePath = Vec<String>;

/// A crate's imports. Each module maps to the modules whose files define the items that it uses.
pub(crate) type Imports = BTreeMap<ModulePath, BTreeSet<ModulePath>>;

/// Finds all imports of a crate: its `use` declarations, and the paths in its code that start with
/// `crate`, `super` or `self`. A re-export is followed to the file that defines the item.
pub(crate) fn imports(tree: &SourceTree) -> Imports {
    let resolver = Resolver::new(tree);
    let found = tree.files.iter().map(|(module, file)| {
        let code = without_doc_imports(&file.code);
        let declared = declarations(&code).into_iter().map(|declaration| declaration.path);
        let paths = declared.chain(inline_paths(&code));
        let used = paths.filter_map(|path| resolver.resolve(module, &path));
        (module.clone(), used.filter(|used| used != module).collect())
    });
    found.collect()
}

/// Removes imports that only serve links in the docs.
fn without_doc_imports(code: &str) -> String {
    static DOC_IMPORT: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"#\[cfg\(doc\)\]\s*use [^;]*;").unwrap());
    DOC_IMPORT.replace_all(code, "").into_owned()
}

/// Returns the groups of modules that import each other, directly or through others.
pub(crate) fn cycles(imports: &Imports) -> BTreeSet<BTreeSet<ModulePath>> {
    let reached: BTreeMap<&ModulePath, BTreeSet<&ModulePath>> =
        imports.keys().map(|module| (module, reachable(imports, module))).collect();
    let groups = reached.iter().filter(|(module, reached)| reached.contains(*module)).map(
        |(module, from_module)| {
            let both_ways = from_module.iter().filter(|other| reached[*other].contains(module));
            both_ways.map(|module| (*module).clone()).collect()
        },
    );
    groups.collect()
}

/// Returns the modules from which a module imports, directly or through others.
fn reachable<'a>(imports: &'a Imports, module: &ModulePath) -> BTreeSet<&'a ModulePath> {
    let (mut reached, mut pending) = (BTreeSet::new(), vec![module]);
    while let Some(module) = pending.pop() {
        for imported in &imports[module] {
            if reached.insert(imported) {
                pending.push(imported);
            }
        }
    }
    reached
}

/// A name that a `use` declaration binds to a path. The name of a glob import is `*`.
struct Declaration {
    name: String,
    path: CodePath,
}

struct Resolver<'a> {
    tree: &'a SourceTree,
    bindings: BTreeMap<&'a ModulePath, BTreeMap<String, CodePath>>,
}

impl<'a> Resolver<'a> {
    fn new(tree: &'a SourceTree) -> Self {
        let bindings = tree.files.iter().map(|(module, file)| {
            let declarations = declarations(&file.code).into_iter();
            (module, declarations.map(|Declaration { name, path }| (name, path)).collect())
        });
        Self { tree, bindings: bindings.collect() }
    }

    /// Returns the module whose file defines the item that a path names, or `None` if the item is
    /// in another crate.
    fn resolve(&self, module: &ModulePath, path: &[String]) -> Option<ModulePath> {
        let (mut at, mut rest) = (module.clone(), path);
        match rest[0].as_str() {
            "crate" => at.clear(),
            "super" => drop(at.pop()),
            "self" => {}
            first if self.is_module(module, first) => return self.walk(module.clone(), path),
            _ => return None,
        }
        rest = &rest[1..];
        while rest.first().is_some_and(|segment| segment == "super") {
            at.pop();
            rest = &rest[1..];
        }
        self.walk(at, rest)
    }

    fn walk(&self, mut at: ModulePath, path: &[String]) -> Option<ModulePath> {
        for (index, segment) in path.iter().enumerate() {
            if self.is_module(&at, segment) {
                at.push(segment.clone());
                continue;
            }
            if let Some(bound) = self.bindings.get(&at).and_then(|names| names.get(segment)) {
                let target: CodePath = bound.iter().chain(&path[index + 1..]).cloned().collect();
                return self.resolve(&at, &target).or(Some(at));
            }
            break;
        }
        Some(at)
    }

    fn is_module(&self, parent: &ModulePath, name: &str) -> bool {
        let mut path = parent.clone();
        path.push(name.to_owned());
        self.tree.files.contains_key(&path)
    }
}

static USE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?m)^\s*(?:pub(?:\([^)]*\))?\s+)?use ([^;]+);").unwrap());

/// Returns the `use` declarations in code, with a separate declaration for each member of a group.
fn declarations(code: &str) -> Vec<Declaration> {
    let mut declarations = Vec::new();
    for found in USE.captures_iter(code) {
        flatten(&[], &found[1], &mut declarations);
    }
    declarations
}

fn flatten(prefix: &[String], tree: &str, declarations: &mut Vec<Declaration>) {
    let tree = tree.trim();
    if let Some((start, group)) = tree.split_once('{') {
        let mut prefix = prefix.to_vec();
        prefix.extend(segments(start));
        let group =
            group.trim_end().strip_suffix('}').expect("a group of imports ends with a brace");
        split_members(group).for_each(|member| flatten(&prefix, member, declarations));
        return;
    }
    let (path, alias) = match tree.split_once(" as ") {
        Some((path, alias)) => (path, Some(alias.trim().to_owned())),
        None => (tree, None),
    };
    let mut path: CodePath = prefix.iter().cloned().chain(segments(path)).collect();
    if path.len() > 1 && path.last().is_some_and(|last| last == "self" || last == "*") {
        path.pop();
    }
    if let Some(last) = path.last() {
        let name = if tree.ends_with('*') { "*".to_owned() } else { last.clone() };
        declarations.push(Declaration { name: alias.unwrap_or(name), path });
    }
}

fn segments(path: &str) -> impl Iterator<Item = String> {
    path.split("::").map(str::trim).filter(|segment| !segment.is_empty()).map(str::to_owned)
}

/// Splits a group of imports at its outer commas.
fn split_members(group: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0;
    let members = group.split(move |c| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    });
    members.filter(|member| !member.trim().is_empty())
}

/// Returns the paths in code, outside of `use` declarations, that start with `crate`, `super` or
/// `self`. Exported macros (`crate::name!`, or `crate::__name` as an argument) are left out: they
/// are at the crate's root, whatever file defines them.
fn inline_paths(code: &str) -> impl Iterator<Item = CodePath> {
    static PATH: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\b((?:crate|super|self)(?:\s*::\s*\w+)+)(!?)").unwrap());
    static VISIBILITY: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"pub\(in [^)]*\)").unwrap());
    let code = USE.replace_all(code, "");
    let code = VISIBILITY.replace_all(&code, "");
    let paths = PATH.captures_iter(&code).filter_map(|found| {
        let path: CodePath = segments(&found[1]).collect();
        let is_macro = path.len() == 2 && (&found[2] == "!" || path[1].starts_with("__"));
        (!is_macro).then_some(path)
    });
    paths.collect::<Vec<_>>().into_iter()
}
