//! The preparation of a writer's connection: WAL mode, durability, and the schema of a new file.

use std::thread;
use std::time::{Duration, Instant};

use persist_core::error::Place;
use persist_core::{Durability, Error};
use rusqlite::{Connection, TransactionBehavior};

use crate::base::errors;
use crate::connection::setup::{self, PATIENCE};
use crate::file::job_file::JobFile;
use crate::file::schema::{self, Found, Versions};

/// Prepares the connection of a job's writer, and creates the schema in an empty file. Returns the versions of the schema.
///
/// # Errors
///
/// [`Error::Busy`] if another process holds a lock; [`Error::Incompatible`] if another process has created another schema.
pub(crate) fn prepare(
    connection: &mut Connection,
    file: &JobFile,
    durability: Durability,
) -> Result<Versions, Error> {
    let place = &file.place;
    let failed = |error| errors::from_sqlite(place, error);
    let (found, versions) = schema::inspect_with_versions(connection, place)?;
    let is_new = found == Found::Nothing;
    if is_new {
        // SQLite ignores this setting once the file is in WAL mode or has a table.
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL").map_err(failed)?;
    }
    set_up(connection, file, durability)?;
    if is_new {
        let creation =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        // Another process may have created the schema before this transaction began.
        if schema::inspect(&creation, place)? == Found::Nothing {
            schema::create(&creation).map_err(failed)?;
        }
        creation.commit().map_err(failed)?;
        return schema::expect_job(connection, place);
    }
    Ok(versions)
}

/// Sets up a connection for commits of this durability, and checks that it can write.
///
/// # Errors
///
/// [`Error::Busy`] if a lock of another process keeps it from entering WAL mode; other errors if SQLite does less than it was
/// asked for.
pub(crate) fn set_up(
    connection: &Connection,
    file: &JobFile,
    durability: Durability,
) -> Result<(), Error> {
    enter_wal_mode(connection, &file.place)?;
    setup::set_durability(connection, durability)
        .map_err(|error| errors::from_sqlite(&file.place, error))?;
    setup::check_can_write(connection, file)
}

/// Puts the database in WAL mode. If other processes do so to a new file at the same time, SQLite fails at once instead of waiting for
/// them, so this tries again.
fn enter_wal_mode(connection: &Connection, place: &Place) -> Result<(), Error> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let entered = journal_mode(connection, None).and_then(|mode| {
            if mode == "wal" { Ok(mode) } else { journal_mode(connection, Some("WAL")) }
        });
        match entered {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(mode) => {
                return Err(Error::Unsupported {
                    what: format!("WAL mode for {place}: SQLite stays in the mode {mode} there"),
                });
            }
            Err(error) if errors::is_busy(&error) && Instant::now() < deadline => {
                thread::sleep(Duration::from_millis(5));
            }
            Err(error) => return Err(errors::from_sqlite(place, error)),
        }
    }
}

/// Sets the journal mode, if one is given, and returns the mode in force.
pub(crate) fn journal_mode(
    connection: &Connection,
    mode: Option<&'static str>,
) -> rusqlite::Result<String> {
    let set = mode.map_or_else(String::new, |mode| format!(" = {mode}"));
    let mut statement = connection.prepare(&format!("PRAGMA journal_mode{set}"))?;
    // The statement is run to its end, since SQLite returns the mode before it commits the change to the file, which may fail.
    let mut modes =
        statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    modes.pop().ok_or(rusqlite::Error::QueryReturnedNoRows)
}
