//! The pictures of the documents and of the guide are those that `docs/pictures/draw.py` draws, and those of the guide can be
//! embedded in a page of rustdoc.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

const DOCUMENTS: &str = "docs/pictures";
const GUIDE: &str = "persist-core/src/guide/pictures";

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Returns the SVG files of a folder below `root`, by their paths.
fn pictures(root: &Path, folder: &str) -> BTreeMap<String, String> {
    let mut pictures = BTreeMap::new();
    for entry in fs::read_dir(root.join(folder)).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "svg") {
            let name = path.file_name().unwrap().to_str().unwrap();
            pictures.insert(format!("{folder}/{name}"), fs::read_to_string(&path).unwrap());
        }
    }
    pictures
}

#[test]
fn pictures_are_those_that_the_script_draws() {
    let drawn = tempfile::tempdir().unwrap();
    let script = root().join(DOCUMENTS).join("draw.py");
    let status = match Command::new("python3").arg(script).arg(drawn.path()).status() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            eprintln!("skipped, because this is missing: python3, which draws the pictures");
            return;
        }
        status => status.unwrap(),
    };
    assert!(status.success(), "draw.py: {status}");
    for folder in [DOCUMENTS, GUIDE] {
        let (found, drawn) = (pictures(root(), folder), pictures(drawn.path(), folder));
        let names = |pictures: &BTreeMap<_, _>| pictures.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&found), names(&drawn));
        for (name, text) in &found {
            assert!(*text == drawn[name], "{name} differs: run `python3 {DOCUMENTS}/draw.py`");
        }
    }
}

/// Markdown takes lines for HTML from a complete tag on, up to the next blank line.
#[test]
fn picture_of_the_guide_is_one_block_of_html() {
    for (name, text) in pictures(root(), GUIDE) {
        let first = text.lines().next().unwrap();
        assert!(first.starts_with("<svg ") && first.ends_with('>'), "{name}: {first}");
        assert!(text.lines().all(|line| !line.trim().is_empty()), "{name} has a blank line");
        assert!(text.ends_with("</svg>\n"), "{name}");
    }
}

/// A page may contain several pictures, and their styles and ids apply to all of it.
#[test]
fn pictures_of_the_guide_change_nothing_else_in_their_page() {
    let mut ids = BTreeSet::new();
    for (name, text) in pictures(root(), GUIDE) {
        let style = text.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
        let rules = style.lines().map(str::trim).filter(|line| line.contains('{'));
        for rule in rules.filter(|rule| !rule.starts_with("@media ")) {
            let scopes = ["svg.persist-picture ", ".persist-picture "];
            assert!(scopes.iter().any(|scope| rule.starts_with(scope)), "{name}: {rule}");
        }
        for id in text.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(ids.insert(id.to_owned()), "{name}: the id {id} is used twice");
        }
    }
    assert!(!ids.is_empty());
}
