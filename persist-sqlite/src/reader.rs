use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use parking_lot::{Condvar, Mutex, MutexGuard};
use persist_core::port::{Page, PageRequest, Reader, Snapshot, Span, Stop};
use persist_core::{BackupProgress, CheckReport, Error, StorageStats};
use rusqlite::Connection;

use crate::budget::Purpose;
use crate::claim::{Claim, Claimed};
use crate::job_file::JobFile;
use crate::settings::Settings;
use crate::snapshot::{SharedConnection, SqliteSnapshot};
use crate::wal::Wal;
use crate::writing::Writing;
use crate::{backup, budget, check, connection, errors, queries, schema, storage};

/// How many connections are kept for the next read. Above it they are closed after use.
const KEPT: usize = 4;

/// The reading side of a job: connections for whoever reads, on any thread. Nobody waits for one.
pub(crate) struct SqliteReader(Arc<Connections>);

pub(crate) struct Connections {
    pub(crate) file: JobFile,
    settings: Settings,
    /// The writer's, and of each connection that is open.
    claim: Weak<Claim>,
    /// None where nobody writes.
    wal: Option<Arc<Wal>>,
    /// The writer's, between two writes and during one; none while the job is idle, or where nobody writes.
    writing: Mutex<Option<Writing>>,
    /// When there was a read or a write, by the time of the budget.
    last_used: AtomicU64,
    state: Mutex<State>,
    returned: Condvar,
}

#[derive(Default)]
struct State {
    idle: Vec<Claimed>,
    /// How many point reads are under way.
    lent: usize,
    /// The connections of snapshots, which may idle and so are taken away at the close.
    snapshots: Vec<Weak<SharedConnection>>,
    closed: bool,
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
            wal,
            writing: Mutex::new(writing),
            last_used: AtomicU64::new(budget::now()),
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
        move || stop.is_set() || connections.state.lock().closed
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
        self.0.with_own(|connection| {
            backup::back_up(connection, &self.0.file.place, to, &self.ends(stop), progress)
        })
    }

    fn may_run_inline(&self) -> bool {
        true
    }

    fn close(&self) {
        self.0.close();
    }
}

impl Connections {
    /// Runs a single statement on a connection of its own.
    fn lend<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, Error> {
        let connection = self.take()?;
        let result = read(&connection);
        self.give_back(connection);
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

    /// How many connections are open.
    fn count(&self) -> usize {
        let state = self.state.lock();
        let is_open = |snapshot: &&Weak<SharedConnection>| snapshot.strong_count() > 0;
        state.idle.len() + state.lent + state.snapshots.iter().filter(is_open).count()
    }

    /// A connection that nobody else uses: a kept one, or a new one.
    fn take(&self) -> Result<Claimed, Error> {
        self.touch();
        let kept = {
            let mut state = self.state.lock();
            if state.closed {
                return Err(self.closed());
            }
            state.lent += 1;
            state.idle.pop()
        };
        let connection = kept.map_or_else(|| self.open_job(), Ok);
        if connection.is_err() {
            self.one_returned(None);
        }
        connection
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
    fn open_job(&self) -> Result<Claimed, Error> {
        let connection = self.open()?;
        schema::expect_job(&connection, &self.file.place)?;
        Ok(connection)
    }

    fn give_back(&self, connection: Claimed) {
        // Closed outside of the lock, if it is one too many.
        drop(self.one_returned(Some(connection)));
    }

    /// Counts a lent connection as returned; gives it to be closed if it isn't kept.
    fn one_returned(&self, connection: Option<Claimed>) -> Option<Claimed> {
        let mut state = self.state.lock();
        let surplus = match connection {
            Some(connection) if !state.closed && state.idle.len() < KEPT => {
                state.idle.push(connection);
                None
            }
            surplus => surplus,
        };
        if surplus.is_some() && state.closed {
            // The one who closes waits until it is closed indeed.
            drop(state);
            drop(surplus);
            state = self.state.lock();
            state.lent -= 1;
            self.returned.notify_all();
            return None;
        }
        state.lent -= 1;
        self.returned.notify_all();
        surplus
    }

    /// A connection for a snapshot, known here so that a close can take it away.
    pub(crate) fn take_for_snapshot(&self) -> Result<Arc<SharedConnection>, Error> {
        let shared = Arc::new(SharedConnection::new(self.take()?));
        let mut state = self.state.lock();
        state.lent -= 1;
        self.returned.notify_all();
        if state.closed {
            return Err(self.closed());
        }
        state.snapshots.retain(|snapshot| snapshot.strong_count() > 0);
        state.snapshots.push(Arc::downgrade(&shared));
        Ok(shared)
    }

    /// Keeps a snapshot's connection for the next read.
    pub(crate) fn keep(&self, connection: Claimed) {
        let mut state = self.state.lock();
        if !state.closed && state.idle.len() < KEPT {
            state.idle.push(connection);
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
        self.last_used.store(budget::now(), Ordering::Relaxed);
    }

    /// When there was a read or a write, by the time of the budget.
    pub(crate) fn last_used(&self) -> u64 {
        self.last_used.load(Ordering::Relaxed)
    }

    /// Closes the connections that nobody uses, the writer's too unless it keeps others out; says how many.
    pub(crate) fn close_idle(&self) -> usize {
        let mut state = self.state.lock();
        let idle = std::mem::take(&mut state.idle);
        // The one who closes the job waits for it.
        state.lent += 1;
        drop(state);
        let mut closed = idle.len();
        drop(idle);
        self.one_returned(None);
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

    /// Waits for the reads that run, and closes every connection but the writer's.
    fn close(&self) {
        let mut state = self.state.lock();
        state.closed = true;
        let idle = std::mem::take(&mut state.idle);
        let snapshots = std::mem::take(&mut state.snapshots);
        while state.lent > 0 {
            self.returned.wait(&mut state);
        }
        drop(state);
        drop(idle);
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

/// A connection that is counted as lent until it is dropped, also by a panic of what uses it.
struct Lent<'a>(&'a Connections);

impl<'a> Lent<'a> {
    fn one_of(connections: &'a Connections) -> Result<Self, Error> {
        let mut state = connections.state.lock();
        if state.closed {
            return Err(connections.closed());
        }
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
