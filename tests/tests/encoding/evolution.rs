//! Changes of stored types: the table of `persist-core/src/guide/encoding.md`, row by row.
//!
//! Each case writes rows with an old type and reads them with a new one. Its cells are the results, so the table always
//! agrees with the code.

mod case;
mod enums;
mod fields;
mod forms;
mod migration;
mod types;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use case::Cells;

type Case = (&'static str, fn() -> Cells);

fn document() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../persist-core/src/guide/encoding.md");
    fs::read_to_string(file).unwrap()
}

/// Returns the rows of the table: the change, and the other cells.
fn rows(document: &str) -> Vec<(String, String)> {
    let header = "| Change | Keys | Payloads | `can_read` |";
    let table = document.lines().skip_while(|line| *line != header).skip(2);
    let rows = table.take_while(|line| line.starts_with('|'));
    let row = |row: &str| {
        let (change, cells) = row.trim_matches('|').split_once('|').unwrap();
        (change.trim().to_owned(), cells.trim().to_owned())
    };
    rows.map(row).collect()
}

#[test]
fn documented_changes_have_their_documented_results() {
    let cases: Vec<Case> = [fields::CASES, types::CASES, enums::CASES, forms::CASES].concat();
    let mut found: Vec<(String, String)> = Vec::new();
    for (change, run) in cases {
        found.push((change.to_owned(), run().to_string()));
    }
    let rows = rows(&document());
    let by_change: BTreeMap<_, _> = rows.iter().cloned().collect();
    assert_eq!(by_change.len(), rows.len(), "a change has two rows");
    let by_case: BTreeMap<_, _> = found.iter().cloned().collect();
    assert_eq!(by_case.len(), found.len(), "a change has two cases");
    let lines = |rows: &BTreeMap<String, String>| {
        rows.iter().map(|(change, cells)| format!("| {change} | {cells} |")).collect::<Vec<_>>()
    };
    let (documented, actual) = (lines(&by_change).join("\n"), lines(&by_case).join("\n"));
    assert!(
        documented == actual,
        "the document says\n{documented}\nand the results are\n{actual}\n"
    );
}
