//! Compares the public API of the published crates with the recorded one, so that no change goes unnoticed. The API of a crate is
//! recorded in `<crate>.txt` in the directory of this package.
//!
//! `cargo run --manifest-path api/Cargo.toml` compares; with `-- --write`, it records the current API. This requires the toolchain
//! `nightly`, the only one whose rustdoc describes an API as data.

use std::collections::BTreeSet;
use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const CRATES: [&str; 4] =
    ["persist-core", "persist-derive", "persist-sqlite", "persist-conformance"];

/// Traits that the compiler implements for types, and that no user relies on.
const INTERNAL: [&str; 3] =
    ["core::marker::Freeze", "core::marker::UnsafeUnpin", "StructuralPartialEq"];

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let write = env::args().any(|argument| argument == "--write");
    let mut changed = false;
    for name in CRATES {
        let written = here.join(format!("{name}.txt"));
        let now = api(here, name)?;
        if write {
            fs::write(&written, now)?;
            continue;
        }
        let before = fs::read_to_string(&written).unwrap_or_default();
        for (sign, line) in difference(&before, &now) {
            println!("{sign} {line}");
            changed = true;
        }
    }
    if changed {
        println!("The public API has changed. If that is meant: CHANGELOG.md, and --write.");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the API of a crate with all its features, one line for each item. The functions of a trait's impl are left out, since
/// the trait lists them.
fn api(here: &Path, name: &str) -> Result<String, Box<dyn Error>> {
    let description = describe(here, name)?;
    let api =
        public_api::Builder::from_rustdoc_json(description).omit_blanket_impls(true).build()?;
    let mut of_trait = false;
    let told = |line: &String| {
        if line.starts_with("impl") {
            of_trait = line.contains(" for ");
        }
        let is_trait_s = of_trait && line.starts_with("pub fn");
        !is_trait_s && !INTERNAL.iter().any(|internal| line.contains(internal))
    };
    Ok(api.items().map(|item| format!("{item}\n")).filter(told).collect())
}

/// Runs rustdoc to describe a crate, and returns the path of the description.
fn describe(here: &Path, name: &str) -> Result<PathBuf, Box<dyn Error>> {
    let target = here.join("target/described");
    let status = Command::new("cargo")
        .args(["+nightly", "rustdoc", "--quiet", "--lib", "--all-features", "--package", name])
        .arg("--target-dir")
        .arg(&target)
        .args(["--", "-Zunstable-options", "--output-format=json", "--cap-lints=allow"])
        .current_dir(here.join(".."))
        .env_remove("RUSTUP_TOOLCHAIN")
        .status()?;
    if !status.success() {
        return Err(format!("rustdoc failed for {name}").into());
    }
    Ok(target.join("doc").join(name.replace('-', "_")).with_extension("json"))
}

/// Returns the lines that are in only one of the two texts: removed lines with `-`, then added lines with `+`.
fn difference<'a>(before: &'a str, now: &'a str) -> impl Iterator<Item = (char, &'a str)> {
    let set = |text: &'a str| text.lines().collect::<BTreeSet<_>>();
    let (before, now) = (set(before), set(now));
    let gone: Vec<_> = before.difference(&now).map(|line| ('-', *line)).collect();
    let new: Vec<_> = now.difference(&before).map(|line| ('+', *line)).collect();
    gone.into_iter().chain(new)
}
