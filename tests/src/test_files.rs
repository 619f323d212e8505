//! The check that no test file is forgotten: a file below the directory of a test binary that no `mod` names is never
//! compiled.

use std::fs;
use std::path::{Path, PathBuf};

/// Adds each file below `directory` that no `mod` in its parent module `module` names.
fn find_orphans(module: &Path, directory: &Path, orphans: &mut Vec<PathBuf>) {
    let source = fs::read_to_string(module).unwrap();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if path == module {
            continue;
        }
        let is_named = source.lines().any(|line| line.ends_with(&format!("mod {name};")));
        if path.is_dir() {
            let child = directory.join(format!("{name}.rs"));
            if child.is_file() {
                find_orphans(&child, &path, orphans);
            } else {
                orphans.push(path);
            }
        } else if !is_named {
            orphans.push(path);
        }
    }
}

#[test]
fn test_binary_has_a_mod_line_for_every_file() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let (mut binaries, mut orphans) = (0, Vec::new());
    for package in ["tests", "reliability", "faults", "persist-core"] {
        for entry in fs::read_dir(workspace.join(package).join("tests")).unwrap() {
            let directory = entry.unwrap().path();
            let main = directory.join("main.rs");
            if main.is_file() {
                binaries += 1;
                find_orphans(&main, &directory, &mut orphans);
            }
        }
    }
    assert!(binaries > 0, "no test binary has a directory");
    assert!(
        orphans.is_empty(),
        "these files are never compiled, add a `mod` for each: {orphans:?}"
    );
}
