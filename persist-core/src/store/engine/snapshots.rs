//! Snapshots that expire.
//!
//! While a snapshot is held, the database cannot reclaim the log of later commits (in SQLite, the WAL), and a caller that began a
//! scan may never come back to it. So every snapshot is held through a [`Lease`], and its job lists it. It goes through these
//! states:
//!
//! 1. Held: the lease reads from it. It may be expired already: too old, or too much was written since it began.
//! 2. Released: the thread that released it has taken it out of [`Held`]. That thread is the worker (or a caller in its place)
//!    after a commit, a caller that takes another snapshot, or the lease itself, at its next read or when it is dropped. Later
//!    reads return [`Error::SnapshotExpired`].
//!
//! The lock of [`Open`] guards the list. The lock of a [`Held`] guards its snapshot, and is held for the duration of a read. A
//! thread that holds the list's lock only tries to lock a snapshot, so neither a commit nor another caller waits for a read. A
//! snapshot that is in use is skipped, and expires after its current page. A released snapshot ends its read without the list's
//! lock held.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::store::base::bounds::Span;
use crate::store::base::category::{Category, Space};
use crate::store::base::config::Config;
use crate::store::base::error::{Error, Place};
use crate::store::base::sync::Mutex;
use crate::store::base::sync::atomic::{AtomicU64, Ordering};
use crate::store::port::page::Page;
use crate::store::port::read::{PageRequest, Reader, Snapshot};
use crate::store::port::stop::Stop;

/// The open snapshots of a job, and the limits after which they expire.
#[derive(Debug)]
pub(crate) struct Snapshots {
    place: Place,
    timeout: Duration,
    limit_bytes: u64,
    /// The bytes that the job's commits have logged so far, as counted by the writer.
    logged_bytes: AtomicU64,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    /// The number of snapshots that were begun.
    begun: u64,
    /// The snapshots by number, so that the oldest come first.
    held: BTreeMap<u64, Arc<Held>>,
}

/// A snapshot in the list of its job, shared with its lease.
struct Held {
    begun: Instant,
    /// The bytes that had been logged before the snapshot began.
    logged_before: u64,
    /// `None` once the snapshot was released. It is locked during a read.
    snapshot: Mutex<Option<Box<dyn Snapshot + Send>>>,
}

/// A snapshot that may expire. Dropping it removes it from the list and ends its read.
pub(crate) struct Lease {
    snapshots: Arc<Snapshots>,
    number: u64,
    held: Arc<Held>,
    /// Whether the lease has been read from.
    used: bool,
}

impl Snapshots {
    pub(crate) fn new(place: Place, config: &Config) -> Self {
        Self {
            place,
            timeout: config.snapshot_timeout,
            limit_bytes: config.snapshot_limit_bytes,
            logged_bytes: AtomicU64::new(0),
            open: Mutex::default(),
        }
    }

    /// Takes a snapshot, and releases those that have expired.
    ///
    /// # Errors
    ///
    /// The errors of [`Reader::begin_read_for`].
    pub(crate) fn begin(self: &Arc<Self>, reader: &dyn Reader) -> Result<Lease, Error> {
        self.end_expired();
        let logged_before = self.logged_bytes.load(Ordering::Relaxed);
        let snapshot = Mutex::new(Some(reader.begin_read_for(self.timeout)?));
        let held = Arc::new(Held { begun: Instant::now(), logged_before, snapshot });
        let mut open = self.open.lock();
        open.begun += 1;
        let number = open.begun;
        open.held.insert(number, Arc::clone(&held));
        drop(open);
        Ok(Lease { snapshots: Arc::clone(self), number, held, used: false })
    }

    /// Releases the snapshots that have expired. The committing thread calls it after each commit, with the new
    /// [`logged_bytes`](crate::store::port::write::Writer::logged_bytes).
    pub(crate) fn end_held_up(&self, logged_bytes: u64) {
        self.logged_bytes.store(logged_bytes, Ordering::Relaxed);
        self.end_expired();
    }

    /// Releases the snapshots that have expired, except those that are being read: their leases find out at the next read.
    fn end_expired(&self) {
        let mut ended = Vec::new();
        let mut open = self.open.lock();
        let old = open.held.iter().take_while(|(_, held)| self.has_expired(held));
        for (&number, held) in old {
            if let Some(mut snapshot) = held.snapshot.try_lock() {
                ended.push((number, snapshot.take()));
            }
        }
        for (number, _) in &ended {
            open.held.remove(number);
        }
        // Ending a read may take the backend some time, so the snapshots are dropped after the list is unlocked.
        drop(open);
    }

    fn has_expired(&self, held: &Held) -> bool {
        let logged = self.logged_bytes.load(Ordering::Relaxed);
        held.begun.elapsed() >= self.timeout
            || logged.saturating_sub(held.logged_before) > self.limit_bytes
    }
}

impl Lease {
    /// Reads from the snapshot, unless it has expired.
    ///
    /// The first read does not check the limits. So a scan that resumes where an expired one stopped makes progress every time,
    /// even if the limits are very low.
    ///
    /// # Errors
    ///
    /// [`Error::SnapshotExpired`]; the errors of `read`.
    fn read<T>(
        &mut self,
        read: impl FnOnce(&mut dyn Snapshot) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut snapshot = self.held.snapshot.lock();
        if self.used && self.snapshots.has_expired(&self.held) {
            *snapshot = None;
        }
        self.used = true;
        match &mut *snapshot {
            Some(snapshot) => read(&mut **snapshot),
            None => Err(Error::SnapshotExpired { place: self.snapshots.place.clone() }),
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.snapshots.open.lock().held.remove(&self.number);
    }
}

impl Snapshot for Lease {
    fn get(&mut self, category: Category<'_>, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        self.read(|snapshot| snapshot.get(category, key))
    }

    fn get_many(
        &mut self,
        category: Category<'_>,
        keys: &[&[u8]],
    ) -> Result<Vec<Option<Vec<u8>>>, Error> {
        self.read(|snapshot| snapshot.get_many(category, keys))
    }

    fn exists(&mut self, category: Category<'_>, key: &[u8]) -> Result<bool, Error> {
        self.read(|snapshot| snapshot.exists(category, key))
    }

    fn count(&mut self, category: Category<'_>, span: Span<'_>, stop: &Stop) -> Result<u64, Error> {
        self.read(|snapshot| snapshot.count(category, span, stop))
    }

    fn categories(&mut self, space: Space) -> Result<Vec<Vec<u8>>, Error> {
        self.read(|snapshot| snapshot.categories(space))
    }

    fn page(&mut self, request: &PageRequest<'_>, page: &mut Page) -> Result<bool, Error> {
        self.read(|snapshot| snapshot.page(request, page))
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held").field("begun", &self.begun).finish_non_exhaustive()
    }
}
