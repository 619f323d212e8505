use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use parking_lot::{Condvar, Mutex, MutexGuard};
use persist_core::Error;
use persist_core::port::{Page, PageRequest, Reader, Snapshot, Span, Stop};
use persist_core::stats::{BackupProgress, CheckReport, StorageStats};
use rusqlite::Connection;

use crate::budget::Purpose;
use crate::claim::{Claim, Claimed};
use crate::job_file::JobFile;
use crate::kept::Kept;
use crate::presence::Presence;
use crate::reading::Reading;
use crate::settings::Settings;
use crate::snapshot::{SharedConnection, SqliteSnapshot};
use crate::wal::Wal;
use crate::writing::Writing;
use crate::{backup, budget, check, connection, errors, queries, schema, storage};

/// The reading side of a job: connections for whoever reads, on any thread. Nobody waits for one.
pub(crate) struct SqliteReader(Arc<Connections>);

pub(crate) struct Connections {
    pub(crate) file: JobFile,
    settings: Settings,
    /// The writer's, and of each connection that is open.
    claim: Weak<Claim>,
    presence: Arc<Presence>,
    /// None where nobody writes.
    wal: Option<Arc<Wal>>,
    /// The writer's, between two writes and during one; none while the job is idle, or where nobody writes.
    writing: Mutex<Option<Writing>>,
    /// When there was a read or a write, by the time of the budget.
    last_used: AtomicU64,
    /// For whoever reads next.
    kept: Kept,
    closed: AtomicBool,
    state: Mutex<State>,
    returned: Condvar,
}

#[derive(Default)]
struct State {
    /// How much is under way that a close waits for, beside what has locked a kept connection.
    lent: usize,
    /// The connections of snapshots, which may idle and so are taken away at the close.
    snapshots: Vec<Weak<SharedConnection>>,
}

impl SqliteReader {
    pub(crate) fn new(
        file: JobFile,
        settings: Settings,
        claim: &Arc<Claim>,
        wal: Option<Arc<Wal>>,
        writing: Option<Writing>,
    ) -> Self {
        let connections = Arc::new(Connections {
            file,
            settings,
            claim: Arc::downgrade(claim),
            presence: Arc::clone(claim.presence()),
            wal,
            writing: Mutex::new(writing),
            last_used: AtomicU64::new(budget::now()),
            kept: Kept::default(),
            closed: AtomicBool::new(false),
            state: Mutex::default(),
            returned: Condvar::new(),
        });
        budget::enter(&connections);
        Self(connections)
    }

    pub(crate) fn connections(&self) -> Arc<Connections> {
        Arc::clone(&self.0)
    }

    /// Whether long work has to end: nobody waits for it any more, or the job closes.
    fn ends(&self, stop: &Stop) -> impl Fn() -> bool + Send + 'static {
        let (connections, stop) = (Arc::clone(&self.0), stop.clone());
        move || stop.is_set() || connections.check_open().is_err()
    }
}

impl Reader for SqliteReader {
    fn get(&self, category: &[u8], key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        self.0.lend(|connection| queries::get(connection, category, key))
    }

    fn exists(&self, category: &[u8], key: &[u8]) -> Result<bool, Error> {
        self.0.lend(|connection| queries::exists(connection, category, key))
    }

    fn count(&self, category: &[u8], span: Span<'_>) -> Result<u64, Error> {
        self.0.lend(|connection| queries::count(connection, category, span))
    }

    fn page(&self, request: &PageRequest<'_>, page: &mut Page) -> Result<bool, Error> {
        self.0.lend(|connection| queries::page(connection, request, page))
    }

    fn begin_read(&self) -> Result<Box<dyn Snapshot + Send>, Error> {
        Ok(Box::new(SqliteSnapshot::begin(&self.0)?))
    }

    fn storage(&self) -> Result<StorageStats, Error> {
        let connections = &self.0;
        let read_connections = connections.count();
        let free_bytes = connections.lend(storage::free_bytes)?;
        let mut storage = storage::measure(&connections.file, free_bytes, read_connections)?;
        storage.wal_held_back = connections.wal.as_ref().is_some_and(|wal| wal.is_held_back());
        Ok(storage)
    }

    fn check(&self, stop: &Stop) -> Result<CheckReport, Error> {
        self.0.with_own(|connection| check::check(connection, &self.0.file.place, self.ends(stop)))
    }

    fn backup(
        &self,
        to: &Path,
        stop: &Stop,
        progress: &mut dyn FnMut(BackupProgress),
    ) -> Result<(), Error> {
        let mut back_up = |connection: &Connection| {
            backup::back_up(connection, &self.0.file.place, to, &self.ends(stop), progress)
        };
        match self.0.presence.check() {
            Ok(()) => self.0.with_own(|connection| back_up(connection)),
            Err(lost) => self.0.with_opened(back_up, lost),
        }
    }

    fn may_run_inline(&self) -> bool {
        true
    }

    fn close(&self) {
        self.0.close();
    }
}

impl Connections {
    /// Runs a single statement on a connection that nobody else uses meanwhile.
    fn lend<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, Error> {
        self.touch();
        self.presence.expect_whole()?;
        let result = match self.kept.free() {
            Some(mut slot) => {
                self.check_open()?;
                let reading = match &mut *slot {
                    Some(reading) => reading,
                    empty => empty.insert(self.open_job()?),
                };
                if let Err(error) = reading.check_schema_sometimes(&self.file.place) {
                    // So that the next read opens a connection, and is refused too.
                    *slot = None;
                    return Err(error);
                }
                read(reading)
            }
            None => {
                let _lent = Lent::one_of(self)?;
                read(&*self.open_job()?)
            }
        };
        result.map_err(|error| errors::from_sqlite(&self.file.place, error))
    }

    /// Runs long work on a connection that is opened for it, so that the kept ones keep their caches. A close waits
    /// for it, so it has to end soon when there is one.
    fn with_own<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let _lent = Lent::one_of(self)?;
        let mut connection = self.open()?;
        work(&mut connection)
    }

    /// Runs work on a connection that was opened before a file was lost, and so still has all files open. The writer's is the
    /// best one, since no write needs it any more.
    fn with_opened(
        &self,
        work: impl FnOnce(&Connection) -> Result<(), Error>,
        lost: Error,
    ) -> Result<(), Error> {
        let _lent = Lent::one_of(self)?;
        let writing = self.writing();
        let kept = self.kept.free();
        let kept = kept.as_ref().and_then(|kept| kept.as_deref());
        let connection = writing.as_ref().map(Writing::connection).or(kept).ok_or(lost)?;
        let done = work(connection);
        if !connection.is_autocommit() {
            connection
                .execute_batch("ROLLBACK")
                .map_err(|error| errors::from_sqlite(&self.file.place, error))?;
        }
        done
    }

    /// How many connections are open.
    fn count(&self) -> usize {
        let state = self.state.lock();
        let is_open = |snapshot: &&Weak<SharedConnection>| snapshot.strong_count() > 0;
        self.kept.count() + state.lent + state.snapshots.iter().filter(is_open).count()
    }

    fn open(&self) -> Result<Claimed, Error> {
        let claim = self.claim.upgrade().ok_or_else(|| self.closed())?;
        connection::again(
            &self.file,
            self.settings,
            &claim,
            Purpose::Other,
            connection::for_reading,
        )
    }

    /// Opens a connection for rows, so the file has to be a job's.
    fn open_job(&self) -> Result<Reading, Error> {
        let connection = self.open()?;
        let versions = schema::expect_job(&connection, &self.file.place)?;
        Ok(Reading::new(connection, versions))
    }

    /// A connection for a snapshot, known here so that a close can take it away.
    pub(crate) fn take_for_snapshot(&self) -> Result<Arc<SharedConnection>, Error> {
        self.touch();
        self.presence.expect_whole()?;
        let _lent = Lent::one_of(self)?;
        let connection = self.kept.take().map_or_else(|| self.open_job(), Ok)?;
        let shared = Arc::new(SharedConnection::new(connection));
        let mut state = self.state.lock();
        state.snapshots.retain(|snapshot| snapshot.strong_count() > 0);
        state.snapshots.push(Arc::downgrade(&shared));
        Ok(shared)
    }

    /// Keeps a snapshot's connection for the next read.
    pub(crate) fn keep(&self, connection: Reading) {
        if let Some(mut slot) = self.kept.empty()
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

    /// The connection that writes.
    pub(crate) fn writing(&self) -> MutexGuard<'_, Option<Writing>> {
        self.writing.lock()
    }

    /// Notes that the job is used now.
    pub(crate) fn touch(&self) {
        let now = budget::now();
        // Most often it is, and then the threads that read share what they don't change.
        if self.last_used() != now {
            self.last_used.store(now, Ordering::Relaxed);
        }
    }

    /// When there was a read or a write, by the time of the budget.
    pub(crate) fn last_used(&self) -> u64 {
        self.last_used.load(Ordering::Relaxed)
    }

    /// Closes the connections that nobody uses, the writer's too unless it keeps others out; says how many.
    pub(crate) fn close_idle(&self) -> usize {
        // Who closes the job waits for it.
        let Ok(_lent) = Lent::one_of(self) else { return 0 };
        // The rows of a lost file are nowhere else.
        if self.presence.check().is_err() {
            return 0;
        }
        let mut closed = self.kept.take_unused().into_iter().flatten().count();
        closed += self.wal.as_ref().map_or(0, |wal| wal.close_idle());
        if !self.settings.exclusive {
            let writing = self.writing.try_lock().and_then(|mut writing| writing.take());
            closed += usize::from(writing.is_some());
        }
        closed
    }

    pub(crate) fn closed(&self) -> Error {
        Error::Closed { what: self.file.place.to_string() }
    }

    /// # Errors
    ///
    /// [`Error::Closed`] once the close has begun. Who asks and then uses a kept connection, has locked it before.
    fn check_open(&self) -> Result<(), Error> {
        if self.closed.load(Ordering::Acquire) { Err(self.closed()) } else { Ok(()) }
    }

    /// Waits for the reads that run, and closes every connection but the writer's.
    fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.kept.close();
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

impl Drop for Connections {
    fn drop(&mut self) {
        budget::leave(self);
    }
}

/// What is counted as lent until it is dropped, also by a panic.
struct Lent<'a>(&'a Connections);

impl<'a> Lent<'a> {
    fn one_of(connections: &'a Connections) -> Result<Self, Error> {
        let mut state = connections.state.lock();
        // Under the lock, so that a close either has to wait or was seen.
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
