//! Backups: copies of jobs, made while they are read and written.
//!
//! A backup is first a draft, `.backup-<nonce>` next to the target. It gets the target's name once it is complete and synced; if
//! anything fails before, the draft is removed.

use std::collections::hash_map::RandomState;
use std::ffi::OsString;
use std::fs;
use std::hash::BuildHasher;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use persist_core::Error;
use persist_core::error::Place;
use persist_core::stats::BackupProgress;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use crate::base::errors;
use crate::file::job_file::JobFile;
use crate::file::{job_file, root, storage};
use crate::read::snapshot::FIRST_READ;
use crate::wal::change_counter;

/// The number of pages that are copied at a time.
const STEP_PAGES: i32 = 256;

/// The suffixes of the files that SQLite keeps next to a database.
const SUFFIXES: [&str; 3] = ["-journal", "-wal", "-shm"];

/// Writes the database, as `source` sees it, to the new file `to`. The connection is used for nothing else meanwhile.
///
/// # Errors
///
/// [`Error::InvalidArgument`] if `to` exists or can't be created; [`Error::Closed`] soon after `ends` returns true. No file is
/// created then.
pub(crate) fn back_up(
    source: &Connection,
    job: &JobFile,
    to: &Path,
    ends: &dyn Fn() -> bool,
    progress: &mut dyn FnMut(BackupProgress),
) -> Result<(), Error> {
    let draft = Draft::create(job, to)?;
    // One transaction, so that the copy is one snapshot, and SQLite never has to restart it. The first statement determines the
    // snapshot.
    let page_bytes = source
        .execute_batch("BEGIN")
        .and_then(|()| source.prepare(FIRST_READ)?.exists([]))
        .and_then(|_| storage::page_bytes(source))
        .map_err(|error| errors::from_sqlite(&job.place, error))?;
    fill(source, &draft.path, &draft.place, &mut |copied_pages, total_pages| {
        if ends() {
            return Err(Error::Closed { what: job.place.to_string() });
        }
        let mut now = BackupProgress::default();
        now.copied_bytes = copied_pages * page_bytes;
        now.total_bytes = total_pages * page_bytes;
        progress(now);
        Ok(())
    })?;
    draft.publish()
}

/// A copy that doesn't have its final name yet. It is removed when this is dropped.
struct Draft {
    path: PathBuf,
    target: PathBuf,
    /// The job, with the target as its file.
    place: Place,
}

impl Draft {
    /// Creates an empty file next to the target, so that both are on one file system.
    fn create(job: &JobFile, to: &Path) -> Result<Self, Error> {
        let (Some(directory), Some(name)) = (to.parent(), to.file_name()) else {
            return Err(refused(to, "it is not the name of a file"));
        };
        // SQLite opens files with `NOFOLLOW`.
        let directory = fs::canonicalize(directory)
            .map_err(|error| refused(to, &format!("its directory can't be found: {error}")))?;
        let target = directory.join(name);
        check_target(&target)?;
        let place = Place::new(job.place.job(), Some(target.display().to_string()));
        let path = directory.join(format!(".backup-{:016x}", RandomState::new().hash_one(name)));
        job_file::check_path(&path).map_err(|reason| refused(to, &reason))?;
        create(&path, &job.path)
            .map_err(|error| errors::io(&place, "a copy next to it can't be created", error))?;
        Ok(Self { path, target, place })
    }

    /// Syncs the copy, and then gives it the target's name.
    fn publish(self) -> Result<(), Error> {
        fs::File::options()
            .write(true)
            .open(&self.path)
            .and_then(|mut file| {
                change_counter::make_distinct(&mut file)?;
                file.sync_all()
            })
            .map_err(|error| errors::io(&self.place, "it can't be made durable", error))?;
        // Unlike a rename, a link doesn't replace a file that was created there meanwhile.
        match fs::hard_link(&self.path, &self.target) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                return Err(exists(&self.target));
            }
            // Some file systems have no hard links.
            Err(_) => {
                check_target(&self.target)?;
                fs::rename(&self.path, &self.target).map_err(|error| {
                    errors::io(&self.place, "it can't be given its name", error)
                })?;
            }
        }
        let place = self.place.clone();
        let directory = self.target.parent().unwrap_or(Path::new(".")).to_owned();
        drop(self);
        root::sync_directory(&directory, &place)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                tracing::warn!(path = %self.path.display(), %error, "a draft of a backup can't be removed");
            }
            _ => {}
        }
    }
}

/// Copies all pages to an existing file. Calls `step` after every few pages, with the number of copied pages and the number of all
/// pages.
pub(crate) fn fill(
    source: &Connection,
    to: &Path,
    place: &Place,
    step: &mut dyn FnMut(u64, u64) -> Result<(), Error>,
) -> Result<(), Error> {
    let failed = |error| errors::from_sqlite(place, error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let mut copy = Connection::open_with_flags(to, flags).map_err(failed)?;
    // The copy needs no journal and no syncs: if anything fails it is removed, and it is synced once before it gets its name.
    copy.pragma_update_and_check(None, "journal_mode", "OFF", |_| Ok(())).map_err(failed)?;
    copy.pragma_update(None, "synchronous", "OFF").map_err(failed)?;
    let backup = Backup::new(source, &mut copy).map_err(failed)?;
    loop {
        let result = backup.step(STEP_PAGES).map_err(failed)?;
        let pages = backup.progress();
        let count = |pages| u64::try_from(pages).unwrap_or(0);
        step(count(pages.pagecount - pages.remaining), count(pages.pagecount))?;
        match result {
            StepResult::Done => break,
            StepResult::More => {}
            _ => return Err(Error::Busy { place: place.clone(), source: None }),
        }
    }
    drop(backup);
    copy.close().map_err(|(_, error)| failed(error))
}

/// Creates a file with the permissions of the file `like`. The owner may read and write it in any case.
pub(crate) fn create(path: &Path, like: &Path) -> io::Result<()> {
    let mut options = fs::File::options();
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
        let mode = match fs::metadata(like) {
            Ok(entry) => entry.mode(),
            // The job's file was removed, and this backup saves the rows.
            Err(error) if error.kind() == ErrorKind::NotFound => 0,
            Err(error) => return Err(error),
        };
        options.mode(mode & 0o777 | 0o600);
    }
    #[cfg(not(unix))]
    let _ = like;
    options.write(true).create_new(true).open(path).map(drop)
}

/// Refuses a target that exists, or next to which SQLite would find the WAL or journal of another file.
fn check_target(target: &Path) -> Result<(), Error> {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    if let Some(suffix) = SUFFIXES.into_iter().find(|suffix| name.ends_with(suffix)) {
        let reason = format!("SQLite takes a name that ends in {suffix} for a file of its own");
        return Err(refused(target, &reason));
    }
    for suffix in [""].into_iter().chain(SUFFIXES) {
        let mut path = OsString::from(target);
        path.push(suffix);
        match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(refused(target, &error.to_string())),
            Ok(_) => return Err(exists(Path::new(&path))),
        }
    }
    Ok(())
}

fn exists(path: &Path) -> Error {
    refused(path, "something exists there, and was left unchanged: use another path")
}

fn refused(path: &Path, reason: &str) -> Error {
    Error::invalid_argument(format!("a backup can't be written to {}: {reason}", path.display()))
}
