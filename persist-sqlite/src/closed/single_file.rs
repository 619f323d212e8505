//! Merging a job into its database file, which a drop and a restore do first.

use std::time::Duration;

use persist_core::Error;
use rusqlite::Connection;

use crate::base::errors;
use crate::connection::settings::Settings;
use crate::connection::{open, prepare};
use crate::file::job_file::JobFile;

/// Checkpoints a job into its database file, takes the file out of WAL mode, and starts an exclusive transaction. While the returned
/// connection is open, no other connection can use the file, not even one of a program that doesn't take the root's lock.
///
/// # Errors
///
/// [`Error::Busy`] if any other connection has the file open: SQLite then can't leave WAL mode.
pub(crate) fn merge_and_lock(file: &JobFile) -> Result<Connection, Error> {
    let busy = || Error::Busy { place: file.place.clone(), source: None };
    let failed = |error| errors::from_sqlite(&file.place, error);
    let writing = open::for_writing(file, Settings::default())?;
    writing.busy_timeout(Duration::ZERO).map_err(failed)?;
    if prepare::journal_mode(&writing, Some("DELETE")).map_err(failed)? != "delete" {
        return Err(busy());
    }
    writing.execute_batch("BEGIN EXCLUSIVE").map_err(failed)?;
    // Another process may have set WAL mode again in between.
    if prepare::journal_mode(&writing, None).map_err(failed)? != "delete" {
        return Err(busy());
    }
    Ok(writing)
}
