//! Replacing a job by a copy: whenever the process ends, the old job or the copy is there, with all of its rows.
//!
//! | State on the disk | Next step | After a crash |
//! |---|---|---|
//! | `.restoring-<nonce>/copy.db`, a draft | check and sync it, then lock out other processes | the old job; the next [`sweep`](crate::closed::restore_draft::sweep) removes the draft |
//! | the same, and the old job as one locked file | rename the draft to the pending name, and sync the root | the old job; the draft is swept |
//! | `.<id>.db.new`, the pending copy | remove the `-wal`, `-shm` and `-journal` of the old job, and sync the root | the copy: the restore is decided |
//! | the same, and no such files | rename it to `<id>.db`, and sync the root | the copy |
//!
//! The last two steps are made by each call that finds a pending copy ([`roll_forward`]): by this one, or after a crash by the next
//! opening, drop or restore of the job. So an old file that can't be read, and that SQLite therefore can't merge with its WAL, is
//! replaced in the same way as a sound one, and no old WAL is ever next to a new file.
//!
//! All steps after the draft are made under the root's exclusive lock and an exclusive claim to the job.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use persist_core::Error;
use rusqlite::{Connection, ffi};

use crate::base::errors;
use crate::closed::restore_draft::{Draft, Source};
use crate::closed::{probe, single_file};
use crate::connection::settings::Settings;
use crate::file::claim::Claim;
use crate::file::job_file::JobFile;
use crate::file::root::{self, RootLock};
use crate::file::schema::Found;

/// Makes a copy of the database `from` and puts it in the place of a job, or creates the job. The root exists.
///
/// # Errors
///
/// [`Error::InvalidArgument`], [`Error::Incompatible`] or [`Error::Corrupt`] if `from` is not a job file; [`Error::Busy`] if another
/// process, or another store of this one, has the job open. The job is unchanged then. After another error the job
/// may be the copy from its next opening on.
pub(crate) fn restore(file: &JobFile, from: &Path) -> Result<(), Error> {
    let source = Source::find(file, from)?;
    let draft = Draft::create(file)?;
    source.copy(&draft, file)?;

    let _lock = RootLock::exclusive(file.root());
    root::refuse_collision(file)?;
    let old = OldJob::lock(file)?;
    fs::rename(draft.copy(), file.pending())
        .map_err(|error| errors::io(&file.place, "its new file can't be renamed", error))?;
    root::sync_directory(file.root(), &file.place)?;
    old.replace()
}

/// Completes the restore of a job that was interrupted, if there is one. The caller holds the root's exclusive lock.
///
/// # Errors
///
/// [`Error::Busy`] if the old job is open. After any error, the restore remains to be completed.
pub(crate) fn roll_forward(file: &JobFile) -> Result<(), Error> {
    if is_pending(file) { OldJob::lock(file)?.replace() } else { Ok(()) }
}

/// Returns whether a restore of the job was interrupted after it was decided.
pub(crate) fn is_pending(file: &JobFile) -> bool {
    fs::symlink_metadata(file.pending()).is_ok_and(|entry| entry.is_file())
}

/// A job that is to be replaced. Until this is dropped, no other store can open it, and no other process if its file can be read.
struct OldJob<'a> {
    file: &'a JobFile,
    // The connection, which holds an exclusive lock, is closed before the claim is released.
    _connection: Option<Connection>,
    _claim: Claim,
}

impl<'a> OldJob<'a> {
    /// Merges the job into one file and locks it. A file that can't be read is left unchanged, and can't be locked.
    fn lock(file: &'a JobFile) -> Result<Self, Error> {
        let claim = Claim::exclusive(file)?;
        refuse_other_kinds(file)?;
        let found = probe::probe(file, Settings::default(), &claim);
        let connection = match found.and_then(|found| match found {
            Found::Nothing => Ok(None),
            Found::Job => single_file::merge_and_lock(file).map(Some),
        }) {
            Ok(connection) => connection,
            Err(error) if is_unreadable(&error) => {
                tracing::warn!(place = %file.place, %error, "a file that can't be read is replaced by a copy");
                None
            }
            Err(error) => return Err(error),
        };
        Ok(Self { file, _connection: connection, _claim: claim })
    }

    /// Puts the pending copy in the place of the job's file.
    fn replace(self) -> Result<(), Error> {
        let file = self.file;
        let failed = |what| move |error| errors::io(&file.place, what, error);
        let mut has_removed = false;
        for path in [file.wal(), file.index(), file.journal()] {
            match fs::remove_file(path) {
                Ok(()) => has_removed = true,
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => {
                    return Err(failed("what is next to its old file can't be removed")(error));
                }
            }
        }
        if has_removed {
            // The removal is durable before the new file gets its name.
            root::sync_directory(file.root(), &file.place)?;
        }
        fs::rename(file.pending(), &file.path)
            .map_err(failed("its new file can't be put in place, which its next opening will"))?;
        root::sync_directory(file.root(), &file.place)
    }
}

/// Refuses to replace a directory, a link, a pipe and the like, or to remove one that has the name of one of SQLite's files.
fn refuse_other_kinds(file: &JobFile) -> Result<(), Error> {
    for path in [file.path.clone(), file.wal(), file.index(), file.journal()] {
        if fs::symlink_metadata(&path).is_ok_and(|entry| !entry.is_file()) {
            return Err(Error::Incompatible {
                place: file.place.clone(),
                reason: format!(
                    "{} is not a regular file: remove it or move it away",
                    path.display()
                ),
            });
        }
    }
    Ok(())
}

/// Returns whether an error is due to damage, of the file or of the disk.
fn is_unreadable(error: &Error) -> bool {
    match error {
        Error::Corrupt { .. } => true,
        _ => errors::primary_code(error) == Some(ffi::SQLITE_IOERR),
    }
}
