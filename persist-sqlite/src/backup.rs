//! Copies of jobs, made while others read and write them.

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

use crate::snapshot::FIRST_READ;
use crate::{errors, foreign_wal, job_file, root, storage};

/// How much is copied at a time.
const STEP_PAGES: i32 = 256;

/// What SQLite appends to a database's name for the files that it keeps beside it.
const BESIDE: [&str; 3] = ["-journal", "-wal", "-shm"];

/// Writes what a connection, which is for nothing else, sees to a new file.
///
/// # Errors
///
/// [`Error::InvalidArgument`] if there is something at `to`, or nothing can be; [`Error::Closed`] soon after `ends` says so.
/// There is no file then.
pub(crate) fn back_up(
    source: &Connection,
    job: &Place,
    to: &Path,
    ends: &dyn Fn() -> bool,
    progress: &mut dyn FnMut(BackupProgress),
) -> Result<(), Error> {
    let draft = Draft::create(job, to)?;
    // One transaction, so that the copy is of one moment and never has to begin anew. It begins to read, and so is
    // fixed, with its first statement.
    let page_bytes = source
        .execute_batch("BEGIN")
        .and_then(|()| source.prepare(FIRST_READ)?.exists([]))
        .and_then(|_| storage::page_bytes(source))
        .map_err(|error| errors::from_sqlite(job, error))?;
    fill(source, &draft.path, &draft.place, &mut |copied_pages, total_pages| {
        if ends() {
            return Err(Error::Closed { what: job.to_string() });
        }
        let mut now = BackupProgress::default();
        now.copied_bytes = copied_pages * page_bytes;
        now.total_bytes = total_pages * page_bytes;
        progress(now);
        Ok(())
    })?;
    draft.publish()
}

/// A copy that hasn't got its name yet. It is removed when it is dropped.
struct Draft {
    path: PathBuf,
    target: PathBuf,
    /// The job, and the target for a file.
    place: Place,
}

impl Draft {
    /// Creates an empty file beside the target, so that both are of one file system.
    fn create(job: &Place, to: &Path) -> Result<Self, Error> {
        let (Some(directory), Some(name)) = (to.parent(), to.file_name()) else {
            return Err(refused(to, "it is no file's name"));
        };
        // SQLite is told to follow no links.
        let directory = fs::canonicalize(directory)
            .map_err(|error| refused(to, &format!("its directory can't be found: {error}")))?;
        let target = directory.join(name);
        check_target(&target)?;
        let place = Place::new(job.job(), Some(target.clone()));
        let path = directory.join(format!(".backup-{:016x}", RandomState::new().hash_one(name)));
        job_file::check_path(&path).map_err(|reason| refused(to, &reason))?;
        create(&path, job.file())
            .map_err(|error| errors::io(&place, "a copy beside it can't be created", error))?;
        Ok(Self { path, target, place })
    }

    /// Gives the copy its name, once it is on the disk.
    fn publish(self) -> Result<(), Error> {
        fs::File::options()
            .write(true)
            .open(&self.path)
            .and_then(|mut file| {
                foreign_wal::make_distinct(&mut file)?;
                file.sync_all()
            })
            .map_err(|error| errors::io(&self.place, "it can't be made durable", error))?;
        // Unlike a rename, a link replaces nothing that has come there meanwhile.
        match fs::hard_link(&self.path, &self.target) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                return Err(exists(&self.target));
            }
            // Some file systems have no links.
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

/// Copies all pages to a file that exists; calls `step` after some of them, with the number of pages that are copied and that of
/// all.
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
    // If something fails, the copy is removed; if all is copied, it is synced before it gets its name.
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

/// Creates a file with the rights of another one, if it is given; its owner may read and write it in any case.
pub(crate) fn create(path: &Path, like: Option<&Path>) -> io::Result<()> {
    let mut options = fs::File::options();
    #[cfg(unix)]
    if let Some(file) = like {
        use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
        let mode = match fs::metadata(file) {
            Ok(entry) => entry.mode(),
            // The job's file was removed, and the backup saves its rows.
            Err(error) if error.kind() == ErrorKind::NotFound => 0,
            Err(error) => return Err(error),
        };
        options.mode(mode & 0o777 | 0o600);
    }
    #[cfg(not(unix))]
    let _ = like;
    options.write(true).create_new(true).open(path).map(drop)
}

/// Refuses a target that is there, or beside which SQLite would find what belongs to another file.
fn check_target(target: &Path) -> Result<(), Error> {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    if let Some(suffix) = BESIDE.into_iter().find(|suffix| name.ends_with(suffix)) {
        let reason = format!("SQLite takes a name in {suffix} for a file of its own");
        return Err(refused(target, &reason));
    }
    for suffix in [""].into_iter().chain(BESIDE) {
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
    refused(path, "there is something already, which was left as it is: use another path")
}

fn refused(path: &Path, reason: &str) -> Error {
    Error::invalid_argument(format!("a backup can't be written to {}: {reason}", path.display()))
}
