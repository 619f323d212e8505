//! The steps of a compaction, which returns free space to the file system.

use std::sync::Arc;
use std::time::Duration;

use persist_core::port::CompactStep;
use rusqlite::Connection;

use crate::base::errors;
use crate::connection::setup::COMMIT_PATIENCE;
use crate::file::storage;
use crate::pool::write_connection::{Failure, WriteConnection};

/// Moves up to 256 pages, a mebibyte, from the end of the file to free pages, and truncates the file. This takes a few milliseconds.
const FREE_PAGES: &str = "PRAGMA incremental_vacuum(256)";

/// Takes a step. Returns the number of bytes that it has freed.
pub(crate) fn take(step: CompactStep, writer: &WriteConnection) -> Result<u64, Failure> {
    match step {
        CompactStep::GiveBack => writer.in_transaction(|| {
            free_pages(writer.connection()).map_err(|error| writer.failure(error))
        }),
        CompactStep::Finish => finish(writer).map(|()| 0),
    }
}

fn free_pages(connection: &Connection) -> rusqlite::Result<u64> {
    let before = storage::free_bytes(connection)?;
    if before > 0 {
        let mut statement = connection.prepare_cached(FREE_PAGES)?;
        let mut steps = statement.query([])?;
        // Each row of the statement frees one page.
        while steps.next()?.is_some() {}
    }
    Ok(before.saturating_sub(storage::free_bytes(connection)?))
}

/// Checkpoints the WAL into the file, which only now becomes shorter, and truncates the WAL, unless a reader still uses it.
fn finish(writer: &WriteConnection) -> Result<(), Failure> {
    let connection = writer.connection();
    writer.check_files()?;
    let _checkpoints = writer.wal().lock_checkpoints();
    let set_patience =
        |patience| connection.busy_timeout(patience).map_err(|error| writer.failure(error));
    // A reader may take long, and writes are waiting, so this does not wait for readers.
    set_patience(Duration::ZERO)?;
    // The row of the statement, whether it was hindered by a reader, makes no difference.
    let done = connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .map_err(errors::recognize_full);
    set_patience(COMMIT_PATIENCE)?;
    match done {
        Err(error) if errors::is_full(&error) => Err(writer.failure(error)),
        Err(error) if !errors::is_busy(&error) => Err(writer.fail(Arc::new(error))),
        _ => {
            // The next commit may start the WAL again.
            writer.wal().want_first_page();
            Ok(())
        }
    }
}
