//! The types of the page's client: `page/types.d.ts` is made from `openapi.json`, and
//! `page/client.d.ts` declares what `page/client.js` exports.
//!
//! The test needs `node` and `npm`, which installs the generator and the compiler. Without them, the
//! test prints a line `not run: ...` and passes.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::{env, fs};

/// Writes `page/types.d.ts` anew.
const WRITE: &str = "FRONTDESK_WRITE_SCHEMA=1 cargo test -p dashboard --test types";

fn dashboard(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Copies the folder `types` and installs its packages, unless an earlier call installed the same
/// packages. Returns `None` if that is not possible.
fn install() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("types");
    let installed = folder.join("node_modules/installed");
    let lock = fs::read_to_string(dashboard("types/package-lock.json")).unwrap();
    fs::create_dir_all(&folder).unwrap();
    for file in ["package.json", "package-lock.json", "generate.mjs", "exports.mjs"] {
        fs::copy(dashboard("types").join(file), folder.join(file)).unwrap();
    }
    if fs::read_to_string(&installed).is_ok_and(|text| text == lock) {
        return Some(folder);
    }
    let status = Command::new("npm")
        .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"])
        .arg(&folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if !status.is_ok_and(|status| status.success()) {
        return None;
    }
    fs::write(installed, lock).unwrap();
    Some(folder)
}

/// Runs a script with `node` and returns its output.
fn node(script: &Path, arguments: &[PathBuf]) -> Output {
    Command::new("node").arg(script).args(arguments).stdin(Stdio::null()).output().unwrap()
}

#[test]
fn the_types_of_the_client_are_those_of_the_openapi_document() {
    let Some(folder) = install() else {
        println!("not run: the types of the client, because npm cannot install the generator");
        return;
    };
    let made = node(&folder.join("generate.mjs"), &[dashboard("openapi.json")]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let made = String::from_utf8(made.stdout).unwrap();
    let file = dashboard("page/types.d.ts");
    if env::var("FRONTDESK_WRITE_SCHEMA").is_ok_and(|value| value == "1") {
        fs::write(&file, &made).unwrap();
    }
    let is_same = fs::read_to_string(file).is_ok_and(|text| text == made);
    assert!(is_same, "page/types.d.ts differs from openapi.json: run {WRITE}");

    let compiler = folder.join("node_modules/typescript/bin/tsc");
    let project = dashboard("types/tsconfig.json");
    let checked = node(&compiler, &["--project".into(), project]);
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));

    let files = [dashboard("page/client.js"), dashboard("page/client.d.ts")];
    let compared = node(&folder.join("exports.mjs"), &files);
    assert!(compared.status.success(), "{}", String::from_utf8_lossy(&compared.stderr));
    assert_eq!(String::from_utf8_lossy(&compared.stdout), "", "client.js and client.d.ts differ");
}
