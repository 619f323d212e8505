use std::path::Path;

use rusqlite::Connection;

/// Asserts that SQLite, without any code of persist, finds the file and its WAL sound. No job of this process may
/// have the file open.
///
/// # Panics
///
/// If it isn't.
pub fn assert_sound(file: &Path) {
    let found: rusqlite::Result<String> = Connection::open(file).and_then(|connection| {
        connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))
    });
    assert_eq!(found.as_deref(), Ok("ok"), "{}", file.display());
}
