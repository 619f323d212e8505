//! The draft of a restore: a checked and synced copy of the source, in a directory of its own in the root.
//!
//! The process that makes a draft holds a shared lock on its directory. A sweep takes the exclusive lock, and removes the directories
//! that no process has locked. A draft that a crash has left is therefore removed by the next store that opens its first job.

use std::collections::hash_map::RandomState;
use std::fs::{self, File, Metadata};
use std::hash::BuildHasher;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use persist_core::Error;
use persist_core::error::Place;
use rusqlite::Connection;

use crate::base::errors;
use crate::connection::open;
use crate::file::claim::Claim;
use crate::file::job_file::{self, JobFile};
use crate::file::root;
use crate::file::schema::{self, Found};
use crate::read::{backup, check};
use crate::wal::foreign_wal::{self, Log};
use crate::wal::{change_counter, left_wal};

/// The start of the name of a directory for a copy. The digits of a nonce follow.
const DRAFT: &str = ".restoring-";
const NONCE_DIGITS: usize = 8;
/// The copy in that directory, and the files that SQLite may leave next to it.
const COPY: &str = "copy.db";
const COPY_FILES: [&str; 4] = [COPY, "copy.db-journal", "copy.db-wal", "copy.db-shm"];

/// The database to copy.
pub(crate) struct Source {
    file: JobFile,
    /// The state of the file at first, if it has no WAL. To take a lock would create a WAL, so the file is then read without one, and
    /// another program may change it meanwhile.
    unlocked: Option<Stamp>,
    /// Held while the source is read.
    _claim: Claim,
}

/// The length of a file, the time of its last change, and whether it has a WAL.
type Stamp = (u64, Option<SystemTime>, bool);

impl Source {
    /// Finds the file `from`, and checks that it can be the source for the job.
    pub(crate) fn find(job: &JobFile, from: &Path) -> Result<Self, Error> {
        let unusable = |error| refused(from, &format!("it can't be found: {error}"));
        // SQLite is opened with `NOFOLLOW`.
        let path = fs::canonicalize(from).map_err(unusable)?;
        let entry = fs::metadata(&path).map_err(unusable)?;
        if !entry.is_file() {
            return Err(refused(from, "it is not a file"));
        }
        job_file::check_path(&path).map_err(|reason| refused(from, &reason))?;
        // A hard link is refused too: under its name SQLite would not find the WAL of the job.
        let is_own =
            fs::symlink_metadata(&job.path).is_ok_and(|own| root::is_one_file(&own, &entry));
        if path == job.path || is_own {
            return Err(refused(from, "it is the file of the job itself"));
        }
        let file =
            JobFile { place: Place::new(job.place.job(), Some(path.display().to_string())), path };
        if fs::symlink_metadata(file.journal()).is_ok_and(|journal| journal.len() > 0) {
            let reason = format!(
                "a transaction was cut short or is under way, since there is {}: open it with the `sqlite3` program, which \
                 undoes the transaction",
                file.journal().display()
            );
            return Err(refused(from, &reason));
        }
        let claim = Claim::shared(&file)?;
        if left_wal::is_there(&file) {
            foreign_wal::refuse(&file, &entry, Log::Wal, &claim)?;
            return Ok(Self { file, unlocked: None, _claim: claim });
        }
        let unlocked = Some(stamp(&file, &entry));
        Ok(Self { file, unlocked, _claim: claim })
    }

    /// Makes the copy, with the commits in the source's WAL, checks it, and syncs it.
    pub(crate) fn copy(&self, draft: &Draft, job: &JobFile) -> Result<(), Error> {
        let (place, copy) = (&self.file.place, draft.copy());
        let connection = open::for_probing(&self.file)?;
        // One transaction, so that the copy is one snapshot. The transaction begins with its first read.
        connection
            .execute_batch("BEGIN")
            .map_err(|error| errors::from_sqlite(place, error))
            .and_then(|()| expect_job(&connection, place))
            .map_err(|error| self.explain(error))?;
        let like = if job.path.exists() { &job.path } else { &self.file.path };
        backup::create(&copy, like).map_err(|error| {
            errors::io(&job.place, "a copy can't be created in the root", error)
        })?;
        let copied = JobFile {
            place: Place::new(job.place.job(), Some(copy.display().to_string())),
            path: copy,
        };
        backup::fill(&connection, &copied.path, &copied.place, &mut |_, _| Ok(()))?;
        drop(connection);
        self.check_unchanged()?;
        check_copy(&copied, place)?;
        File::options()
            .write(true)
            .open(&copied.path)
            .and_then(|mut file| {
                change_counter::make_distinct(&mut file)?;
                file.sync_all()
            })
            .map_err(|error| errors::io(&job.place, "its copy can't be made durable", error))?;
        // The rename that follows is durable only if the entry that it renames is.
        root::sync_directory(&draft.directory, &job.place)
    }

    fn check_unchanged(&self) -> Result<(), Error> {
        let Some(before) = self.unlocked else { return Ok(()) };
        let now = fs::metadata(&self.file.path).map(|entry| stamp(&self.file, &entry));
        if now.is_ok_and(|now| now == before) {
            return Ok(());
        }
        Err(Error::Busy { place: self.file.place.clone(), source: None })
    }

    /// Explains an error of a source whose WAL SQLite can't read, because it can't create the index of the WAL.
    fn explain(&self, error: Error) -> Error {
        match error {
            Error::Backend { ref message, .. } if errors::is_no_way_to_write(&error) => refused(
                &self.file.path,
                &format!(
                    "SQLite can't create the index of its WAL ({message}): copy the file and its WAL to a directory that can be \
                     written"
                ),
            ),
            error => error,
        }
    }
}

fn stamp(file: &JobFile, entry: &Metadata) -> Stamp {
    (entry.len(), entry.modified().ok(), left_wal::is_there(file))
}

fn expect_job(connection: &Connection, place: &Place) -> Result<(), Error> {
    match schema::inspect(connection, place)? {
        Found::Job => Ok(()),
        Found::Nothing => {
            Err(Error::Incompatible { place: place.clone(), reason: "it is empty".into() })
        }
    }
}

/// Checks the structure of a copy. Errors name the place that it was copied from.
fn check_copy(copy: &JobFile, place: &Place) -> Result<(), Error> {
    let connection = open::for_probing(copy)?;
    let mut problems = Vec::new();
    check::integrity(&connection, "quick_check", &mut problems)
        .map_err(|error| errors::from_sqlite(place, error))?;
    if let Some(problem) = problems.into_iter().next() {
        return Err(Error::Corrupt { place: place.clone(), reason: problem, source: None });
    }
    Ok(())
}

fn refused(path: &Path, reason: &str) -> Error {
    Error::invalid_argument(format!("a job can't be restored from {}: {reason}", path.display()))
}

/// A directory for a copy. It is removed when this is dropped, or by a [`sweep`] after the process has ended.
pub(crate) struct Draft {
    directory: PathBuf,
    /// A lock on the directory, which keeps sweeps away. The directory is locked, and not the file, since SQLite locks the file.
    _lock: Option<File>,
}

impl Draft {
    /// Creates an empty draft in the root of a job.
    pub(crate) fn create(file: &JobFile) -> Result<Self, Error> {
        let failed = |error| errors::io(&file.place, "a copy can't be created in the root", error);
        loop {
            let nonce = RandomState::new().hash_one(file.name()) & u64::from(u32::MAX);
            let directory = file.root().join(format!("{DRAFT}{nonce:08x}"));
            job_file::check_path(&directory.join(COPY)).map_err(|reason| {
                Error::invalid_argument(format!("{} can't be restored: {reason}", file.place))
            })?;
            match fs::create_dir(&directory) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
                result => result.map_err(failed)?,
            }
            let lock =
                File::open(&directory).and_then(|lock| lock.lock_shared().map(|()| lock)).ok();
            let draft = Self { directory, _lock: lock };
            // A sweep may have removed the directory before it was locked.
            match fs::symlink_metadata(&draft.directory) {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                _ => return Ok(draft),
            }
        }
    }

    /// The path of the copy.
    pub(crate) fn copy(&self) -> PathBuf {
        self.directory.join(COPY)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Err(error) = remove_draft(&self.directory) {
            tracing::warn!(directory = %self.directory.display(), %error, "a copy for a restore can't be removed");
        }
    }
}

/// Removes the drafts that crashes left, and nothing else. A draft that is locked is in use.
///
/// # Errors
///
/// If the root can't be listed. If a copy can't be removed, it stays, with a warning.
pub(crate) fn sweep(root: &Path) -> Result<(), Error> {
    for name in root::names(root)?.filter(|name| is_draft(name)) {
        let directory = root.join(&name);
        if !fs::symlink_metadata(&directory).is_ok_and(|entry| entry.is_dir()) {
            continue;
        }
        // The process that makes the copy holds a shared lock.
        let Ok(lock) = File::open(&directory) else { continue };
        if lock.try_lock().is_err() {
            continue;
        }
        if let Err(error) = remove_draft(&directory) {
            tracing::warn!(name, %error, "what is left of a restore can't be removed");
        }
    }
    Ok(())
}

fn remove_draft(directory: &Path) -> io::Result<()> {
    let ignore_missing = |result: io::Result<()>| match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        result => result,
    };
    for name in COPY_FILES {
        ignore_missing(fs::remove_file(directory.join(name)))?;
    }
    ignore_missing(fs::remove_dir(directory))
}

fn is_draft(name: &str) -> bool {
    let is_digit = |digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f');
    name.strip_prefix(DRAFT)
        .is_some_and(|nonce| nonce.len() == NONCE_DIGITS && nonce.bytes().all(is_digit))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Draft, is_draft, sweep};
    use crate::file::job_file::JobFile;

    #[test]
    fn draft_in_use_is_not_swept_and_one_left_behind_is() {
        let root = tempfile::tempdir().unwrap();
        let file = JobFile::new(root.path(), "job").unwrap();
        let draft = Draft::create(&file).unwrap();
        fs::write(draft.copy(), b"half a copy").unwrap();
        let name = draft.directory.file_name().unwrap().to_str().unwrap().to_owned();
        assert!(is_draft(&name));
        sweep(root.path()).unwrap();
        assert!(draft.copy().exists());

        let left = root.path().join(".restoring-0123abcd");
        fs::create_dir(&left).unwrap();
        fs::write(left.join("copy.db"), b"half a copy").unwrap();
        fs::write(left.join("copy.db-journal"), b"").unwrap();
        sweep(root.path()).unwrap();
        assert!(!left.exists() && draft.copy().exists());
        drop(draft);
        assert!(fs::read_dir(root.path()).unwrap().next().is_none());
    }

    #[test]
    fn sweep_removes_only_drafts() {
        let root = tempfile::tempdir().unwrap();
        let names = [
            ".restoring-0123456",
            ".restoring-0123456g",
            "restoring-01234567",
            ".restoring-012345678",
        ];
        for name in names {
            fs::create_dir(root.path().join(name)).unwrap();
        }
        fs::write(root.path().join(".restoring-01234567"), b"a file").unwrap();
        let with_more = root.path().join(".restoring-76543210");
        fs::create_dir(&with_more).unwrap();
        fs::write(with_more.join("notes.txt"), b"of a user").unwrap();
        sweep(root.path()).unwrap();
        assert!(names.iter().all(|name| root.path().join(name).is_dir()));
        assert!(root.path().join(".restoring-01234567").is_file());
        assert!(with_more.join("notes.txt").exists());
    }
}
