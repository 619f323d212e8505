//! The schema of a job's file: how it is told, and how it is made.

use std::thread;
use std::time::{Duration, Instant};

use persist_core::{Durability, Error, Place};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use crate::connection::{self, PATIENCE};
use crate::errors;

/// The version of the schema, in the header of each file.
const USER_VERSION: i64 = 1;

/// Just as the original writes it.
const CREATE: &str = "\
CREATE TABLE IF NOT EXISTS kv (
      category BLOB NOT NULL,
      key      BLOB NOT NULL,
      payload  BLOB NOT NULL,
      PRIMARY KEY (category, key)
    ) WITHOUT ROWID";

/// What a database holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nothing yet; perhaps another process is just creating it.
    Nothing,
    /// The rows of a job.
    Job,
}

/// Tells whether a database is a job's.
///
/// # Errors
///
/// [`Error::Incompatible`], naming what is different; [`Error::Corrupt`].
pub(crate) fn inspect(connection: &Connection, place: &Place) -> Result<Found, Error> {
    // One transaction: another process may just be creating the schema.
    let reading =
        connection.unchecked_transaction().map_err(|error| errors::from_sqlite(place, error))?;
    inspect_within(&reading, place)
}

/// Refuses what isn't a job's any more.
///
/// # Errors
///
/// As for [`inspect`]; [`Error::Incompatible`] also where there is nothing.
pub(crate) fn expect_job(connection: &Connection, place: &Place) -> Result<(), Error> {
    match inspect(connection, place)? {
        Found::Job => Ok(()),
        Found::Nothing => Err(Error::Incompatible {
            place: place.clone(),
            reason: "somebody else has emptied it while it was open here".into(),
        }),
    }
}

/// As [`inspect`], in a transaction that has begun.
pub(crate) fn inspect_within(transaction: &Connection, place: &Place) -> Result<Found, Error> {
    let found = difference(transaction).map_err(|error| errors::from_sqlite(place, error))?;
    found.map_err(|reason| Error::Incompatible { place: place.clone(), reason })
}

/// What there is, or what is different from a job's schema.
fn difference(connection: &Connection) -> rusqlite::Result<Result<Found, String>> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let objects: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if objects == 0 && version == 0 {
        return Ok(Ok(Found::Nothing));
    }
    let without_rowid: Option<(String, bool)> = connection
        .query_row(
            "SELECT type, wr FROM pragma_table_list WHERE schema = 'main' AND name = 'kv'",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    match without_rowid {
        None => return Ok(Err("it has no table kv".into())),
        Some((kind, true)) if kind == "table" => {}
        Some(_) => return Ok(Err("its kv is not a table without rowid".into())),
    }
    if columns(connection)? != ["category BLOB 1 1", "key BLOB 1 2", "payload BLOB 1 0"] {
        return Ok(Err("its table kv has other columns or another key".into()));
    }
    let meddler: Option<String> = connection
        .query_row(
            "SELECT type || ' ' || name FROM sqlite_schema
             WHERE (type = 'trigger' AND tbl_name = 'kv' COLLATE NOCASE) OR (type = 'view' AND sql LIKE '%kv%')",
            [],
            |row| row.get(0),
        )
        .optional()?;
    if let Some(meddler) = meddler {
        return Ok(Err(format!("it has a {meddler} on its table kv")));
    }
    if version != USER_VERSION {
        return Ok(Err(format!(
            "its user_version is {version}, and this version reads {USER_VERSION}"
        )));
    }
    Ok(Ok(Found::Job))
}

/// Name, type, whether it may be null and its place in the key, of each column of kv.
fn columns(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(
        "SELECT name || ' ' || type || ' ' || \"notnull\" || ' ' || pk FROM pragma_table_xinfo('kv') ORDER BY cid",
    )?;
    let columns = statement.query_map([], |row| row.get(0))?;
    columns.collect()
}

/// Makes a connection fit for a job's writer, and the file a job's if there is nothing in it.
///
/// # Errors
///
/// [`Error::Busy`] if another process doesn't let it; [`Error::Incompatible`] if another process has made
/// something else of it.
pub(crate) fn prepare(
    connection: &mut Connection,
    place: &Place,
    durability: Durability,
) -> Result<(), Error> {
    let failed = |error| errors::from_sqlite(place, error);
    let is_new = inspect(connection, place)? == Found::Nothing;
    if is_new {
        // Before WAL mode and before the first table: after them it would silently be nothing.
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL").map_err(failed)?;
    }
    enter_wal_mode(connection, place)?;
    connection::set_durability(connection, durability).map_err(failed)?;
    if is_new {
        let creation =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        // Another process may have come first.
        if inspect_within(&creation, place)? == Found::Nothing {
            creation
                .execute_batch(CREATE)
                .and_then(|()| write_version(&creation))
                .map_err(failed)?;
        }
        creation.commit().map_err(failed)?;
    }
    Ok(())
}

/// Writes the version of the schema, in a transaction that has begun.
pub(crate) fn write_version(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "user_version", USER_VERSION)
}

/// Setting WAL mode on a fresh file doesn't wait for others who do so too: this does.
pub(crate) fn enter_wal_mode(connection: &Connection, place: &Place) -> Result<(), Error> {
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

/// Sets the journal mode, if one is given; gives the one that is in force.
pub(crate) fn journal_mode(
    connection: &Connection,
    mode: Option<&'static str>,
) -> rusqlite::Result<String> {
    let set = mode.map_or_else(String::new, |mode| format!(" = {mode}"));
    let mut statement = connection.prepare(&format!("PRAGMA journal_mode{set}"))?;
    // To its end: SQLite tells the mode before it commits that to the file, which may fail.
    let mut modes =
        statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    modes.pop().ok_or(rusqlite::Error::QueryReturnedNoRows)
}
