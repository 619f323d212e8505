//! What lies in a job's place, before anything is opened for writing.

use std::fs::{self, Metadata};
use std::io::ErrorKind;

use persist_core::Error;

use crate::job_file::JobFile;
use crate::schema::{self, Found};
use crate::{connection, left_wal, root};

/// Looks at a job's file without changing it.
///
/// # Errors
///
/// [`Error::Incompatible`] or [`Error::Corrupt`] if there is something that isn't ours.
pub(crate) fn probe(file: &JobFile) -> Result<Found, Error> {
    // Only SQLite may open the file, lest this process's locks on it are dropped; looking at its entry is fine.
    match fs::symlink_metadata(&file.path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            refuse_beside(file)?;
            Ok(Found::Nothing)
        }
        Err(error) => {
            Err(Error::invalid_argument(format!("{} can't be looked at: {error}", file.place)))
        }
        Ok(entry) => {
            refuse_entry(file, &entry)?;
            refuse_beside(file)?;
            match entry.len() {
                // SQLite would remove the WAL, with all commits in it.
                0 if left_wal::is_there(file) => {
                    Err(damaged(file, "it is empty, but there is a WAL beside it"))
                }
                0 => Ok(Found::Nothing),
                // SQLite takes this for an empty file, and would write to it.
                1 => Err(damaged(file, "it is not a database")),
                _ => schema::inspect(&connection::for_probing(file)?, &file.place),
            }
        }
    }
}

/// Refuses what isn't a file, or is another job's file too.
fn refuse_entry(file: &JobFile, entry: &Metadata) -> Result<(), Error> {
    if entry.is_dir() {
        return Err(refused(file, "it is a directory"));
    }
    if entry.is_symlink() {
        return Err(refused(file, "it is a link"));
    }
    if !entry.is_file() {
        return Err(refused(file, "it is not a file"));
    }
    match root::other_job(file, entry)? {
        // Under each name SQLite would keep another WAL.
        Some(other) => {
            Err(refused(file, &format!("it is one file with {other}: remove one of the two names")))
        }
        None => Ok(()),
    }
}

/// Refuses what isn't a file where SQLite keeps its own. It would wait at a pipe, and of all else it says only that
/// something can't be opened.
fn refuse_beside(file: &JobFile) -> Result<(), Error> {
    let beside = [("WAL", file.wal()), ("WAL's index", file.index()), ("journal", file.journal())];
    for (what, path) in beside {
        if fs::symlink_metadata(path).is_ok_and(|entry| !entry.is_file()) {
            return Err(refused(
                file,
                &format!("in the place of its {what} is something that is not a file"),
            ));
        }
    }
    Ok(())
}

fn refused(file: &JobFile, reason: &str) -> Error {
    Error::Incompatible { place: file.place.clone(), reason: reason.into() }
}

fn damaged(file: &JobFile, reason: &str) -> Error {
    Error::Corrupt { place: file.place.clone(), reason: reason.into(), source: None }
}
