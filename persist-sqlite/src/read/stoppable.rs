//! Statements that end early once nobody waits for their result.

use rusqlite::Connection;

/// The number of SQLite's instructions after which it asks whether to continue. A row of a count takes about four.
const INSTRUCTIONS: i32 = 10_000;

/// Runs a statement, which fails with `SQLITE_INTERRUPT` soon after `ends` returns true.
pub(crate) fn run<T>(
    connection: &mut Connection,
    ends: impl Fn() -> bool + Send + 'static,
    run: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    connection.progress_handler(INSTRUCTIONS, Some(ends))?;
    let result = run(connection);
    connection.progress_handler(0, None::<fn() -> bool>)?;
    result
}
