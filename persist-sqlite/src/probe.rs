//! What lies in a job's place, before anything is opened for writing.

use std::fs;
use std::io::{ErrorKind, Read};

use persist_core::Error;

use crate::job_file::JobFile;
use crate::schema::{self, Found};
use crate::settings::Settings;
use crate::{connection, errors};

/// Looks at a job's file without changing it, but for one that can't be read before it is made whole: see [`look`].
///
/// # Errors
///
/// [`Error::Incompatible`] or [`Error::Corrupt`] if there is something that isn't ours.
pub(crate) fn probe(file: &JobFile, settings: Settings) -> Result<Found, Error> {
    let refused =
        |reason: &str| Error::Incompatible { place: file.place.clone(), reason: reason.into() };
    // Only SQLite may open the file, lest this process's locks on it are dropped; looking at its entry is fine.
    match fs::symlink_metadata(&file.path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Found::Nothing),
        Err(error) => Err(errors::io(&file.place, "its file can't be looked at", error)),
        Ok(entry) if entry.is_dir() => Err(refused("it is a directory")),
        Ok(entry) if entry.is_symlink() => Err(refused("it is a link")),
        Ok(entry) if !entry.is_file() => Err(refused("it is not a file")),
        Ok(entry) => match entry.len() {
            0 => Ok(Found::Nothing),
            // SQLite takes this for an empty file, and would write to it.
            1 => Err(Error::Corrupt {
                place: file.place.clone(),
                reason: "it is not a database".into(),
                source: None,
            }),
            _ => look(file, settings),
        },
    }
}

/// What is half written, while the journal beside it says what was there before, may be no database at all. Then, and where
/// there is a WAL too, SQLite has to undo it first, as it does for whoever opens the file next.
fn look(file: &JobFile, settings: Settings) -> Result<Found, Error> {
    let found = schema::inspect(&connection::for_probing(file)?, &file.place);
    let unreadable = match &found {
        Err(Error::Corrupt { .. }) => true,
        Err(Error::Backend { code, .. }) => *code == rusqlite::ffi::SQLITE_READONLY_ROLLBACK,
        _ => false,
    };
    if unreadable && !settings.read_only && has_journal(file) {
        return schema::inspect(&connection::for_undoing(file, settings)?, &file.place);
    }
    found
}

/// Whether what has the name of SQLite's journal is one: SQLite would remove what isn't.
fn has_journal(file: &JobFile) -> bool {
    const MAGIC: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
    let mut start = [0; MAGIC.len()];
    let read =
        fs::File::open(file.journal()).and_then(|mut journal| journal.read_exact(&mut start));
    read.is_ok() && start == MAGIC
}
