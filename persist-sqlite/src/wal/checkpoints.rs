//! When the WAL of an open job is checkpointed, and by which thread.
//!
//! A commit appends pages to the WAL. A commit overwrites the WAL from its start once all its pages are in the file and
//! no reader uses them. So the WAL grows while commits follow each other faster than checkpoints end, or while a
//! reader holds an old snapshot. These keep it short:
//!
//! - The committing thread (the worker, or a caller in its place) counts pages in SQLite's hook ([`Wal::committed`]) and asks the
//!   checkpointer for work. At 64 MiB it checkpoints by itself before its next group, and with durability `Full` also if only few pages are
//!   left ([`Wal::keep_to_limit`]).
//! - The checkpointer's thread makes the checkpoints that are due ([`Wal::checkpoint_now`]), and empties the WAL after a second
//!   without a commit ([`Wal::empty_if_idle`]).
//! - A compaction, on the committing thread, empties the WAL too.
//!
//! # State
//!
//! | Field | Meaning | Changed by |
//! |---|---|---|
//! | `pages`, `next_stop_pages`, `next_rest_pages` | the length of the WAL, and the lengths at which the writer acts | the committing thread |
//! | `written` | pages written since the job was opened | the committing thread |
//! | `checkpointed` | `written` at the start of the last checkpoint | a thread that holds `checkpoints` |
//! | `is_due` | in the checkpointer's queue | raised by the committing thread, lowered by the checkpointer |
//! | `is_watched` | in the checkpointer's list of WALs that may not be empty | raised by both, lowered by the checkpointer |
//! | `first_page_is_due` | the next transaction writes page 1, see [`foreign_wal`](crate::wal::foreign_wal) | raised by any thread, lowered by the committing thread |
//! | `held_back`, `put_off` | the result of the last checkpoint: a reader kept pages in the WAL; the number of tries that were put off | a thread that holds `checkpoints` |
//! | `latch` | the job accepts no more writes | any thread, once |
//!
//! The lock of `checkpoints` is held during each checkpoint but the one of the close, when no other thread is left. So only one thread at
//! a time checkpoints a job.
//!
//! A commit first increases `written` and then raises `is_watched`. The checkpointer first lowers `is_watched` and then reads
//! `written` again. Both are sequentially consistent, so at least one of the two threads notices the other: no WAL with pages in it is
//! forgotten.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use persist_core::error::Place;
use persist_core::{Durability, Error};
use rusqlite::Connection;

use crate::base::errors;
use crate::connection::budget::Purpose;
use crate::connection::job_connection::JobConnection;
use crate::connection::open;
use crate::connection::settings::Settings;
use crate::connection::setup::{self, PATIENCE};
use crate::file::claim::Claim;
use crate::file::job_file::JobFile;
use crate::file::presence::Presence;
use crate::file::{schema, storage};
use crate::wal::failure::FailureLatch;

/// A checkpoint is due after this many bytes since the last one.
const DUE_BYTES: u64 = 4 << 20;
/// The length at which the writer checkpoints by itself, since the checkpointer does not keep up with the commits.
const LIMIT_BYTES: u64 = 64 << 20;

/// The largest number of pages that the writer checkpoints by itself below the limit.
const FEW_PAGES: u64 = 64;

/// Copies pages from the WAL into the file, up to the oldest snapshot in use. It waits for no other connection.
const PASSIVE: &str = "PRAGMA wal_checkpoint(PASSIVE)";
/// Copies all pages and truncates the WAL, unless another connection writes or still reads from it.
const TRUNCATE: &str = "PRAGMA wal_checkpoint(TRUNCATE)";

/// The WAL of an open job: its growth and its checkpoints.
pub(crate) struct Wal {
    file: JobFile,
    settings: Settings,
    claim: Weak<Claim>,
    presence: Arc<Presence>,
    page_bytes: u64,
    /// [`DUE_BYTES`] and [`LIMIT_BYTES`] in pages.
    due_pages: u64,
    limit_pages: u32,
    /// The length of the WAL, in pages, after the last commit of this process.
    pages: AtomicU32,
    /// The length at which the writer checkpoints by itself: the limit at first, and more after each attempt.
    next_stop_pages: AtomicU32,
    /// The length at which the writer next checkpoints the few pages that the checkpointer has left, if commits wait for the disk.
    next_rest_pages: AtomicU32,
    /// The number of pages written since the job was opened.
    written: AtomicU64,
    /// The number of pages that had been written when the last checkpoint, or attempt, began.
    checkpointed: AtomicU64,
    /// Whether the last checkpoint left pages in the WAL, since a reader held an older snapshot.
    held_back: AtomicBool,
    /// The number of checkpoints in a row that were put off because there was no space or no connection.
    put_off: AtomicU32,
    /// Whether this is in the checkpointer's queue of WALs for which a checkpoint is due.
    is_due: AtomicBool,
    /// Whether this is in the checkpointer's list of WALs that it looks at until they are empty.
    is_watched: AtomicBool,
    /// Whether the next transaction has to write page 1, since it may start the WAL again.
    first_page_is_due: AtomicBool,
    latch: FailureLatch,
    checkpoints: Mutex<Checkpoints>,
}

/// The part that a thread locks to checkpoint.
#[derive(Default)]
pub(crate) struct Checkpoints {
    /// The checkpointer's connection, while the WAL is not empty.
    connection: Option<JobConnection>,
    /// Set by the close: the checkpointer opens no connection any more.
    ended: bool,
}

/// The work that a commit has for the checkpointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// A checkpoint now.
    Checkpoint,
    /// A look at the WAL, at intervals, until it is empty.
    Watch,
}

impl Wal {
    /// Returns the state of the WAL of a job that `writing` has opened.
    pub(crate) fn new(
        file: JobFile,
        settings: Settings,
        claim: &Arc<Claim>,
        writing: &Connection,
    ) -> Result<Self, Error> {
        let page_bytes = storage::page_bytes(writing)
            .map_err(|error| errors::from_sqlite(&file.place, error))?
            .max(1);
        let latch = FailureLatch::new(file.place.clone());
        let limit_pages = u32::try_from(LIMIT_BYTES / page_bytes).unwrap_or(u32::MAX);
        Ok(Self {
            file,
            settings,
            claim: Arc::downgrade(claim),
            presence: Arc::clone(claim.presence()),
            page_bytes,
            due_pages: DUE_BYTES / page_bytes,
            limit_pages,
            pages: AtomicU32::new(0),
            next_stop_pages: AtomicU32::new(limit_pages),
            next_rest_pages: AtomicU32::new(0),
            written: AtomicU64::new(0),
            checkpointed: AtomicU64::new(0),
            held_back: AtomicBool::new(false),
            put_off: AtomicU32::new(0),
            is_due: AtomicBool::new(false),
            is_watched: AtomicBool::new(false),
            first_page_is_due: AtomicBool::new(true),
            latch,
            checkpoints: Mutex::default(),
        })
    }

    pub(crate) fn place(&self) -> &Place {
        &self.file.place
    }

    /// The latch that ends writes and checkpoints.
    pub(crate) fn latch(&self) -> &FailureLatch {
        &self.latch
    }

    /// Records a commit after which the WAL has `pages` pages. Returns the work for the checkpointer that it doesn't know of yet.
    pub(crate) fn committed(&self, pages: u32) -> Option<Wanted> {
        let before = self.pages.swap(pages, Ordering::Relaxed);
        let added = pages.checked_sub(before).unwrap_or_else(|| {
            // The WAL has started again.
            self.next_stop_pages.store(self.limit_pages, Ordering::Relaxed);
            self.next_rest_pages.store(0, Ordering::Relaxed);
            pages
        });
        // The WAL may have as many pages as before because it has started again.
        let added = u64::from(added.max(1));
        // Before the flags are raised: see the module.
        let written = self.written.fetch_add(added, Ordering::SeqCst) + added;
        let due = written - self.checkpointed.load(Ordering::Relaxed) >= self.due_pages;
        if due && raise(&self.is_due) {
            return Some(Wanted::Checkpoint);
        }
        self.begin_watch().then_some(Wanted::Watch)
    }

    /// The length of the WAL, in pages, after the last commit of this process.
    pub(crate) fn pages(&self) -> u32 {
        self.pages.load(Ordering::Relaxed)
    }

    /// Makes the next transaction write page 1.
    pub(crate) fn want_first_page(&self) {
        self.first_page_is_due.store(true, Ordering::Relaxed);
    }

    /// Returns whether the current transaction has to write page 1. The caller then writes it.
    pub(crate) fn take_first_page(&self) -> bool {
        self.first_page_is_due.load(Ordering::Relaxed)
            && self.first_page_is_due.swap(false, Ordering::Relaxed)
    }

    /// Marks the WAL as watched. Returns whether it was not, so the caller has to add it to the checkpointer's list.
    pub(crate) fn begin_watch(&self) -> bool {
        raise(&self.is_watched)
    }

    /// Returns whether the last checkpoint left pages in the WAL, since a reader held an older snapshot.
    pub(crate) fn is_held_back(&self) -> bool {
        self.held_back.load(Ordering::Relaxed)
    }

    /// Waits for a checkpoint that is under way, and keeps other threads from checkpointing until the guard is dropped.
    pub(crate) fn lock_checkpoints(&self) -> MutexGuard<'_, Checkpoints> {
        self.checkpoints.lock()
    }

    /// Checkpoints if the WAL has reached its limit. The writer calls this before it writes.
    pub(crate) fn keep_to_limit(&self, writing: &Connection) {
        let pages = self.pages.load(Ordering::Relaxed);
        if pages < self.next_stop_pages.load(Ordering::Relaxed) {
            if self.settings.durability == Durability::Full {
                self.checkpoint_rest(writing, pages);
            }
            return;
        }
        let _checkpoints = self.lock_checkpoints();
        // If this copies all pages, the next commit starts the WAL again, unless a read has begun meanwhile.
        let moved_all = self.checkpoint(writing, PASSIVE);
        let step = u32::try_from(self.due_pages).unwrap_or(u32::MAX);
        self.next_stop_pages.store(pages.saturating_add(step), Ordering::Relaxed);
        // The warning is logged when the WAL exceeds the limit by 1, 2, 4, 8 … times [`DUE_BYTES`].
        let stops = pages.saturating_sub(self.limit_pages) / step.max(1);
        if !moved_all && stops.is_power_of_two() {
            tracing::warn!(
                place = %self.file.place, pages,
                "the WAL grows beyond its limit: a reader holds an old snapshot, or checkpoints are put off"
            );
        }
    }

    /// Checkpoints the few pages that the checkpointer has left, so that the next commit starts the WAL again. With
    /// [`Durability::Full`] each commit waits for the disk, and it waits longer for a file that grows than for one that is overwritten.
    fn checkpoint_rest(&self, writing: &Connection, pages: u32) {
        let due = u32::try_from(self.due_pages).unwrap_or(u32::MAX);
        let left = self.written() - self.checkpointed.load(Ordering::Relaxed);
        if pages < due.max(self.next_rest_pages.load(Ordering::Relaxed)) || left > FEW_PAGES {
            return;
        }
        // If the checkpointer is at work, a commit does not wait for it.
        if let Some(_checkpoints) = self.checkpoints.try_lock() {
            self.checkpoint(writing, PASSIVE);
            // If a reader kept the pages in the WAL, it probably will for a while.
            self.next_rest_pages.store(pages.saturating_add(due), Ordering::Relaxed);
        }
    }

    /// Makes the checkpoint that is due. The checkpointer's thread calls this.
    pub(crate) fn checkpoint_now(&self) {
        let mut checkpoints = self.lock_checkpoints();
        // Lowered before the checkpoint, so that commits during it can make the next one due.
        self.is_due.store(false, Ordering::SeqCst);
        self.with_connection(&mut checkpoints, |connection| {
            self.checkpoint(connection, PASSIVE);
        });
    }

    /// Empties the WAL if nothing was written since `seen` pages were. The checkpointer's thread calls this at intervals. Returns the
    /// number of pages written by now, or `None` if the WAL needs no further look.
    pub(crate) fn empty_if_idle(&self, seen: u64) -> Option<u64> {
        let written = self.written();
        if written != seen || !self.empty() {
            return Some(written);
        }
        self.is_watched.store(false, Ordering::SeqCst);
        // A commit in between has found the flag still raised, and asked for nothing: see the module.
        (self.written() != written && self.begin_watch()).then(|| self.written())
    }

    /// The number of bytes written to the WAL since the job was opened.
    pub(crate) fn written_bytes(&self) -> u64 {
        self.written() * self.page_bytes
    }

    /// The number of pages written to the WAL since the job was opened.
    pub(crate) fn written(&self) -> u64 {
        self.written.load(Ordering::SeqCst)
    }

    /// Checkpoints and truncates the WAL. Returns whether the checkpointer is done with it: it is empty, or there will be no more
    /// checkpoints.
    fn empty(&self) -> bool {
        let mut checkpoints = self.lock_checkpoints();
        let mut done = false;
        // The passive checkpoint takes most of the time, and lets other connections write. The truncating one, which keeps writers
        // out, then finds little to do.
        self.with_connection(&mut checkpoints, |connection| {
            done = self.checkpoint(connection, PASSIVE) && self.checkpoint(connection, TRUNCATE);
        });
        done |= checkpoints.ended || self.latch.is_set() || self.presence.expect_whole().is_err();
        if done {
            checkpoints.connection = None;
        }
        done
    }

    /// Calls `run` with the checkpointer's connection, which is opened if necessary. Does nothing once the job has failed or closes.
    fn with_connection(&self, checkpoints: &mut Checkpoints, run: impl FnOnce(&Connection)) {
        if checkpoints.ended || self.latch.is_set() {
            return;
        }
        if checkpoints.connection.is_none() {
            match self.open() {
                Ok(connection) => checkpoints.connection = connection,
                Err(error) => self.put_off(&error),
            }
        }
        if let Some(connection) = &checkpoints.connection {
            run(connection);
        }
    }

    /// Opens the checkpointer's connection. Returns `None` once the writer is closed.
    fn open(&self) -> Result<Option<JobConnection>, Error> {
        let Some(claim) = self.claim.upgrade() else { return Ok(None) };
        let connection = setup::twice(|| {
            let connection = JobConnection::open(
                &self.file,
                self.settings,
                &claim,
                Purpose::Other,
                open::for_checkpoints,
            )?;
            schema::expect_job(&connection, &self.file.place)?;
            setup::check_can_write(&connection, &self.file)?;
            Ok(connection)
        })?;
        connection
            .busy_timeout(Duration::ZERO)
            .map_err(|error| errors::from_sqlite(&self.file.place, error))?;
        Ok(Some(connection))
    }

    /// Runs a checkpoint. The caller has locked `checkpoints`. Returns whether all of the WAL is in the file then. If a file of the job
    /// is lost, this does nothing, and the close decides what to do.
    fn checkpoint(&self, connection: &Connection, how: &str) -> bool {
        if self.presence.check().is_err() {
            return false;
        }
        // Read before the checkpoint, which may leave out later commits. If it fails, the next one is due as if it had succeeded.
        self.checkpointed.store(self.written(), Ordering::Relaxed);
        let done = connection.prepare_cached(how).and_then(|mut statement| {
            let done = statement.query_row([], |row| {
                Ok((row.get::<_, bool>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
            });
            done.map_err(errors::recognize_full)
        });
        match done {
            // Another connection checkpoints.
            Ok((true, ..0, _)) => false,
            Ok((busy, pages, moved)) => {
                self.put_off.store(0, Ordering::Relaxed);
                self.held_back.store(moved < pages, Ordering::Relaxed);
                if moved == pages {
                    // The next commit may start the WAL again.
                    self.want_first_page();
                }
                !busy && moved == pages
            }
            Err(error) if errors::is_busy(&error) => false,
            Err(error) if errors::is_full(&error) => {
                self.put_off(&error);
                false
            }
            Err(error) => {
                let place = &self.file.place;
                tracing::error!(%place, %error, "a checkpoint failed: the job accepts no more writes");
                self.latch.fail_unreported(Arc::new(error));
                false
            }
        }
    }

    /// Closes the checkpointer's connection if no thread uses it. Returns the number of connections that it closed.
    pub(crate) fn close_idle(&self) -> usize {
        let idle =
            self.checkpoints.try_lock().and_then(|mut checkpoints| checkpoints.connection.take());
        usize::from(idle.is_some())
    }

    /// Records that a checkpoint has to be tried again later, and logs that at the 1st, 2nd, 4th, 8th … time in a row.
    fn put_off(&self, error: &impl std::fmt::Display) {
        let tries = self.put_off.fetch_add(1, Ordering::Relaxed) + 1;
        if tries.is_power_of_two() {
            let place = &self.file.place;
            tracing::warn!(%place, %error, tries, "a checkpoint is put off: the WAL stays, and grows, until one succeeds");
        }
    }

    /// Ends the checkpoints: waits for the one that is under way, closes the checkpointer's connection, and lets it open no other.
    pub(crate) fn end(&self) {
        let mut checkpoints = self.lock_checkpoints();
        checkpoints.ended = true;
        checkpoints.connection = None;
    }

    /// Checkpoints and truncates the WAL, at the writer's close and after [`end`](Self::end). A failed job's WAL is left unchanged.
    ///
    /// # Errors
    ///
    /// If the checkpoint fails, unless another process still reads; the job's failure, if it was not reported before; a lost file,
    /// unless all rows are in the database and the database is in its place.
    pub(crate) fn finish(&self, writing: &Connection) -> Result<(), Error> {
        if self.latch.is_set() {
            return self.latch.report_once().map_or_else(|| self.presence.check(), Err);
        }
        let lost = self.presence.check();
        // The commits in a lost WAL are nowhere else, so it is worth waiting for the lock.
        let patience = if lost.is_err() { PATIENCE } else { Duration::ZERO };
        let emptied = writing
            .busy_timeout(patience)
            .and_then(|()| writing.query_row(TRUNCATE, [], |row| row.get(0)));
        match emptied {
            Err(error) if !errors::is_busy(&error) => {
                Err(errors::of_last_checkpoint(&self.file.place, error))
            }
            Ok(false) if self.presence.has_lost_wal_alone() => Ok(()),
            _ => lost,
        }
    }
}

/// Raises a flag. Returns whether it was lowered before.
fn raise(flag: &AtomicBool) -> bool {
    // In most cases the flag is raised already, and a load keeps its cache line shared.
    !flag.load(Ordering::SeqCst) && !flag.swap(true, Ordering::SeqCst)
}
