//! All connections of an open job: for reads, for snapshots, and the one that writes.
//!
//! # States
//!
//! A connection for reads is free in the pool ([`ReadPool`]), locked there by the thread that reads, or taken out of the pool by a
//! snapshot. If the pool has no free slot, a connection is opened for a single read, as it is for long work such as a backup. The
//! connection that writes is in its slot, which the committing thread locks. The slot may be empty while the job is idle.
//!
//! # Close
//!
//! `closed` is set first. A read checks it after it has locked a slot of the pool, and any other use checks it under the lock of
//! `state`, where it is counted as lent. So the close, which locks each slot and then waits until nothing is lent, has waited for each
//! use that did not see the flag. A snapshot may stay idle for long, so the close takes its connection away instead of waiting.
//!
//! # Locks
//!
//! A slot of the pool or of the writer may be locked while a permit is acquired, which may close idle connections of other jobs, and
//! of this one. So [`Idle::close_idle`] only tries these locks. `state` is locked for a few instructions, and no other lock is taken
//! meanwhile, except that counting the connections tries the slots of the pool.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use parking_lot::{Condvar, MappedMutexGuard, Mutex, MutexGuard};
use persist_core::Error;
use persist_core::port::Stop;
use rusqlite::Connection;

use crate::base::errors;
use crate::connection::budget::{self, Idle, Purpose};
use crate::connection::job_connection::JobConnection;
use crate::connection::open;
use crate::connection::settings::Settings;
use crate::file::claim::Claim;
use crate::file::job_file::JobFile;
use crate::file::presence::Presence;
use crate::file::schema;
use crate::pool::read_connection::ReadConnection;
use crate::pool::read_pool::ReadPool;
use crate::pool::write_connection::WriteConnection;
use crate::wal::checkpoints::Wal;

/// All connections of an open job, shared by its reader, its writer and its snapshots.
pub(crate) struct Connections {
    file: JobFile,
    settings: Settings,
    /// The claim that the writer and each open connection hold.
    claim: Weak<Claim>,
    presence: Arc<Presence>,
    /// `None` if the store is read-only.
    wal: Option<Arc<Wal>>,
    /// The connection that writes. It may be closed while the job is idle. `None` too if the store is read-only.
    writing: Mutex<Option<WriteConnection>>,
    /// The time of the last read or write on the budget's clock.
    last_used: AtomicU64,
    /// The connections for the next reads.
    reading: ReadPool,
    closed: AtomicBool,
    state: Mutex<State>,
    /// Notified whenever `state.lent` is decreased.
    returned: Condvar,
}

#[derive(Default)]
struct State {
    /// The number of uses that a close waits for, without the reads that have locked a slot of the pool.
    lent: usize,
    /// The connections of snapshots, which the close takes away.
    snapshots: Vec<Weak<SnapshotConnection>>,
}

/// The connection of a snapshot, which the close of the job may take away.
pub(crate) struct SnapshotConnection(Mutex<Option<ReadConnection>>);

impl SnapshotConnection {
    fn new(connection: ReadConnection) -> Self {
        Self(Mutex::new(Some(connection)))
    }

    /// Locks the connection, unless it was taken away.
    pub(crate) fn lock(&self) -> Option<MappedMutexGuard<'_, ReadConnection>> {
        MutexGuard::try_map(self.0.lock(), Option::as_mut).ok()
    }

    pub(crate) fn take(&self) -> Option<ReadConnection> {
        self.0.lock().take()
    }
}

impl Connections {
    /// Collects the connections of a job. `wal` and `writing` are `None` if the store is read-only.
    pub(crate) fn new(
        file: JobFile,
        settings: Settings,
        claim: &Arc<Claim>,
        wal: Option<Arc<Wal>>,
        writing: Option<WriteConnection>,
    ) -> Arc<Self> {
        let connections = Arc::new(Self {
            file,
            settings,
            claim: Arc::downgrade(claim),
            presence: Arc::clone(claim.presence()),
            wal,
            writing: Mutex::new(writing),
            last_used: AtomicU64::new(budget::now()),
            reading: ReadPool::default(),
            closed: AtomicBool::new(false),
            state: Mutex::default(),
            returned: Condvar::new(),
        });
        budget::enter(Arc::downgrade(&connections) as Weak<dyn Idle>);
        connections
    }

    /// Runs a single statement on a connection that no other thread uses meanwhile.
    pub(crate) fn lend<T>(
        &self,
        read: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        self.touch();
        self.presence.expect_whole()?;
        let result = match self.reading.free() {
            Some(mut slot) => {
                self.check_open()?;
                let reading = match &mut *slot {
                    Some(reading) => reading,
                    empty => empty.insert(self.open_job()?),
                };
                if let Err(error) = reading.check_schema_sometimes(&self.file.place) {
                    // The next read opens a connection, and is refused too.
                    *slot = None;
                    return Err(error);
                }
                read(reading)
            }
            None => {
                let _lent = Lent::one_of(self)?;
                read(&mut *self.open_job()?)
            }
        };
        result.map_err(|error| errors::from_sqlite(&self.file.place, error))
    }

    /// Runs long work on a connection that is opened for it, so that the connections in the pool keep their caches. A close waits for
    /// the work, which therefore has to end soon after a close has begun.
    pub(crate) fn with_own<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let _lent = Lent::one_of(self)?;
        let mut connection = self.open()?;
        work(&mut connection)
    }

    /// Runs work on a connection that was opened before a file was lost, and so still has all files open. The writer's connection is
    /// used if it is open, since no write needs it any more.
    pub(crate) fn with_opened(
        &self,
        work: impl FnOnce(&Connection) -> Result<(), Error>,
        lost: Error,
    ) -> Result<(), Error> {
        let _lent = Lent::one_of(self)?;
        let writing = self.writing();
        let reading = self.reading.free();
        let reading = reading.as_ref().and_then(|reading| reading.as_deref());
        let connection =
            writing.as_ref().map(WriteConnection::connection).or(reading).ok_or(lost)?;
        let done = work(connection);
        if !connection.is_autocommit() {
            connection
                .execute_batch("ROLLBACK")
                .map_err(|error| errors::from_sqlite(&self.file.place, error))?;
        }
        done
    }

    /// Returns the number of open connections for reads.
    pub(crate) fn count(&self) -> usize {
        let state = self.state.lock();
        let is_open = |snapshot: &&Weak<SnapshotConnection>| snapshot.strong_count() > 0;
        self.reading.count() + state.lent + state.snapshots.iter().filter(is_open).count()
    }

    fn open(&self) -> Result<JobConnection, Error> {
        let claim = self.claim.upgrade().ok_or_else(|| self.closed())?;
        JobConnection::open(&self.file, self.settings, &claim, Purpose::Other, open::for_reading)
    }

    /// Opens a connection that reads rows, after checking that the file has a job's schema.
    fn open_job(&self) -> Result<ReadConnection, Error> {
        let connection = self.open()?;
        let versions = schema::expect_job(&connection, &self.file.place)?;
        Ok(ReadConnection::new(connection, versions))
    }

    /// Returns a connection for a snapshot, from the pool if it has a free one, and lists it for the close.
    pub(crate) fn take_for_snapshot(&self) -> Result<Arc<SnapshotConnection>, Error> {
        self.touch();
        self.presence.expect_whole()?;
        let _lent = Lent::one_of(self)?;
        let connection = self.reading.take().map_or_else(|| self.open_job(), Ok)?;
        let shared = Arc::new(SnapshotConnection::new(connection));
        let mut state = self.state.lock();
        state.snapshots.retain(|snapshot| snapshot.strong_count() > 0);
        state.snapshots.push(Arc::downgrade(&shared));
        Ok(shared)
    }

    /// Returns a snapshot's connection to the pool. If the pool is full or the job closes, the connection is closed.
    pub(crate) fn keep(&self, connection: ReadConnection) {
        if let Some(mut slot) = self.reading.empty()
            && self.check_open().is_ok()
        {
            *slot = Some(connection);
        }
    }

    pub(crate) fn file(&self) -> &JobFile {
        &self.file
    }

    pub(crate) fn settings(&self) -> Settings {
        self.settings
    }

    pub(crate) fn presence(&self) -> &Presence {
        &self.presence
    }

    /// Returns whether the last checkpoint left pages in the WAL, since a reader held an older snapshot.
    pub(crate) fn is_wal_held_back(&self) -> bool {
        self.wal.as_ref().is_some_and(|wal| wal.is_held_back())
    }

    /// Locks the slot of the connection that writes.
    pub(crate) fn writing(&self) -> MutexGuard<'_, Option<WriteConnection>> {
        self.writing.lock()
    }

    /// Records that the job is used now.
    pub(crate) fn touch(&self) {
        let now = budget::now();
        // In most cases the time is the same, and then threads that read at once share a cache line that none of them changes.
        if self.last_used.load(Ordering::Relaxed) != now {
            self.last_used.store(now, Ordering::Relaxed);
        }
    }

    pub(crate) fn closed(&self) -> Error {
        Error::Closed { what: self.file.place.to_string() }
    }

    /// Checks that the close has not begun. A caller that then uses a connection of the pool must have locked its slot before.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`].
    pub(crate) fn check_open(&self) -> Result<(), Error> {
        if self.closed.load(Ordering::Acquire) { Err(self.closed()) } else { Ok(()) }
    }

    /// Returns a function that is true once long work has to end: its caller does not wait for it any more, or the job closes.
    pub(crate) fn ends(self: &Arc<Self>, stop: &Stop) -> impl Fn() -> bool + Send + 'static {
        let (connections, stop) = (Arc::clone(self), stop.clone());
        move || stop.is_set() || connections.check_open().is_err()
    }

    /// Waits for the reads that are under way, and closes all connections except the writer's.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.reading.close();
        let mut state = self.state.lock();
        while state.lent > 0 {
            self.returned.wait(&mut state);
        }
        let snapshots = std::mem::take(&mut state.snapshots);
        drop(state);
        for snapshot in snapshots.iter().filter_map(Weak::upgrade) {
            drop(snapshot.take());
        }
    }
}

impl Idle for Connections {
    fn last_used(&self) -> u64 {
        self.last_used.load(Ordering::Relaxed)
    }

    /// Closes the connections that no thread uses, including the writer's unless the job is exclusive.
    fn close_idle(&self) -> usize {
        // A close of the job waits for this.
        let Ok(_lent) = Lent::one_of(self) else { return 0 };
        // If a file of the job is lost, these connections may have the only copy of its rows.
        if self.presence.check().is_err() {
            return 0;
        }
        let mut closed = self.reading.take_unused().into_iter().flatten().count();
        closed += self.wal.as_ref().map_or(0, |wal| wal.close_idle());
        // The writer's connection is what keeps other processes out of an exclusive job.
        if !self.settings.exclusive {
            let writing = self.writing.try_lock().and_then(|mut writing| writing.take());
            closed += usize::from(writing.is_some());
        }
        closed
    }
}

impl Drop for Connections {
    fn drop(&mut self) {
        budget::leave(self);
    }
}

/// A use that is counted as lent until it is dropped, also by a panic.
struct Lent<'a>(&'a Connections);

impl<'a> Lent<'a> {
    fn one_of(connections: &'a Connections) -> Result<Self, Error> {
        let mut state = connections.state.lock();
        // Under the lock, so that this sees the close, or the close sees the count.
        connections.check_open()?;
        state.lent += 1;
        Ok(Self(connections))
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        self.0.state.lock().lent -= 1;
        self.0.returned.notify_all();
    }
}
