use std::fs;
use std::path::Path;

use rusqlite::Connection;

/// Asserts that SQLite, without any code of persist, finds the file and its WAL intact. No job of this process may have
/// the file open.
///
/// # Panics
///
/// If SQLite finds damage or can't read the file.
pub fn assert_sound(file: &Path) {
    let found: rusqlite::Result<String> = Connection::open(file).and_then(|connection| {
        connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))
    });
    assert_eq!(found.as_deref(), Ok("ok"), "{}", file.display());
}

/// Returns the names in a directory, in ascending order.
///
/// # Panics
///
/// If the directory can't be listed.
#[must_use]
pub fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("the directory can be listed");
    let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    let mut names: Vec<_> =
        entries.map(|entry| name(entry.expect("the directory can be listed"))).collect();
    names.sort();
    names
}
