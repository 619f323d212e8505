//! What lies in a job's place, before anything is opened for writing.

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

/// Looks at a job's file, which the caller has claimed, without changing it, but for one that can't be read before it is made
/// whole: see [`look`].
///
/// # Errors
///
/// [`Error::Incompatible`] or [`Error::Corrupt`] if there is something that isn't ours.
pub(crate) fn probe(file: &JobFile, settings: Settings, claim: &Claim) -> Result<Found, Error> {
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
                _ => {
                    // A journal is played back first, and changes what a WAL is compared with.
                    if is_journal(&file.journal()) {
                        foreign_wal::refuse(file, &entry, Log::Journal, claim)?;
                    } else if left_wal::is_there(file) {
                        foreign_wal::refuse(file, &entry, Log::Wal, claim)?;
                    }
                    look(file, settings)
                }
            }
        }
    }
}

/// What is half written, while the journal beside it says what was there before, may be no database at all. Then SQLite has to
/// undo it first, as it does for whoever opens the file next.
fn look(file: &JobFile, settings: Settings) -> Result<Found, Error> {
    let found = schema::inspect(&open::for_probing(file)?, &file.place);
    let is_corrupt = matches!(found, Err(Error::Corrupt { .. }));
    if is_corrupt && !settings.read_only && is_journal(&file.journal()) {
        return schema::inspect(&open::for_undoing(file, settings)?, &file.place);
    }
    found
}

/// Whether what has the name of SQLite's journal is one: SQLite would remove what isn't.
fn is_journal(path: &Path) -> bool {
    const MAGIC: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
    let mut start = [0; MAGIC.len()];
    let read = fs::File::open(path).and_then(|mut journal| journal.read_exact(&mut start));
    read.is_ok() && start == MAGIC
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
