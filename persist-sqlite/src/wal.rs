use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use persist_core::error::{Cause, Place};
use persist_core::{Durability, Error};
use rusqlite::Connection;

use crate::budget::Purpose;
use crate::claim::{Claim, Claimed};
use crate::connection::PATIENCE;
use crate::job_file::JobFile;
use crate::presence::Presence;
use crate::settings::Settings;
use crate::{connection, errors, schema, storage};

/// Once so much was written since the last checkpoint, the next one is due.
const DUE_BYTES: u64 = 4 << 20;
/// What the WAL may grow to while writes don't let the checkpointer catch up.
const LIMIT_BYTES: u64 = 64 << 20;

/// How many pages the writer moves by itself, so that the next commit finds nothing left to be moved.
const FEW_PAGES: u64 = 64;

/// Moves what nobody reads from the WAL any more into the file. It waits for nobody.
const PASSIVE: &str = "PRAGMA wal_checkpoint(PASSIVE)";
/// The same, and cuts the WAL off, unless somebody writes or still reads from it.
const TRUNCATE: &str = "PRAGMA wal_checkpoint(TRUNCATE)";

/// The WAL of an open job: how far it has grown, and its checkpoints.
///
/// SQLite begins it anew with a commit that finds all of it in the file. So it grows while commits follow each other
/// more quickly than checkpoints end, or while somebody reads an old state.
pub(crate) struct Wal {
    file: JobFile,
    settings: Settings,
    claim: Weak<Claim>,
    presence: Arc<Presence>,
    page_bytes: u64,
    /// How many pages are due to be moved, and at how many it is at its limit.
    due_pages: u64,
    limit_pages: u32,
    /// How many pages it has after the last commit here.
    pages: AtomicU32,
    /// Where the writer has to checkpoint by itself; from the limit on, until it begins anew.
    next_stop_pages: AtomicU32,
    /// Where the writer moves what the checkpointer has left, where commits wait for the disk.
    next_rest_pages: AtomicU32,
    /// How many pages were written since the job was opened, and how many of them before the last checkpoint, or try.
    written: AtomicU64,
    checkpointed: AtomicU64,
    /// Whether the last checkpoint left pages behind.
    held_back: AtomicBool,
    /// How many checkpoints in a row could not be made, though nothing is lost by that.
    put_off: AtomicU32,
    /// Whether it is in the checkpointer's queue of those that are due, and among those that it looks at until they
    /// are empty.
    is_due: AtomicBool,
    is_watched: AtomicBool,
    /// Whether the next transaction has to write page 1, since it may begin the WAL again: see `foreign_wal`.
    first_page_is_due: AtomicBool,
    /// Why nothing may be written any more, once it may not; and whether somebody was told so.
    failure: OnceLock<Error>,
    failure_told: AtomicBool,
    checkpoints: Mutex<Checkpoints>,
}

/// Held by whoever checkpoints, one at a time.
#[derive(Default)]
pub(crate) struct Checkpoints {
    /// The checkpointer's, while there is something for it to do.
    connection: Option<Claimed>,
    ended: bool,
}

/// What a commit makes the checkpointer do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// A checkpoint now.
    Checkpoint,
    /// A look at it until it is empty.
    Watch,
}

impl Wal {
    /// The WAL of a job that `writing` has opened.
    pub(crate) fn new(
        file: JobFile,
        settings: Settings,
        claim: &Arc<Claim>,
        writing: &Connection,
    ) -> Result<Self, Error> {
        let page_bytes = storage::page_bytes(writing)
            .map_err(|error| errors::from_sqlite(&file.place, error))?
            .max(1);
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
            failure: OnceLock::new(),
            failure_told: AtomicBool::new(false),
            checkpoints: Mutex::default(),
        })
    }

    pub(crate) fn place(&self) -> &Place {
        &self.file.place
    }

    /// Notes a commit after which it has so many pages; says what there is to do that nobody was told of yet.
    pub(crate) fn committed(&self, pages: u32) -> Option<Wanted> {
        let before = self.pages.swap(pages, Ordering::Relaxed);
        let added = pages.checked_sub(before).unwrap_or_else(|| {
            // It has begun anew.
            self.next_stop_pages.store(self.limit_pages, Ordering::Relaxed);
            self.next_rest_pages.store(0, Ordering::Relaxed);
            pages
        });
        // That it has as many as before doesn't mean that nothing was written.
        let added = u64::from(added.max(1));
        // In one order with the flags, lest the checkpointer stops looking just when this commit counts on it.
        let written = self.written.fetch_add(added, Ordering::SeqCst) + added;
        let due = written - self.checkpointed.load(Ordering::Relaxed) >= self.due_pages;
        if due && raise(&self.is_due) {
            return Some(Wanted::Checkpoint);
        }
        self.begin_watch().then_some(Wanted::Watch)
    }

    /// How many pages it has after the last commit here.
    pub(crate) fn pages(&self) -> u32 {
        self.pages.load(Ordering::Relaxed)
    }

    /// Notes that the next transaction has to write page 1.
    pub(crate) fn want_first_page(&self) {
        self.first_page_is_due.store(true, Ordering::Relaxed);
    }

    /// Whether a transaction has to write page 1, which the caller then does.
    pub(crate) fn take_first_page(&self) -> bool {
        self.first_page_is_due.load(Ordering::Relaxed)
            && self.first_page_is_due.swap(false, Ordering::Relaxed)
    }

    /// Notes that the checkpointer looks at it from now on; says whether it didn't before.
    pub(crate) fn begin_watch(&self) -> bool {
        raise(&self.is_watched)
    }

    /// Why nothing may be written any more, if so.
    pub(crate) fn failure(&self) -> Option<&Error> {
        self.failure.get()
    }

    /// The failure, to be told to somebody.
    pub(crate) fn tell_failure(&self) -> Option<Error> {
        let failure = self.failure.get()?;
        self.failure_told.store(true, Ordering::Relaxed);
        Some(failure.clone())
    }

    /// The failure, if nobody was told of it.
    pub(crate) fn untold_failure(&self) -> Option<Error> {
        if self.failure_told.load(Ordering::Relaxed) { None } else { self.tell_failure() }
    }

    /// Ends all writing and checkpoints, after an I/O error: what is in the WAL may not be what the disk holds of it. Gives
    /// the failure, which is told to somebody.
    pub(crate) fn fail(&self, cause: Cause) -> Error {
        self.failure_told.store(true, Ordering::Relaxed);
        self.fail_untold(cause)
    }

    /// Ends all writing and checkpoints since another process has made something else of the file. Returns the error that every
    /// write gets from now on; it counts as reported.
    pub(crate) fn refuse(&self, error: Error) -> Error {
        self.failure_told.store(true, Ordering::Relaxed);
        self.failure.get_or_init(|| error).clone()
    }

    fn fail_untold(&self, cause: Cause) -> Error {
        // The first one is the cause of what follows.
        let failed = || Error::Failed { place: self.file.place.clone(), source: Some(cause) };
        self.failure.get_or_init(failed).clone()
    }

    /// Whether the last checkpoint left pages behind, since somebody still read an older state.
    pub(crate) fn is_held_back(&self) -> bool {
        self.held_back.load(Ordering::Relaxed)
    }

    /// Keeps others from checkpointing until the guard is dropped, after waiting for one who does.
    pub(crate) fn alone(&self) -> MutexGuard<'_, Checkpoints> {
        self.checkpoints.lock()
    }

    /// For the writer, before it writes: checkpoints if the WAL is at its limit.
    pub(crate) fn keep_to_limit(&self, writing: &Connection) {
        let pages = self.pages.load(Ordering::Relaxed);
        if pages < self.next_stop_pages.load(Ordering::Relaxed) {
            if self.settings.durability == Durability::Full {
                self.move_the_rest(writing, pages);
            }
            return;
        }
        let _alone = self.alone();
        // The next commit begins it anew if this moves all of it, and no read that has just begun is in the way.
        let moved_all = self.checkpoint(writing, PASSIVE);
        let step = u32::try_from(self.due_pages).unwrap_or(u32::MAX);
        self.next_stop_pages.store(pages.saturating_add(step), Ordering::Relaxed);
        let stops = pages.saturating_sub(self.limit_pages) / step.max(1);
        if !moved_all && stops.is_power_of_two() {
            tracing::warn!(
                place = %self.file.place, pages,
                "the WAL grows beyond its limit: somebody reads an old state of the rows, or checkpoints are put off"
            );
        }
    }

    /// Moves what the checkpointer has left, once that is little, so that the next commit begins the WAL anew. A commit
    /// that waits for the disk waits longer for a file that grows than for one that is overwritten, and each new page of
    /// the WAL makes it grow.
    fn move_the_rest(&self, writing: &Connection, pages: u32) {
        let due = u32::try_from(self.due_pages).unwrap_or(u32::MAX);
        let left = self.written() - self.checkpointed.load(Ordering::Relaxed);
        if pages < due.max(self.next_rest_pages.load(Ordering::Relaxed)) || left > FEW_PAGES {
            return;
        }
        // Unless the checkpointer is at it.
        if let Some(_alone) = self.checkpoints.try_lock() {
            self.checkpoint(writing, PASSIVE);
            // If somebody reads, and so keeps it from beginning anew, that is for long.
            self.next_rest_pages.store(pages.saturating_add(due), Ordering::Relaxed);
        }
    }

    /// For the checkpointer: moves what can be moved.
    pub(crate) fn checkpoint_now(&self) {
        let mut checkpoints = self.alone();
        self.is_due.store(false, Ordering::SeqCst);
        self.with_own(&mut checkpoints, |connection| {
            self.checkpoint(connection, PASSIVE);
        });
    }

    /// For the checkpointer, which looks at intervals: empties the WAL if nothing was written since `seen` was. Gives
    /// what has been written by now, unless there is nothing left to look after.
    pub(crate) fn look(&self, seen: u64) -> Option<u64> {
        let written = self.written();
        if written != seen || !self.empty() {
            return Some(written);
        }
        self.is_watched.store(false, Ordering::SeqCst);
        // A commit in between has found it watched.
        (self.written() != written && self.begin_watch()).then(|| self.written())
    }

    /// How many bytes were written to it since the job was opened.
    pub(crate) fn written_bytes(&self) -> u64 {
        self.written() * self.page_bytes
    }

    pub(crate) fn written(&self) -> u64 {
        self.written.load(Ordering::SeqCst)
    }

    /// Moves all and cuts the WAL off, if nobody is in the way; says whether that is done with, one way or another.
    fn empty(&self) -> bool {
        let mut checkpoints = self.alone();
        let mut done = false;
        // What takes time happens while others may write.
        self.with_own(&mut checkpoints, |connection| {
            done = self.checkpoint(connection, PASSIVE) && self.checkpoint(connection, TRUNCATE);
        });
        done |=
            checkpoints.ended || self.failure().is_some() || self.presence.expect_whole().is_err();
        if done {
            checkpoints.connection = None;
        }
        done
    }

    /// Runs on the checkpointer's connection, which is opened if need be; not at all where nothing may be written.
    fn with_own(&self, checkpoints: &mut Checkpoints, run: impl FnOnce(&Connection)) {
        if checkpoints.ended || self.failure().is_some() {
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

    /// None once the writer has closed.
    fn open(&self) -> Result<Option<Claimed>, Error> {
        let Some(claim) = self.claim.upgrade() else { return Ok(None) };
        let connection = connection::twice(|| {
            let connection = connection::again(
                &self.file,
                self.settings,
                &claim,
                Purpose::Other,
                connection::for_checkpoints,
            )?;
            schema::expect_job(&connection, &self.file.place)?;
            connection::check_can_write(&connection, &self.file)?;
            Ok(connection)
        })?;
        connection
            .busy_timeout(Duration::ZERO)
            .map_err(|error| errors::from_sqlite(&self.file.place, error))?;
        Ok(Some(connection))
    }

    /// Checkpoints; says whether all of the WAL is in the file then. Does nothing if a file is lost, so that the close does it.
    fn checkpoint(&self, connection: &Connection, how: &str) -> bool {
        if self.presence.check().is_err() {
            return false;
        }
        // What is committed from now on may be left out. If it fails, the next one is due as if it had not.
        self.checkpointed.store(self.written(), Ordering::Relaxed);
        let done = connection.prepare_cached(how).and_then(|mut statement| {
            let done = statement.query_row([], |row| {
                Ok((row.get::<_, bool>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
            });
            done.map_err(errors::recognize_full)
        });
        match done {
            // Somebody else does it.
            Ok((true, ..0, _)) => false,
            Ok((busy, pages, moved)) => {
                self.put_off.store(0, Ordering::Relaxed);
                self.held_back.store(moved < pages, Ordering::Relaxed);
                if moved == pages {
                    // The next commit may begin it again.
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
                tracing::error!(%place, %error, "a checkpoint failed: the job takes no more writes");
                self.fail_untold(Arc::new(error));
                false
            }
        }
    }

    /// Closes the checkpointer's connection if it isn't used; says how many were closed.
    pub(crate) fn close_idle(&self) -> usize {
        let idle =
            self.checkpoints.try_lock().and_then(|mut checkpoints| checkpoints.connection.take());
        usize::from(idle.is_some())
    }

    /// Says, but not each time, that a checkpoint has to be tried again later.
    fn put_off(&self, error: &impl std::fmt::Display) {
        let tries = self.put_off.fetch_add(1, Ordering::Relaxed) + 1;
        if tries.is_power_of_two() {
            let place = &self.file.place;
            tracing::warn!(%place, %error, tries, "a checkpoint is put off: the WAL stays, and grows, until there is one");
        }
    }

    /// No checkpoint begins any more, none is under way, and the checkpointer's connection is closed.
    pub(crate) fn end(&self) {
        let mut checkpoints = self.alone();
        checkpoints.ended = true;
        checkpoints.connection = None;
    }

    /// For the writer's close, after the [`end`](Self::end): moves all and cuts the WAL off.
    ///
    /// # Errors
    ///
    /// If that fails otherwise than by another process that still reads; or why nothing could be written, if that was not reported
    /// before. Also that a file is lost, unless all rows are in the database and that has its name.
    pub(crate) fn finish(&self, writing: &Connection) -> Result<(), Error> {
        if self.failure().is_some() {
            return self.untold_failure().map_or_else(|| self.presence.check(), Err);
        }
        let lost = self.presence.check();
        // What a lost WAL holds is nowhere else.
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

/// Sets a flag; says whether it wasn't set.
fn raise(flag: &AtomicBool) -> bool {
    // Most often it is, and then nothing has to be written.
    !flag.load(Ordering::SeqCst) && !flag.swap(true, Ordering::SeqCst)
}
