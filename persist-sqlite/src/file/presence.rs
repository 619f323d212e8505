//! The record of which files of a job are open, and whether they are still in their places.
//!
//! Other processes may remove, move or replace the files of an open job. SQLite continues with the files that it has open, but no later
//! opening would find the commits in them. So the device and the inode of the database, and of the WAL, are compared with the
//! entries that now have their names: at each sync, checkpoint, new connection and close of idle connections.
//!
//! `lost` only increases: from nothing to the WAL to the database. All threads of the job read and set it. Once it is set, the writer
//! and all readers report the loss until the job is closed.

use std::fs;
use std::io::ErrorKind;
#[cfg(unix)]
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;
use persist_core::Error;
use persist_core::error::Place;

use crate::file::job_file::JobFile;

/// The device and inode, which identify a file under any name.
type FileId = (u64, u64);

/// The values of [`Presence::lost`]. A larger value is a worse loss.
const NOTHING: u8 = 0;
const WAL: u8 = 1;
const DATABASE: u8 = 2;

/// The files of an open job, shared by its writer and its readers.
#[derive(Debug)]
pub(crate) struct Presence {
    place: Place,
    database: PathBuf,
    wal: PathBuf,
    /// The database that was opened first.
    opened: OnceLock<FileId>,
    /// The WAL, while the writer's connection is open. During that time SQLite doesn't remove it, even if it is empty.
    opened_wal: Mutex<Option<FileId>>,
    lost: AtomicU8,
}

impl Presence {
    pub(crate) fn new(file: &JobFile) -> Self {
        Self {
            place: file.place.clone(),
            database: file.path.clone(),
            wal: file.wal(),
            opened: OnceLock::new(),
            opened_wal: Mutex::default(),
            lost: AtomicU8::new(NOTHING),
        }
    }

    /// Records which database was opened.
    pub(crate) fn note_opened(&self) {
        if let Ok(file) = file_id(&self.database) {
            self.opened.get_or_init(|| file);
        }
    }

    /// Records which WAL the writer's connection has opened, until the guard is dropped.
    pub(crate) fn watch_wal(self: &Arc<Self>) -> WatchedWal {
        *self.opened_wal.lock() = file_id(&self.wal).ok();
        WatchedWal(Arc::clone(self))
    }

    /// Compares the files, with two system calls.
    ///
    /// # Errors
    ///
    /// As for [`expect_whole`](Self::expect_whole).
    pub(crate) fn check(&self) -> Result<(), Error> {
        let wal = *self.opened_wal.lock();
        let lost = if is_lost(&self.database, self.opened.get().copied()) {
            DATABASE
        } else if is_lost(&self.wal, wal) {
            WAL
        } else {
            NOTHING
        };
        if self.lost.fetch_max(lost, Ordering::Relaxed) < lost {
            tracing::error!(place = %self.place, "a file of the job was removed, moved or replaced");
        }
        self.expect_whole()
    }

    /// Reports a loss that was found before. Makes no system call.
    ///
    /// # Errors
    ///
    /// [`Error::Incompatible`], with the remedy.
    pub(crate) fn expect_whole(&self) -> Result<(), Error> {
        let reason = match self.lost.load(Ordering::Relaxed) {
            NOTHING => return Ok(()),
            WAL => format!(
                "its WAL {} was removed, moved or replaced while it was open here: close the job, which saves its rows in the \
                 file, and open it again",
                self.wal.display()
            ),
            _ => "its file was moved, removed or replaced while it was open here: save its rows by `backup_to` before the job \
                  is closed"
                .to_owned(),
        };
        Err(Error::Incompatible { place: self.place.clone(), reason })
    }

    /// Returns whether the WAL is lost but the database is not.
    pub(crate) fn has_lost_wal_alone(&self) -> bool {
        self.lost.load(Ordering::Relaxed) == WAL
    }
}

/// The guard of [`Presence::watch_wal`]: the WAL is compared until it is dropped.
pub(crate) struct WatchedWal(Arc<Presence>);

impl Drop for WatchedWal {
    fn drop(&mut self) {
        *self.0.opened_wal.lock() = None;
    }
}

/// Returns whether a file that was opened is certainly no longer at its path. Any error except "not found" may be temporary.
fn is_lost(path: &Path, opened: Option<FileId>) -> bool {
    let Some(opened) = opened else { return false };
    match file_id(path) {
        Ok(found) => found != opened,
        Err(error) => error.kind() == ErrorKind::NotFound,
    }
}

/// Reads the identity of a file from its entry. Opening and closing a database would drop SQLite's locks.
fn file_id(path: &Path) -> std::io::Result<FileId> {
    let entry = fs::symlink_metadata(path)?;
    #[cfg(unix)]
    return Ok((entry.dev(), entry.ino()));
    // On other systems only a missing file is noticed.
    #[cfg(not(unix))]
    {
        let _ = entry;
        Ok((0, 0))
    }
}
