//! Giving free space back to the file system.

use std::sync::Arc;
use std::time::Duration;

use persist_core::port::CompactStep;
use rusqlite::Connection;

use crate::base::errors;
use crate::connection::setup::COMMIT_PATIENCE;
use crate::file::storage;
use crate::pool::write_connection::{Failure, WriteConnection};

/// Moves at most so many pages to where the free ones are, and cuts the file there: a mebibyte, a few milliseconds.
const GIVE_BACK: &str = "PRAGMA incremental_vacuum(256)";

/// Takes a step; tells how many bytes it gave back.
pub(crate) fn take(step: CompactStep, writer: &WriteConnection) -> Result<u64, Failure> {
    match step {
        CompactStep::GiveBack => writer.in_transaction(|| {
            give_back(writer.connection()).map_err(|error| writer.failure(error))
        }),
        CompactStep::Finish => finish(writer).map(|()| 0),
    }
}

fn give_back(connection: &Connection) -> rusqlite::Result<u64> {
    let before = storage::free_bytes(connection)?;
    if before > 0 {
        let mut statement = connection.prepare_cached(GIVE_BACK)?;
        let mut steps = statement.query([])?;
        // It gives back one page a row.
        while steps.next()?.is_some() {}
    }
    Ok(before.saturating_sub(storage::free_bytes(connection)?))
}

/// Moves what the WAL holds into the file, which gets its size then, and empties the WAL: as far as nobody still reads
/// from it.
fn finish(writer: &WriteConnection) -> Result<(), Failure> {
    let connection = writer.connection();
    writer.check_files()?;
    let _alone = writer.wal().lock_checkpoints();
    let set_patience =
        |patience| connection.busy_timeout(patience).map_err(|error| writer.failure(error));
    // Readers may take their time, and writes are waiting.
    set_patience(Duration::ZERO)?;
    // Its row says whether somebody was in the way.
    let done = connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .map_err(errors::recognize_full);
    set_patience(COMMIT_PATIENCE)?;
    match done {
        Err(error) if errors::is_full(&error) => Err(writer.failure(error)),
        Err(error) if !errors::is_busy(&error) => Err(writer.fail(Arc::new(error))),
        _ => {
            // The next commit may begin the WAL again.
            writer.wal().want_first_page();
            Ok(())
        }
    }
}
