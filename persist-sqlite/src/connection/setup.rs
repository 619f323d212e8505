//! The settings of a connection, and checks that SQLite applied them.
//!
//! SQLite may do less than it was asked for and still report success: it ignores a setting that it can't apply, and opens a file for
//! reading if it can't open it for writing. So each setting is read back, and each connection that writes or checkpoints is checked.
//! If a check fails, the connection is opened once more ([`twice`]), since the cause may have passed.

use std::time::Duration;

use persist_core::{Durability, Error};
use rusqlite::config::DbConfig;
use rusqlite::types::FromSql;
use rusqlite::{Connection, ToSql, ffi};

use crate::base::errors;
use crate::file::job_file::JobFile;

/// How long an opening or a read waits for a lock of another process.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);
/// How long one attempt to commit waits for a lock of another process. The engine then tries again.
pub(crate) const COMMIT_PATIENCE: Duration = Duration::from_millis(100);

/// Calls `open`, and calls it once more if SQLite did less than it was asked for.
pub(crate) fn twice<T>(mut open: impl FnMut() -> Result<T, Error>) -> Result<T, Error> {
    match open() {
        Err(error) if is_less_than_asked(&error) => open(),
        opened => opened,
    }
}

/// Returns whether SQLite did less than it was asked for. Another attempt may succeed.
pub(crate) fn is_less_than_asked(error: &Error) -> bool {
    matches!(errors::primary_code(error), Some(ffi::SQLITE_READONLY | ffi::SQLITE_MISMATCH))
}

/// Checks that a connection in WAL mode can write. If SQLite can't open the WAL or its index for writing, it opens them for
/// reading and reports nothing until the first write.
///
/// # Errors
///
/// If one of the files is open for reading only. A lock that another connection holds is no error.
pub(crate) fn check_can_write(connection: &Connection, file: &JobFile) -> Result<(), Error> {
    let failed = |error| errors::from_sqlite(&file.place, error);
    connection.busy_timeout(Duration::ZERO).map_err(failed)?;
    let begun = connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK");
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    match begun {
        Err(error) if errors::is_read_only(&error) => {
            Err(failed(opened_read_only(file, &error.to_string())))
        }
        Err(error) if !errors::is_busy(&error) => Err(failed(error)),
        _ => Ok(()),
    }
}

/// Makes the connection allocate memory for pages only as it reads them. Whenever its cache is empty, SQLite allocates 85 KiB for
/// the first twenty pages at once, unless the cache is limited to fewer pages than that. So the cache is limited to one page here
/// while the first pages are read.
pub(crate) fn keep_small(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "PRAGMA cache_size = 1; PRAGMA shrink_memory;
         SELECT count(*) FROM sqlite_schema; PRAGMA cache_size = -2000",
    )
}

/// Sets whether SQLite checkpoints the WAL when the last connection to a file is closed. Only the writer's connection does so, and
/// only when a job that has not failed is closed: SQLite reports no error of such a checkpoint, and the WAL of a failed job must
/// stay unchanged.
pub(crate) fn checkpoint_on_close(connection: &Connection, on: bool) -> rusqlite::Result<()> {
    configure(connection, DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !on)
}

/// Sets whether commits wait for the disk. On macOS, a sync doesn't reach the disk without `fullfsync`, which has no effect on other
/// systems.
pub(crate) fn set_durability(
    connection: &Connection,
    durability: Durability,
) -> rusqlite::Result<()> {
    const NORMAL: i64 = 1;
    const FULL: i64 = 2;
    let full = durability == Durability::Full;
    set(connection, "fullfsync", full)?;
    set(connection, "synchronous", if full { FULL } else { NORMAL })
}

/// Sets a pragma and reads it back.
///
/// # Errors
///
/// Also if SQLite ignored the value or changed it.
pub(crate) fn set<T: ToSql + FromSql + PartialEq + Copy>(
    connection: &Connection,
    pragma: &str,
    value: T,
) -> rusqlite::Result<()> {
    connection.pragma_update(None, pragma, value)?;
    let is_set = connection.pragma_query_value(None, pragma, |row| row.get::<_, T>(0))? == value;
    if is_set { Ok(()) } else { Err(not_set(pragma)) }
}

/// Sets an option of a connection, and checks that SQLite applied it.
pub(super) fn configure(
    connection: &Connection,
    option: DbConfig,
    on: bool,
) -> rusqlite::Result<()> {
    if connection.set_db_config(option, on)? == on {
        Ok(())
    } else {
        Err(not_set(&format!("{option:?}")))
    }
}

/// Returns the error for a file of a job that SQLite opened for reading although it was asked to open it for writing.
pub(super) fn opened_read_only(file: &JobFile, message: &str) -> rusqlite::Error {
    let message = format!(
        "SQLite could open {}, {} or {} for reading only ({message}): open the job again",
        file.path.display(),
        file.wal().display(),
        file.index().display()
    );
    rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_READONLY), Some(message))
}

/// Returns the error for a setting that SQLite ignored.
fn not_set(setting: &str) -> rusqlite::Error {
    let message = format!("SQLite did not take the setting `{setting}`: open the job again");
    rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_MISMATCH), Some(message))
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::set;

    #[test]
    fn setting_that_sqlite_ignores_is_an_error() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE t (x)").unwrap();
        assert!(set(&connection, "synchronous", 1).is_ok());
        // The page size of a database with a table stays; there is no such pragma; and a number is kept within limits.
        for (pragma, value) in [("page_size", 8192), ("no_such_pragma", 1), ("synchronous", 9)] {
            assert!(set(&connection, pragma, value).is_err(), "{pragma}");
        }
    }
}
