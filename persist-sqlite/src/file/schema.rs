//! The schema of a job's file: how it is recognized, how it is created, and how a change by another process is noticed.
//!
//! `PRAGMA data_version` changes for a connection whenever another connection commits. Only then are `user_version` and
//! `schema_version` compared with the last ones that were seen, and only if they differ is the schema inspected again
//! ([`expect_same`]).

use std::cell::Cell;

use persist_core::Error;
use persist_core::error::Place;
use rusqlite::{Connection, OptionalExtension, Transaction};

use crate::base::errors;

/// The version of a job's schema, in the header of each file.
const USER_VERSION: i64 = 1;

/// The table of a job's file, byte for byte as the original creates it.
const CREATE: &str = "\
CREATE TABLE IF NOT EXISTS kv (
      category BLOB NOT NULL,
      key      BLOB NOT NULL,
      payload  BLOB NOT NULL,
      PRIMARY KEY (category, key)
    ) WITHOUT ROWID";

/// The table of the engine's own rows, which is created with the first of them.
const CREATE_SYSTEM: &str = "\
CREATE TABLE IF NOT EXISTS persist_system (
      category BLOB NOT NULL,
      key      BLOB NOT NULL,
      payload  BLOB NOT NULL,
      PRIMARY KEY (category, key)
    ) WITHOUT ROWID";

/// The contents of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// No table. Perhaps another process is about to create it.
    Nothing,
    /// A job's table.
    Job,
}

/// The numbers that show whether a schema may have changed since it was last inspected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Versions {
    /// A number that SQLite changes for this connection whenever another connection commits.
    data: i64,
    /// The version of a job's schema, in the header of the file.
    pub(crate) user: i64,
    /// A number in the header of the file that SQLite changes with each change of the schema.
    schema: i64,
    /// Whether there is a table of system rows.
    pub(crate) has_system: bool,
}

impl Versions {
    /// Returns the versions after this connection has created the table of system rows.
    pub(crate) fn with_system(self) -> Self {
        Self { has_system: true, ..self }
    }

    /// Reads the numbers. The table of system rows is looked for only if they differ from the last ones.
    fn read(connection: &Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            // This is read first, so that a commit between two of these reads is noticed by the next comparison.
            data: data_version(connection)?,
            user: number(connection, "PRAGMA user_version")?,
            schema: number(connection, "PRAGMA schema_version")?,
            has_system: false,
        })
    }
}

fn data_version(connection: &Connection) -> rusqlite::Result<i64> {
    number(connection, "PRAGMA data_version")
}

/// Reads a number with a statement that stays prepared, which takes a quarter of a microsecond.
fn number(connection: &Connection, pragma: &str) -> rusqlite::Result<i64> {
    connection.prepare_cached(pragma)?.query_row([], |row| row.get(0))
}

/// Returns whether a database has a job's schema or none.
///
/// # Errors
///
/// [`Error::Incompatible`] if it has another schema, with the difference; [`Error::Corrupt`].
pub(crate) fn inspect(connection: &Connection, place: &Place) -> Result<Found, Error> {
    inspect_with_versions(connection, place).map(|(found, _)| found)
}

/// As [`inspect`], in the current transaction or in one of its own, since another process may be creating the schema.
pub(crate) fn inspect_with_versions(
    connection: &Connection,
    place: &Place,
) -> Result<(Found, Versions), Error> {
    let failed = |error| errors::from_sqlite(place, error);
    let begun = if connection.is_autocommit() {
        Some(connection.unchecked_transaction().map_err(failed)?)
    } else {
        None
    };
    let mut versions = Versions::read(connection).map_err(failed)?;
    versions.has_system = has_system_table(connection).map_err(failed)?;
    let found = difference(connection, versions).map_err(failed)?;
    drop(begun);
    let found = found.map_err(|reason| Error::Incompatible { place: place.clone(), reason })?;
    Ok((found, versions))
}

/// Returns the versions of a job's schema, and refuses a file that does not contain a job any more.
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
/// processes are harmless, for example a `VACUUM` or a new table, so the schema is judged by the rules of an opening.
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
    // In most cases no other connection has committed, and reading one number is enough.
    if data_version(connection).map_err(failed)? == last.data {
        return Ok(());
    }
    let now = Versions::read(connection).map_err(failed)?;
    let is_same = (now.user, now.schema) == (last.user, last.schema);
    let unchanged = Versions { has_system: last.has_system, ..now };
    seen.set(if is_same { unchanged } else { expect_job(connection, place)? });
    Ok(())
}

/// Compares a database with a job's schema. Returns the contents, or the difference.
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
    if let Err(reason) = check_table(connection, "kv")? {
        return Ok(Err(reason));
    }
    if versions.has_system
        && let Err(reason) = check_table(connection, "persist_system")?
    {
        return Ok(Err(reason));
    }
    let extra: Option<String> = connection
        .query_row(
            "SELECT type || ' ' || name || ' on its table ' || iif(type = 'trigger', tbl_name, 'kv') FROM sqlite_schema
             WHERE (type = 'trigger' AND lower(tbl_name) IN ('kv', 'persist_system')) OR (type = 'view' AND sql LIKE '%kv%')",
            [],
            |row| row.get(0),
        )
        .optional()?;
    if let Some(extra) = extra {
        return Ok(Err(format!("it has a {extra}")));
    }
    if version != USER_VERSION {
        return Ok(Err(format!(
            "its user_version is {version}, and this version reads {USER_VERSION}"
        )));
    }
    Ok(Ok(Found::Job))
}

/// Compares a table with the one of rows. Returns the difference, if there is one.
fn check_table(connection: &Connection, table: &str) -> rusqlite::Result<Result<(), String>> {
    let without_rowid: Option<(String, bool)> = connection
        .query_row(
            "SELECT type, wr FROM pragma_table_list WHERE schema = 'main' AND name = ?1 COLLATE NOCASE",
            [table],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    match without_rowid {
        None => return Ok(Err(format!("it has no table {table}"))),
        Some((kind, true)) if kind == "table" => {}
        Some(_) => return Ok(Err(format!("its {table} is not a table without rowid"))),
    }
    if columns(connection, table)? != ["category BLOB 1 1", "key BLOB 1 2", "payload BLOB 1 0"] {
        return Ok(Err(format!("its table {table} has other columns or another key")));
    }
    Ok(Ok(()))
}

/// Returns whether the file has a table of system rows.
///
/// The statement is not kept: if the schema changes, SQLite prepares it again, and from then on each statement of the connection
/// costs a little more, because the connection has had an error.
pub(crate) fn has_system_table(connection: &Connection) -> rusqlite::Result<bool> {
    connection
        .prepare("SELECT 1 FROM sqlite_schema WHERE name = 'persist_system' COLLATE NOCASE")?
        .exists([])
}

/// Returns a description of each column of a table: its name, its type, whether it is `NOT NULL`, and its position in the key.
fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(
        "SELECT name || ' ' || type || ' ' || \"notnull\" || ' ' || pk FROM pragma_table_xinfo(?1) ORDER BY cid",
    )?;
    let columns = statement.query_map([table], |row| row.get(0))?;
    columns.collect()
}

/// Creates the schema in an empty database, in a transaction that has begun.
pub(crate) fn create(creation: &Transaction<'_>) -> rusqlite::Result<()> {
    creation.execute_batch(CREATE)?;
    write_version(creation, USER_VERSION)
}

/// Creates the table of system rows, in a transaction that has begun, unless it exists.
pub(crate) fn create_system(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(CREATE_SYSTEM)
}

/// Writes the version of the schema, in a transaction that has begun.
pub(crate) fn write_version(connection: &Connection, version: i64) -> rusqlite::Result<()> {
    connection.pragma_update(None, "user_version", version)
}
