//! What lies in a job's place, before anything is opened for writing.

use std::fs;
use std::io::ErrorKind;

use persist_core::Error;

use crate::job_file::JobFile;
use crate::schema::{self, Found};
use crate::{connection, errors, left_wal};

/// Looks at a job's file without changing it.
///
/// # Errors
///
/// [`Error::Incompatible`] or [`Error::Corrupt`] if there is something that isn't ours.
pub(crate) fn probe(file: &JobFile) -> Result<Found, Error> {
    let refused =
        |reason: &str| Error::Incompatible { place: file.place.clone(), reason: reason.into() };
    let damaged = |reason: &str| Error::Corrupt {
        place: file.place.clone(),
        reason: reason.into(),
        source: None,
    };
    // Only SQLite may open the file, lest this process's locks on it are dropped; looking at its entry is fine.
    match fs::symlink_metadata(&file.path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Found::Nothing),
        Err(error) => Err(errors::io(&file.place, "its file can't be looked at", error)),
        Ok(entry) if entry.is_dir() => Err(refused("it is a directory")),
        Ok(entry) if entry.is_symlink() => Err(refused("it is a link")),
        Ok(entry) if !entry.is_file() => Err(refused("it is not a file")),
        Ok(entry) => match entry.len() {
            // SQLite would remove the WAL, with all commits in it.
            0 if left_wal::is_there(file) => {
                Err(damaged("it is empty, but there is a WAL beside it"))
            }
            0 => Ok(Found::Nothing),
            // SQLite takes this for an empty file, and would write to it.
            1 => Err(damaged("it is not a database")),
            _ => schema::inspect(&connection::for_probing(file)?, &file.place),
        },
    }
}
