//! Whether the files of an open job are still the ones that were opened.

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

use crate::job_file::JobFile;

/// The device and inode, which identify a file under any name.
type FileId = (u64, u64);

/// What is lost, as a number: the larger one is the worse loss.
const NOTHING: u8 = 0;
const WAL: u8 = 1;
const DATABASE: u8 = 2;

/// The files of an open job, which other processes may remove, move or replace. SQLite goes on with the files that it has open,
/// so nothing that is written from then on would be found again by name.
///
/// The writer and the readers of a job share this. Once one of them finds a loss, all report it until the job is closed.
#[derive(Debug)]
pub(crate) struct Presence {
    place: Place,
    database: PathBuf,
    wal: PathBuf,
    /// The database, once it was opened.
    opened: OnceLock<FileId>,
    /// The WAL, while the writer's connection has it open. SQLite keeps it that long, also when it is empty.
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

    /// Notes which file was opened.
    pub(crate) fn note_opened(&self) {
        if let Ok(file) = file_id(&self.database) {
            self.opened.get_or_init(|| file);
        }
    }

    /// Notes which WAL the writer's connection has opened, until the guard is dropped.
    pub(crate) fn watch_wal(self: &Arc<Self>) -> WatchedWal {
        *self.opened_wal.lock() = file_id(&self.wal).ok();
        WatchedWal(Arc::clone(self))
    }

    /// Looks for the files, which takes two calls of the system.
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

    /// Reports a loss that was found before.
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

    /// Whether the database is there, and only its WAL is lost.
    pub(crate) fn has_lost_wal_alone(&self) -> bool {
        self.lost.load(Ordering::Relaxed) == WAL
    }
}

/// Has the WAL of the writer's connection looked for, until it is dropped.
pub(crate) struct WatchedWal(Arc<Presence>);

impl Drop for WatchedWal {
    fn drop(&mut self) {
        *self.0.opened_wal.lock() = None;
    }
}

/// Whether a file that was opened is certainly not at its path any more. Any error but "not found" may pass.
fn is_lost(path: &Path, opened: Option<FileId>) -> bool {
    let Some(opened) = opened else { return false };
    match file_id(path) {
        Ok(found) => found != opened,
        Err(error) => error.kind() == ErrorKind::NotFound,
    }
}

/// Only looks at the entry: opening and closing a database would drop SQLite's locks.
fn file_id(path: &Path) -> std::io::Result<FileId> {
    let entry = fs::symlink_metadata(path)?;
    #[cfg(unix)]
    return Ok((entry.dev(), entry.ino()));
    // There only a missing file can be noticed.
    #[cfg(not(unix))]
    {
        let _ = entry;
        Ok((0, 0))
    }
}
