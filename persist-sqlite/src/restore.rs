//! Putting a copy in the place of a job: the old job or the copy is there, whole, whenever the process ends.
//!
//! The copy is made, checked and synced in a directory of its own in the root, which [`sweep`] removes after a crash. Then,
//! under the root's exclusive lock, the old job is made one file, as for a drop, so that no other process or store has it open. A rename of
//! the copy to the pending name ([`pending_path`]) decides the restore: from there on each call that finds the pending copy
//! completes it ([`roll_forward`]). So what SQLite keeps next to an old file that can't be read can be removed before the
//! copy takes the place of the file, and no old WAL is ever next to a new file.

use std::collections::hash_map::RandomState;
use std::fs::{self, File, Metadata};
use std::hash::BuildHasher;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use persist_core::Error;
use persist_core::error::Place;
use rusqlite::{Connection, ffi};

use crate::claim::Claim;
use crate::drop_job::become_one_file;
use crate::foreign_wal::Beside;
use crate::job_file::{self, JobFile};
use crate::root::{self, RootLock};
use crate::schema::{self, Found};
use crate::settings::Settings;
use crate::{backup, check, connection, errors, foreign_wal, left_wal, probe};

/// The start of the name of a directory for a copy. The digits of a nonce follow.
const DRAFT: &str = ".restoring-";
const NONCE_DIGITS: usize = 8;
/// The copy in that directory, and the files that SQLite may leave next to the copy.
const COPY: &str = "copy.db";
const COPY_FILES: [&str; 4] = [COPY, "copy.db-journal", "copy.db-wal", "copy.db-shm"];

/// The end of the name of a copy that is about to take the place of a job's file. A dot and the name of that file come first.
const PENDING: &str = ".new";

/// Puts a copy of the database `from` in the place of a job's file, if there is one. The root exists.
///
/// # Errors
///
/// [`Error::InvalidArgument`], [`Error::Incompatible`] or [`Error::Corrupt`] if `from` is no job file; [`Error::Busy`] if another
/// process, or another store of this one, has the job open. The job is unchanged then. After another error the job
/// may be the copy from its next opening on.
pub(crate) fn restore(file: &JobFile, from: &Path) -> Result<(), Error> {
    let source = Source::find(file, from)?;
    let draft = Draft::create(file)?;
    source.copy(&draft, file)?;

    let _lock = RootLock::exclusive(file.root());
    root::refuse_collision(file)?;
    let old = OldJob::shut(file)?;
    fs::rename(draft.copy(), pending_path(file))
        .map_err(|error| errors::io(&file.place, "its new file can't be renamed", error))?;
    root::sync_directory(file.root(), &file.place)?;
    old.replace()
}

/// Completes a restore that was interrupted, if there is one. The caller holds the root's exclusive lock.
///
/// # Errors
///
/// [`Error::Busy`] if the old job is open; then, and if anything fails, the restore remains to be completed.
pub(crate) fn roll_forward(file: &JobFile) -> Result<(), Error> {
    if is_pending(file) { OldJob::shut(file)?.replace() } else { Ok(()) }
}

/// Whether a restore was interrupted after it was decided.
pub(crate) fn is_pending(file: &JobFile) -> bool {
    fs::symlink_metadata(pending_path(file)).is_ok_and(|entry| entry.is_file())
}

fn pending_path(file: &JobFile) -> PathBuf {
    file.path.with_file_name(format!(".{}{PENDING}", file.name()))
}

/// The id of the job that a pending copy is for, by the name of the copy.
pub(crate) fn id_of_pending(name: &str) -> Option<String> {
    job_file::id_of(name.strip_prefix('.')?.strip_suffix(PENDING)?)
}

/// A job that no other process or store can open until this is dropped, if its file can be read.
struct OldJob<'a> {
    file: &'a JobFile,
    // The connection, which holds an exclusive lock, is closed before the claim is released.
    _connection: Option<Connection>,
    _claim: Claim,
}

impl<'a> OldJob<'a> {
    /// Makes the job one file and locks it. A file that can't be read is not touched, and can't be locked.
    fn shut(file: &'a JobFile) -> Result<Self, Error> {
        let claim = Claim::alone(file)?;
        refuse_other_kinds(file)?;
        let found = probe::probe(file, Settings::default(), &claim);
        let connection = match found.and_then(|found| match found {
            Found::Nothing => Ok(None),
            Found::Job => become_one_file(file).map(Some),
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
            // Before the new file can be there.
            root::sync_directory(file.root(), &file.place)?;
        }
        fs::rename(pending_path(file), &file.path)
            .map_err(failed("its new file can't be put in place, which its next opening will"))?;
        root::sync_directory(file.root(), &file.place)
    }
}

/// Refuses to replace directories, links, pipes and the like, or to remove them where SQLite keeps its files.
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

/// Whether an error is due to damage, of the file or of the disk.
fn is_unreadable(error: &Error) -> bool {
    match error {
        Error::Corrupt { .. } => true,
        Error::Backend { code, .. } => code & 0xff == ffi::SQLITE_IOERR,
        _ => false,
    }
}

/// The database to copy.
struct Source {
    file: JobFile,
    /// The state of the file if it has no WAL. It is read without a lock then, which would create a WAL, and so another
    /// program may change it meanwhile.
    unlocked: Option<Stamp>,
    /// Held as long as the source is read.
    _claim: Claim,
}

type Stamp = (u64, Option<SystemTime>, bool);

impl Source {
    fn find(job: &JobFile, from: &Path) -> Result<Self, Error> {
        let unusable = |error| refused(from, &format!("it can't be found: {error}"));
        // SQLite is opened with `NOFOLLOW`.
        let path = fs::canonicalize(from).map_err(unusable)?;
        let entry = fs::metadata(&path).map_err(unusable)?;
        if !entry.is_file() {
            return Err(refused(from, "it is not a file"));
        }
        job_file::check_path(&path).map_err(|reason| refused(from, &reason))?;
        // Also under another name, by which SQLite would not find the WAL of the job.
        let is_own =
            fs::symlink_metadata(&job.path).is_ok_and(|own| root::is_one_file(&own, &entry));
        if path == job.path || is_own {
            return Err(refused(from, "it is the file of the job itself"));
        }
        let file = JobFile { place: Place::new(job.place.job(), Some(path.clone())), path };
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
            foreign_wal::refuse(&file, &entry, Beside::Wal, &claim)?;
            return Ok(Self { file, unlocked: None, _claim: claim });
        }
        let unlocked = Some(stamp(&file, &entry));
        Ok(Self { file, unlocked, _claim: claim })
    }

    /// Makes the copy, including the commits in a WAL, checks it, and syncs it.
    fn copy(&self, draft: &Draft, job: &JobFile) -> Result<(), Error> {
        let (place, copy) = (&self.file.place, draft.copy());
        let connection = connection::for_probing(&self.file)?;
        // One transaction, so that the copy is of one moment. It begins with its first read.
        connection
            .execute_batch("BEGIN")
            .map_err(|error| errors::from_sqlite(place, error))
            .and_then(|()| expect_job(&connection, place))
            .map_err(|error| self.explain(error))?;
        let like = if job.path.exists() { &job.path } else { &self.file.path };
        backup::create(&copy, Some(like)).map_err(|error| {
            errors::io(&job.place, "a copy can't be created in the root", error)
        })?;
        let copied = JobFile { place: Place::new(job.place.job(), Some(copy.clone())), path: copy };
        backup::fill(&connection, &copied.path, &copied.place, &mut |_, _| Ok(()))?;
        drop(connection);
        self.check_unchanged()?;
        check_copy(&copied, place)?;
        File::options()
            .write(true)
            .open(&copied.path)
            .and_then(|mut file| {
                foreign_wal::make_distinct(&mut file)?;
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

    /// SQLite reads no WAL where it can't create the index of the WAL.
    fn explain(&self, error: Error) -> Error {
        match error {
            Error::Backend { code, message, .. } if errors::is_no_way_to_write(code) => refused(
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

/// Checks a copy as an opening does, and its structure; errors name the place that it was copied from.
fn check_copy(copy: &JobFile, place: &Place) -> Result<(), Error> {
    let connection = connection::for_probing(copy)?;
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

/// A directory for a copy, which is removed when this is dropped, or by a [`sweep`] after the process has ended.
struct Draft {
    directory: PathBuf,
    /// A lock on the directory, which keeps a sweep off. It is the directory that is locked, since SQLite locks the file.
    _lock: Option<File>,
}

impl Draft {
    fn create(file: &JobFile) -> Result<Self, Error> {
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
            // A sweep may have come before the lock, and have removed the directory.
            match fs::symlink_metadata(&draft.directory) {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                _ => return Ok(draft),
            }
        }
    }

    fn copy(&self) -> PathBuf {
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

/// Removes the unfinished copies that crashes left, and nothing else.
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
        // The process that makes the copy holds a lock.
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
    use std::path::Path;

    use super::{Draft, id_of_pending, is_draft, pending_path, sweep};
    use crate::job_file::{JobFile, NAME_LIMIT};

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
    fn nothing_but_a_draft_is_swept() {
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
        fs::write(with_more.join("notes.txt"), b"of somebody").unwrap();
        sweep(root.path()).unwrap();
        assert!(names.iter().all(|name| root.path().join(name).is_dir()));
        assert!(root.path().join(".restoring-01234567").is_file());
        assert!(with_more.join("notes.txt").exists());
    }

    #[test]
    fn pending_name_of_any_id_is_short_enough_and_gives_the_id() {
        for id in ["a", "tenant/42", ".hidden", &"x".repeat(244)] {
            let file = JobFile::new(Path::new("/data"), id).unwrap();
            let pending = pending_path(&file);
            let name = pending.file_name().unwrap().to_str().unwrap();
            assert!(name.len() <= NAME_LIMIT);
            assert_eq!(id_of_pending(name).as_deref(), Some(id));
        }
        for name in ["a.db.new", ".a.db", ".new", "..new", ".a.db.newer", ".a.new"] {
            assert_eq!(id_of_pending(name), None, "{name}");
        }
    }
}
