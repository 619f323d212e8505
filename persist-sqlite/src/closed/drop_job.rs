//! Dropping a job: whenever the process ends, the job is there with all of its rows, or not at all.
//!
//! | State on the disk | Next step | After a crash |
//! |---|---|---|
//! | `<id>.db` and its WAL | merge the WAL into the file | the job, with all rows |
//! | `<id>.db` only, under an exclusive transaction | rename it, and sync the root | the job, with all rows |
//! | `.<id>.db.dropped-<nonce>` | remove it | no job; [`sweep`] removes the file |
//!
//! The root's exclusive lock and an exclusive claim are held until the rename is durable. Without the lock, another process could have
//! opened the file but not yet locked it, and SQLite would not notice the rename there. The exclusive transaction keeps out programs
//! that don't take the root's lock.

use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::BuildHasher;
use std::io::ErrorKind;
use std::path::Path;

use persist_core::Error;

use crate::base::errors;
use crate::closed::{probe, restore, single_file};
use crate::connection::settings::Settings;
use crate::file::claim::Claim;
use crate::file::job_file::{EXTENSION, JobFile, NAME_LIMIT};
use crate::file::root::{self, RootLock};
use crate::file::schema::Found;

/// The part of a dropped file's name between its former name and a nonce.
const MARK: &str = ".dropped-";
const NONCE_DIGITS: usize = 8;

/// Drops a job. Returns whether there was one.
///
/// # Errors
///
/// [`Error::Busy`] if another process, or another store of this one, has the job open; [`Error::Incompatible`] if the file is not a
/// job's. The file stays then.
pub(crate) fn drop_job(file: &JobFile) -> Result<bool, Error> {
    let place = &file.place;
    let lock = RootLock::exclusive(file.root());
    // Otherwise the pending copy would become the job again.
    restore::roll_forward(file)?;
    let claim = Claim::exclusive(file)?;
    if probe::probe(file, Settings::default(), &claim)? == Found::Nothing && !file.path.exists() {
        return Ok(false);
    }
    let locked = single_file::merge_and_lock(file)?;
    let dropped = file.path.with_file_name(dropped_name(file.name()));
    fs::rename(&file.path, &dropped)
        .map_err(|error| errors::io(place, "its file can't be renamed", error))?;
    root::sync_directory(file.root(), place)?;
    locked.close().map_err(|(_, error)| errors::from_sqlite(place, error))?;
    drop((claim, lock));
    remove(&dropped).map_err(|error| errors::io(place, "its file can't be removed", error))?;
    Ok(true)
}

/// Removes the files of dropped jobs that crashes left: those with names as [`drop_job`] gives, and no others.
///
/// # Errors
///
/// If the root can't be listed. If a file can't be removed, it stays, with a warning.
pub(crate) fn sweep(root: &Path) -> Result<(), Error> {
    for name in root::names(root)?.filter(|name| is_dropped(name)) {
        if let Err(error) = remove(&root.join(&name)) {
            tracing::warn!(name, %error, "what is left of a dropped job can't be removed");
        }
    }
    Ok(())
}

/// Removes a file, which another process may be removing at the same time.
fn remove(path: &Path) -> std::io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

/// Returns `.<name>.dropped-<nonce>`. A name that is too long is truncated, since no code decodes it.
fn dropped_name(name: &str) -> String {
    let nonce = RandomState::new().hash_one(name) & u64::from(u32::MAX);
    let limit = NAME_LIMIT - 1 - MARK.len() - NONCE_DIGITS;
    let stem = name.strip_suffix(EXTENSION).unwrap_or(name);
    // A job's file name is ASCII.
    let stem = &stem[..stem.len().min(limit - EXTENSION.len())];
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
    fn name_of_a_dropped_file_is_recognized() {
        for name in ["a.db".to_owned(), format!("{}.db", "x".repeat(244))] {
            let dropped = dropped_name(&name);
            assert!(dropped.len() <= 255);
            assert!(is_dropped(&dropped), "{dropped}");
        }
    }

    #[test]
    fn other_names_are_not_taken_for_dropped_files() {
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
