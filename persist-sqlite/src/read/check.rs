//! The check of a job for damage.

use persist_core::Error;
use persist_core::error::Place;
use persist_core::stats::CheckReport;
use rusqlite::Connection;

use crate::base::errors;
use crate::file::schema::{self, Found};

/// The number of instructions after which SQLite asks whether to continue.
const INSTRUCTIONS: i32 = 1_000;

/// Counts the rows that SQLite can read and the store can't.
const FOREIGN_ROWS: &str = "SELECT count(*) FROM kv
    WHERE typeof(category) <> 'blob' OR typeof(key) <> 'blob' OR typeof(payload) <> 'blob'";

/// Reads the whole file, on a connection that is used for nothing else.
///
/// # Errors
///
/// If the check can't be made. Damage is no error, but is in the report. [`Error::Closed`] soon after `ends` returns true.
pub(crate) fn check(
    connection: &mut Connection,
    place: &Place,
    ends: impl Fn() -> bool + Send + 'static,
) -> Result<CheckReport, Error> {
    let mut report = CheckReport::default();
    let done = connection
        .progress_handler(INSTRUCTIONS, Some(ends))
        .map_err(|error| errors::from_sqlite(place, error))
        .and_then(|()| find_problems(connection, place, &mut report.problems));
    match done {
        Ok(()) => {}
        Err(Error::Incompatible { reason, .. } | Error::Corrupt { reason, .. }) => {
            report.problems.push(reason);
        }
        Err(error) => return Err(error),
    }
    Ok(report)
}

fn find_problems(
    connection: &Connection,
    place: &Place,
    problems: &mut Vec<String>,
) -> Result<(), Error> {
    let failed = |error| errors::from_sqlite(place, error);
    integrity(connection, "integrity_check", problems).map_err(failed)?;
    if schema::inspect(connection, place)? == Found::Nothing {
        problems.push("it has no table kv".into());
        return Ok(());
    }
    let foreign: i64 = connection.query_row(FOREIGN_ROWS, [], |row| row.get(0)).map_err(failed)?;
    if foreign > 0 {
        problems.push(format!("{foreign} rows of kv hold something else than bytes"));
    }
    Ok(())
}

/// Runs one of SQLite's own checks, `integrity_check` or `quick_check`, and appends the problems that it finds.
pub(crate) fn integrity(
    connection: &Connection,
    pragma: &str,
    problems: &mut Vec<String>,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(&format!("PRAGMA {pragma}"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let found: String = row.get(0)?;
        if found != "ok" {
            problems.push(found);
        }
    }
    Ok(())
}
