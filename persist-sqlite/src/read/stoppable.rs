//! Statements that end early once nobody waits for their result.

use std::sync::Arc;

use persist_core::port::Stop;
use rusqlite::Connection;

use crate::pool::connections::Connections;

/// The number of SQLite's instructions after which it asks whether to continue. A row of a count takes about four.
const INSTRUCTIONS: i32 = 10_000;

/// Runs a statement. If `stop` can be set, the statement fails with `SQLITE_INTERRUPT` soon after it is set or the job closes.
pub(crate) fn run<T>(
    connection: &mut Connection,
    connections: &Arc<Connections>,
    stop: &Stop,
    run: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    if !stop.can_be_set() {
        return run(connection);
    }
    connection.progress_handler(INSTRUCTIONS, Some(connections.ends(stop)))?;
    let result = run(connection);
    // The connection is used for other reads afterwards.
    connection.progress_handler(0, None::<fn() -> bool>)?;
    result
}
