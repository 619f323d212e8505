//! The schema of a job's file: how it is told, and how it is made.

use std::cell::Cell;
use std::thread;
use std::time::{Duration, Instant};

use persist_core::error::Place;
use persist_core::{Durability, Error};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use crate::connection::{self, PATIENCE};
use crate::errors;
use crate::job_file::JobFile;

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

/// The numbers that show whether a schema may have changed since it was inspected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Versions {
    /// SQLite changes it for this connection whenever another one commits anything.
    data: i64,
    /// The version of a job's schema, in the header of the file.
    pub(crate) user: i64,
    /// How often SQLite has changed the schema, in the header of the file.
    schema: i64,
}

impl Versions {
    fn read(connection: &Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            // First, so that a commit between two of these reads is noticed the next time.
            data: data_version(connection)?,
            user: number(connection, "PRAGMA user_version")?,
            schema: number(connection, "PRAGMA schema_version")?,
        })
    }
}

fn data_version(connection: &Connection) -> rusqlite::Result<i64> {
    number(connection, "PRAGMA data_version")
}

/// Reads a number by a statement that stays prepared, which takes a quarter of a microsecond.
fn number(connection: &Connection, pragma: &str) -> rusqlite::Result<i64> {
    connection.prepare_cached(pragma)?.query_row([], |row| row.get(0))
}

/// Tells whether a database is a job's.
///
/// # Errors
///
/// [`Error::Incompatible`], naming what is different; [`Error::Corrupt`].
pub(crate) fn inspect(connection: &Connection, place: &Place) -> Result<Found, Error> {
    inspect_with_versions(connection, place).map(|(found, _)| found)
}

/// As [`inspect`], in the transaction that has begun, or in one of its own: another process may just be creating the schema.
fn inspect_with_versions(
    connection: &Connection,
    place: &Place,
) -> Result<(Found, Versions), Error> {
    let failed = |error| errors::from_sqlite(place, error);
    let begun = if connection.is_autocommit() {
        Some(connection.unchecked_transaction().map_err(failed)?)
    } else {
        None
    };
    let versions = Versions::read(connection).map_err(failed)?;
    let found = difference(connection, versions).map_err(failed)?;
    drop(begun);
    let found = found.map_err(|reason| Error::Incompatible { place: place.clone(), reason })?;
    Ok((found, versions))
}

/// Refuses a file that is not a job's any more; returns the versions of its schema.
///
/// # Errors
///
/// As for [`inspect`]; [`Error::Incompatible`] also for an empty file.
pub(crate) fn expect_job(connection: &Connection, place: &Place) -> Result<Versions, Error> {
    match inspect_with_versions(connection, place)? {
        (Found::Job, versions) => Ok(versions),
        (Found::Nothing, _) => Err(Error::Incompatible {
            place: place.clone(),
            reason: "somebody else has emptied it while it was open here".into(),
        }),
    }
}

/// Inspects the schema again if another connection has changed it, or its version, since it was last `seen`. Many changes by other
/// processes are harmless, for example a `VACUUM` or another table, so only the rules of an opening decide.
///
/// # Errors
///
/// As for [`expect_job`].
pub(crate) fn expect_same(
    connection: &Connection,
    place: &Place,
    seen: &Cell<Versions>,
) -> Result<(), Error> {
    let failed = |error| errors::from_sqlite(place, error);
    let last = seen.get();
    // Most often no other connection has committed anything, and then one number is enough.
    if data_version(connection).map_err(failed)? == last.data {
        return Ok(());
    }
    let now = Versions::read(connection).map_err(failed)?;
    let is_same = (now.user, now.schema) == (last.user, last.schema);
    seen.set(if is_same { now } else { expect_job(connection, place)? });
    Ok(())
}

/// What there is, or what is different from a job's schema.
fn difference(
    connection: &Connection,
    versions: Versions,
) -> rusqlite::Result<Result<Found, String>> {
    let version = versions.user;
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

/// Prepares a connection for a job's writer, and creates the schema in an empty file. Returns the versions of the schema.
///
/// # Errors
///
/// [`Error::Busy`] if another process doesn't let it; [`Error::Incompatible`] if another process has made
/// something else of it.
pub(crate) fn prepare(
    connection: &mut Connection,
    file: &JobFile,
    durability: Durability,
) -> Result<Versions, Error> {
    let place = &file.place;
    let failed = |error| errors::from_sqlite(place, error);
    let (found, versions) = inspect_with_versions(connection, place)?;
    let is_new = found == Found::Nothing;
    if is_new {
        // Before WAL mode and before the first table: after them it would silently be nothing.
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL").map_err(failed)?;
    }
    make_fit(connection, file, durability)?;
    if is_new {
        let creation =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        // Another process may have come first.
        if inspect(&creation, place)? == Found::Nothing {
            creation
                .execute_batch(CREATE)
                .and_then(|()| write_version(&creation, USER_VERSION))
                .map_err(failed)?;
        }
        creation.commit().map_err(failed)?;
        return expect_job(connection, place);
    }
    Ok(versions)
}

/// Makes a connection fit for commits of this durability, and checks that it is.
///
/// # Errors
///
/// [`Error::Busy`] if another process doesn't let it enter WAL mode; others if SQLite does less than it was asked for.
pub(crate) fn make_fit(
    connection: &Connection,
    file: &JobFile,
    durability: Durability,
) -> Result<(), Error> {
    enter_wal_mode(connection, &file.place)?;
    connection::set_durability(connection, durability)
        .map_err(|error| errors::from_sqlite(&file.place, error))?;
    connection::check_can_write(connection, file)
}

/// Writes the version of the schema, in a transaction that has begun.
pub(crate) fn write_version(connection: &Connection, version: i64) -> rusqlite::Result<()> {
    connection.pragma_update(None, "user_version", version)
}

/// Setting WAL mode on a fresh file doesn't wait for others who do so too: this does.
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
