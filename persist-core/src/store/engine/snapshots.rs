use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::store::base::bounds::Span;
use crate::store::base::config::Config;
use crate::store::base::error::{Error, Place};
use crate::store::base::sync::Mutex;
use crate::store::base::sync::atomic::{AtomicU64, Ordering};
use crate::store::port::page::Page;
use crate::store::port::read::{PageRequest, Reader, Snapshot};

/// The snapshots of a job that are in use, so that those can be ended that have been for too long, or while too much was
/// written: what they hold back of the database can't be tidied up, and who has begun a scan may never come back to it.
#[derive(Debug)]
pub(crate) struct Snapshots {
    place: Place,
    timeout: Duration,
    limit_bytes: u64,
    /// How much the commits have logged so far.
    logged_bytes: AtomicU64,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    begun: u64,
    /// By number, so that the oldest come first.
    held: BTreeMap<u64, Arc<Held>>,
}

struct Held {
    begun: Instant,
    /// How much was logged before.
    logged_before: u64,
    /// None once it has expired. Locked while it is read from.
    snapshot: Mutex<Option<Box<dyn Snapshot + Send>>>,
}

/// A snapshot that ends when it is too old. Dropping it ends the read.
pub(crate) struct Lease {
    snapshots: Arc<Snapshots>,
    number: u64,
    held: Arc<Held>,
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

    /// Takes a snapshot, and ends those that have expired.
    ///
    /// # Errors
    ///
    /// As the backend finds.
    pub(crate) fn begin(self: &Arc<Self>, reader: &dyn Reader) -> Result<Lease, Error> {
        self.end_expired();
        let logged_before = self.logged_bytes.load(Ordering::Relaxed);
        let snapshot = Mutex::new(Some(reader.begin_read()?));
        let held = Arc::new(Held { begun: Instant::now(), logged_before, snapshot });
        let mut open = self.open.lock();
        open.begun += 1;
        let number = open.begun;
        open.held.insert(number, Arc::clone(&held));
        drop(open);
        Ok(Lease { snapshots: Arc::clone(self), number, held, used: false })
    }

    /// After a commit: ends the snapshots that have expired.
    pub(crate) fn end_held_up(&self, logged_bytes: u64) {
        self.logged_bytes.store(logged_bytes, Ordering::Relaxed);
        self.end_expired();
    }

    /// Ends the snapshots that have expired, except those that are being read from right now: they find out with
    /// the next page.
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
        // The reads end here, when nobody waits for the lock any more.
        drop(open);
    }

    fn has_expired(&self, held: &Held) -> bool {
        let logged = self.logged_bytes.load(Ordering::Relaxed);
        held.begun.elapsed() >= self.timeout
            || logged.saturating_sub(held.logged_before) > self.limit_bytes
    }
}

impl Lease {
    /// Reads, unless it has expired. What was not used yet is still good for one read: so a scan that goes on where
    /// another expired gets further each time, however short the limit.
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
    fn get(&mut self, category: &[u8], key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        self.read(|snapshot| snapshot.get(category, key))
    }

    fn exists(&mut self, category: &[u8], key: &[u8]) -> Result<bool, Error> {
        self.read(|snapshot| snapshot.exists(category, key))
    }

    fn count(&mut self, category: &[u8], span: Span<'_>) -> Result<u64, Error> {
        self.read(|snapshot| snapshot.count(category, span))
    }

    fn categories(&mut self) -> Result<Vec<Vec<u8>>, Error> {
        self.read(|snapshot| snapshot.categories())
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
