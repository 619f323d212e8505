//! Probing the entry in a job's place before anything is opened for writing.
//!
//! The entry and the files next to it are judged by their names, kinds and sizes first, then the WAL or the rollback journal by its
//! bytes, and only then does SQLite read the file. Nothing is changed, with one exception: see [`inspect`].

use std::fs::{self, Metadata};
use std::io::{ErrorKind, Read};
use std::path::Path;

use persist_core::Error;

use crate::connection::open;
use crate::connection::settings::Settings;
use crate::file::claim::Claim;
use crate::file::job_file::JobFile;
use crate::file::root;
use crate::file::schema::{self, Found};
use crate::wal::foreign_wal::{self, Log};
use crate::wal::left_wal;

/// Returns the contents of a job's file, which the caller has claimed.
///
/// # Errors
///
/// [`Error::Incompatible`] or [`Error::Corrupt`] if the entry is not a job's file.
pub(crate) fn probe(file: &JobFile, settings: Settings, claim: &Claim) -> Result<Found, Error> {
    // Only SQLite may open the file, since closing another descriptor would drop this process's locks on it. So this reads the entry.
    match fs::symlink_metadata(&file.path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            refuse_other_kinds(file)?;
            Ok(Found::Nothing)
        }
        Err(error) => {
            Err(Error::invalid_argument(format!("{} can't be looked at: {error}", file.place)))
        }
        Ok(entry) => {
            refuse_entry(file, &entry)?;
            refuse_other_kinds(file)?;
            match entry.len() {
                // SQLite would remove the WAL, and with it all commits.
                0 if left_wal::is_there(file) => {
                    Err(damaged(file, "it is empty, but there is a WAL next to it"))
                }
                0 => Ok(Found::Nothing),
                // SQLite takes this for an empty database and would write to it.
                1 => Err(damaged(file, "it is not a database")),
                _ => {
                    // A journal is played back first, and changes the counter that a WAL would be compared with.
                    if is_journal(&file.journal()) {
                        foreign_wal::refuse(file, &entry, Log::Journal, claim)?;
                    } else if left_wal::is_there(file) {
                        foreign_wal::refuse(file, &entry, Log::Wal, claim)?;
                    }
                    inspect(file, settings)
                }
            }
        }
    }
}

/// Inspects the schema. If a crash has left a half-written file, SQLite may not be able to read it before the rollback journal next to
/// it is played back. The file is then opened for writing, which plays the journal back, as the next opening by any program would.
fn inspect(file: &JobFile, settings: Settings) -> Result<Found, Error> {
    let found = schema::inspect(&open::for_probing(file)?, &file.place);
    let is_corrupt = matches!(found, Err(Error::Corrupt { .. }));
    if is_corrupt && !settings.read_only && is_journal(&file.journal()) {
        return schema::inspect(&open::for_undoing(file, settings)?, &file.place);
    }
    found
}

/// Returns whether the file with the name of SQLite's journal is a journal. SQLite would remove any other file.
fn is_journal(path: &Path) -> bool {
    const MAGIC: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
    let mut start = [0; MAGIC.len()];
    let read = fs::File::open(path).and_then(|mut journal| journal.read_exact(&mut start));
    read.is_ok() && start == MAGIC
}

/// Refuses an entry that is not a regular file, and a file that another job has too.
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
        // SQLite would keep a WAL for each of the two names.
        Some(other) => {
            Err(refused(file, &format!("it is one file with {other}: remove one of the two names")))
        }
        None => Ok(()),
    }
}

/// Refuses an entry that is not a regular file but has the name of one of SQLite's files. SQLite would wait for a pipe, and would
/// report for other kinds only that something can't be opened.
fn refuse_other_kinds(file: &JobFile) -> Result<(), Error> {
    let files = [("WAL", file.wal()), ("WAL's index", file.index()), ("journal", file.journal())];
    for (what, path) in files {
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
