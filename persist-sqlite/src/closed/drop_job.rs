//! Removing a job: whole, or not at all, whenever the process dies.

use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::BuildHasher;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use persist_core::Error;
use rusqlite::Connection;

use crate::base::errors;
use crate::closed::probe;
use crate::closed::restore;
use crate::connection::open;
use crate::connection::prepare;
use crate::connection::settings::Settings;
use crate::file::claim::Claim;
use crate::file::job_file::{EXTENSION, JobFile, NAME_LIMIT};
use crate::file::root::{self, RootLock};
use crate::file::schema::Found;

/// Between the name that a dropped file had and its nonce.
const MARK: &str = ".dropped-";
const NONCE_DIGITS: usize = 8;

/// Removes a job's file; says whether there was one.
///
/// Leaving WAL mode makes it one file, and fails if anybody else has it open. Renamed, it is no job any
/// more: a crash before that leaves the job, and one after it what [`sweep`] removes.
///
/// # Errors
///
/// [`Error::Busy`] if another process, or another store of this one, has it open. Then, and if it isn't
/// ours, it stays.
pub(crate) fn drop_job(file: &JobFile) -> Result<bool, Error> {
    let place = &file.place;
    let lock = RootLock::exclusive(file.root());
    // Or the job would come back.
    restore::roll_forward(file)?;
    let claim = Claim::exclusive(file)?;
    if probe::probe(file, Settings::default(), &claim)? == Found::Nothing && !file.path.exists() {
        return Ok(false);
    }
    // It keeps out whoever opens the file without our lock, until the file has another name.
    let alone = become_one_file(file)?;
    let dropped = file.path.with_file_name(dropped_name(file.name()));
    fs::rename(&file.path, &dropped)
        .map_err(|error| errors::io(place, "its file can't be renamed", error))?;
    root::sync_directory(file.root(), place)?;
    alone.close().map_err(|(_, error)| errors::from_sqlite(place, error))?;
    drop((claim, lock));
    remove(&dropped).map_err(|error| errors::io(place, "its file can't be removed", error))?;
    Ok(true)
}

/// Brings all of a job into its main file; gives a connection that nobody else's gets by.
pub(crate) fn become_one_file(file: &JobFile) -> Result<Connection, Error> {
    let busy = || Error::Busy { place: file.place.clone(), source: None };
    let failed = |error| errors::from_sqlite(&file.place, error);
    let writing = open::for_writing(file, Settings::default())?;
    writing.busy_timeout(Duration::ZERO).map_err(failed)?;
    if prepare::journal_mode(&writing, Some("DELETE")).map_err(failed)? != "delete" {
        return Err(busy());
    }
    writing.execute_batch("BEGIN EXCLUSIVE").map_err(failed)?;
    // Somebody may have set WAL mode again in between.
    if prepare::journal_mode(&writing, None).map_err(failed)? != "delete" {
        return Err(busy());
    }
    Ok(writing)
}

/// Removes what a crash left of dropped jobs: files named as [`drop_job`] names them, and no others.
///
/// # Errors
///
/// If the root can't be listed. What can't be removed stays, with a warning.
pub(crate) fn sweep(root: &Path) -> Result<(), Error> {
    for name in root::names(root)?.filter(|name| is_dropped(name)) {
        if let Err(error) = remove(&root.join(&name)) {
            tracing::warn!(name, %error, "what is left of a dropped job can't be removed");
        }
    }
    Ok(())
}

/// Another process may sweep at the same time.
fn remove(path: &Path) -> std::io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

/// `.<name>.dropped-<nonce>`, the name cut where that would be too long: it is not read again.
fn dropped_name(name: &str) -> String {
    let nonce = RandomState::new().hash_one(name) & u64::from(u32::MAX);
    let room = NAME_LIMIT - 1 - MARK.len() - NONCE_DIGITS;
    let stem = name.strip_suffix(EXTENSION).unwrap_or(name);
    // A job's file name is ASCII.
    let stem = &stem[..stem.len().min(room - EXTENSION.len())];
    format!(".{stem}{EXTENSION}{MARK}{nonce:08x}")
}

fn is_dropped(name: &str) -> bool {
    let Some((file, nonce)) = name.strip_prefix('.').and_then(|name| name.rsplit_once(MARK)) else {
        return false;
    };
    let is_digit = |digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f');
    let is_nonce = nonce.len() == NONCE_DIGITS && nonce.bytes().all(is_digit);
    is_nonce && file.strip_suffix(EXTENSION).is_some_and(|stem| !stem.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{dropped_name, is_dropped};

    #[test]
    fn what_is_dropped_is_swept() {
        for name in ["a.db".to_owned(), format!("{}.db", "x".repeat(244))] {
            let dropped = dropped_name(&name);
            assert!(dropped.len() <= 255);
            assert!(is_dropped(&dropped), "{dropped}");
        }
    }

    #[test]
    fn nothing_else_is_swept() {
        for name in [
            "a.db",
            ".a.db",
            "a.db.dropped-01234567",
            ".a.db.dropped-0123456",
            ".a.db.dropped-0123456g",
            ".a.db.dropped-012345678",
            ".a.txt.dropped-01234567",
            "..db.dropped-",
        ] {
            assert!(!is_dropped(name), "{name}");
        }
    }
}
