//! The backend in memory.
//!
//! Two locks protect the rows of a job. `writing` is held for a whole commit or transaction, so that writers take turns. `rows` is
//! held while a group is applied, and briefly to clone or replace the rows. A transaction's closure runs without it, so reads don't
//! wait for the closure.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::ops::Bound;
use std::path::Path;
use std::sync::Arc;

use crate::store::base::bounds::Span;
use crate::store::base::category::{Category, Space};
use crate::store::base::error::{Error, Place};
use crate::store::base::op::Op;
use crate::store::base::reports::{BackupProgress, CheckReport, StorageStats};
use crate::store::base::sync::Mutex;
use crate::store::base::sync::atomic::{AtomicBool, Ordering};
use crate::store::port::backend::{Backend, Location, OpenOptions, OpenedJob};
use crate::store::port::group::{Batch, Group};
use crate::store::port::maintenance::Maintenance;
use crate::store::port::page::Page;
use crate::store::port::read::{PageRequest, Reader, Snapshot};
use crate::store::port::stop::Stop;
use crate::store::port::write::{Commit, Outcome, WriteTransaction, Writer};

/// A backend that keeps its rows in memory: for tests, and for data that needs no disk.
///
/// The value owns the rows: clones share them, and they outlive a close.
///
/// ```
/// use persist_core::{Memory, Persistency, key};
///
/// let rows = Memory::new();
/// let store = Persistency::open(rows.clone())?;
/// store.open_job("alpha").wait()?.persist_put("raw", key!("a"), b"1");
/// store.close().wait()?;
///
/// let again = Persistency::open(rows)?;
/// assert_eq!(again.open_job("alpha").wait()?.count("raw", ..).wait()?, 1);
/// # Ok::<(), persist_core::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Memory(Arc<Mutex<HashMap<String, Arc<MemoryJob>>>>);

/// The categories of a job, each with its payloads by key: first those of users, then those of the engine.
///
/// Both levels are in an `Arc`, so that a snapshot is a clone of the outer one, and a commit copies only the maps that a snapshot
/// still holds.
type Rows = Arc<[BTreeMap<Vec<u8>, Arc<Keys>>; 2]>;

/// Returns the place of a space in [`Rows`].
const fn index(space: Space) -> usize {
    match space {
        Space::User => 0,
        Space::System => 1,
    }
}

/// The number of rows after which a count asks whether it shall go on.
const ROWS_PER_CHECK: u64 = 4_096;

/// The payloads of a category, by key.
type Keys = BTreeMap<Vec<u8>, Arc<[u8]>>;

#[derive(Debug)]
struct MemoryJob {
    place: Place,
    rows: Mutex<Rows>,
    /// Held by the writer during a commit or transaction, since two stores may share these rows.
    writing: Mutex<()>,
}

impl Memory {
    /// Creates a backend without any rows.
    pub fn new() -> Self {
        Self::default()
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Memory({} jobs)", self.0.lock().len())
    }
}

impl Backend for Memory {
    fn identity(&self) -> String {
        format!("memory {:p}", Arc::as_ptr(&self.0))
    }

    fn check(&self) -> Result<(), Error> {
        Ok(())
    }

    fn locate(&self, id: &str) -> Result<Location, Error> {
        if id.is_empty() {
            return Err(Error::invalid_argument(
                "a job id is empty: give it at least one character",
            ));
        }
        let identity = format!("{} {id}", self.identity());
        Ok(Location { identity, place: Place::new(id, None) })
    }

    fn open_job(&self, id: &str, _options: &OpenOptions) -> Result<OpenedJob, Error> {
        let place = self.locate(id)?.place;
        let mut jobs = self.0.lock();
        let job = jobs.entry(id.to_owned()).or_insert_with(|| {
            Arc::new(MemoryJob { place, rows: Mutex::default(), writing: Mutex::default() })
        });
        let reader = MemoryReader {
            place: job.place.clone(),
            job: Mutex::new(Some(Arc::clone(job))),
            closed: Arc::default(),
        };
        Ok(OpenedJob { writer: Box::new(MemoryWriter(Arc::clone(job))), reader: Arc::new(reader) })
    }

    fn drop_job(&self, id: &str) -> Result<bool, Error> {
        let place = self.locate(id)?.place;
        let mut jobs = self.0.lock();
        // Each writer, and each reader until it is closed, holds a reference.
        if jobs.get(id).is_some_and(|job| Arc::strong_count(job) > 1) {
            return Err(Error::Busy { place, source: None });
        }
        Ok(jobs.remove(id).is_some())
    }

    fn stored_job_ids(&self) -> Result<Vec<String>, Error> {
        let mut ids: Vec<String> = self.0.lock().keys().cloned().collect();
        ids.sort_unstable();
        Ok(ids)
    }
}

struct MemoryWriter(Arc<MemoryJob>);

impl Writer for MemoryWriter {
    fn commit(&mut self, group: &Group) -> Commit {
        let _alone = self.0.writing.lock();
        let mut rows = self.0.rows.lock();
        if !group.is_planned() && !rows[index(Space::System)].is_empty() {
            return Commit::Unplanned;
        }
        Commit::Resolved(group.batches().map(|batch| apply_batch(&mut rows, &batch)).collect())
    }

    fn sync(&mut self) -> Commit {
        Commit::Resolved(vec![Outcome::Committed { removed: 0 }])
    }

    fn transact(
        &mut self,
        run: &mut dyn FnMut(&mut dyn WriteTransaction) -> Result<(), Error>,
    ) -> Commit {
        let _alone = self.0.writing.lock();
        let rows = Arc::clone(&self.0.rows.lock());
        let mut transaction =
            MemorySnapshot { rows, place: self.0.place.clone(), closed: Arc::default() };
        let outcome = match run(&mut transaction) {
            Ok(()) => {
                *self.0.rows.lock() = transaction.rows;
                Outcome::Committed { removed: 0 }
            }
            Err(error) => Outcome::NotApplied(error),
        };
        Commit::Resolved(vec![outcome])
    }

    /// Returns 0: a snapshot keeps only the rows that existed when it began, regardless of later writes.
    fn logged_bytes(&self) -> u64 {
        0
    }

    fn close(self: Box<Self>) -> Result<(), Error> {
        Ok(())
    }
}

/// Applies a batch. The rows are locked, so no reader sees a part of the batch, and no operation can fail.
fn apply_batch(rows: &mut Rows, batch: &Batch<'_>) -> Outcome {
    Outcome::Committed { removed: batch.ops().map(|op| apply(rows, &op)).sum() }
}

/// Applies an operation, and returns the number of rows that it removed.
fn apply(rows: &mut Rows, op: &Op<'_>) -> u64 {
    match *op {
        Op::Put { category, key, payload } => {
            let categories = &mut Arc::make_mut(rows)[index(category.space)];
            let keys = categories.entry(category.name.to_vec()).or_default();
            Arc::make_mut(keys).insert(key.to_vec(), payload.into());
            0
        }
        Op::Delete { category, key } => {
            remove(rows, category, |keys| u64::from(keys.remove(key).is_some()))
        }
        Op::DeletePrefix { category, prefix } => {
            let belongs = |key: &[u8]| key.starts_with(prefix);
            remove(rows, category, |keys| remove_from(keys, prefix, belongs))
        }
        Op::DeleteRange { category, span } => {
            let belongs = |key: &[u8]| span.stop.is_none_or(|stop| key < stop);
            remove(rows, category, |keys| remove_from(keys, span.start, belongs))
        }
    }
}

/// Removes rows of a category, and the category too if it has no rows left.
fn remove(rows: &mut Rows, category: Category<'_>, remove: impl FnOnce(&mut Keys) -> u64) -> u64 {
    let categories = &mut Arc::make_mut(rows)[index(category.space)];
    let Some(keys) = categories.get_mut(category.name) else { return 0 };
    let keys = Arc::make_mut(keys);
    let removed = remove(keys);
    if keys.is_empty() {
        categories.remove(category.name);
    }
    removed
}

/// Removes the rows from `start` up to the first key that doesn't belong, and returns their number.
fn remove_from(keys: &mut Keys, start: &[u8], belongs: impl Fn(&[u8]) -> bool) -> u64 {
    let doomed: Vec<Vec<u8>> = keys
        .range::<[u8], _>((Bound::Included(start), Bound::Unbounded))
        .map(|(key, _)| key)
        .take_while(|key| belongs(key))
        .cloned()
        .collect();
    doomed.iter().filter(|key| keys.remove(*key).is_some()).count() as u64
}

struct MemoryReader {
    place: Place,
    /// `None` once the reader is closed, so that the job can be dropped.
    job: Mutex<Option<Arc<MemoryJob>>>,
    /// Whether the reader is closed; shared with its snapshots.
    closed: Arc<AtomicBool>,
}

impl MemoryReader {
    fn snapshot(&self) -> Result<MemorySnapshot, Error> {
        match &*self.job.lock() {
            Some(job) => Ok(MemorySnapshot {
                rows: Arc::clone(&job.rows.lock()),
                place: self.place.clone(),
                closed: Arc::clone(&self.closed),
            }),
            None => Err(Error::Closed { what: self.place.to_string() }),
        }
    }
}

impl Reader for MemoryReader {
    fn get(&self, category: Category<'_>, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        self.snapshot()?.get(category, key)
    }

    fn exists(&self, category: Category<'_>, key: &[u8]) -> Result<bool, Error> {
        self.snapshot()?.exists(category, key)
    }

    fn count(&self, category: Category<'_>, span: Span<'_>, stop: &Stop) -> Result<u64, Error> {
        self.snapshot()?.count(category, span, stop)
    }

    fn page(&self, request: &PageRequest<'_>, page: &mut Page) -> Result<bool, Error> {
        self.snapshot()?.page(request, page)
    }

    fn begin_read(&self) -> Result<Box<dyn Snapshot + Send>, Error> {
        Ok(Box::new(self.snapshot()?))
    }

    fn maintenance(&self) -> Option<&dyn Maintenance> {
        Some(self)
    }

    fn may_run_inline(&self) -> bool {
        true
    }

    fn close(&self) {
        self.closed.store(true, Ordering::Release);
        *self.job.lock() = None;
    }
}

/// There is nothing to check and to compact in memory, and there are no files.
impl Maintenance for MemoryReader {
    fn storage(&self) -> Result<StorageStats, Error> {
        self.snapshot().map(|_| StorageStats::default())
    }

    fn check(&self, _stop: &Stop) -> Result<CheckReport, Error> {
        self.snapshot().map(|_| CheckReport::default())
    }

    fn backup(
        &self,
        _to: &Path,
        _stop: &Stop,
        _progress: &mut dyn FnMut(BackupProgress),
    ) -> Result<(), Error> {
        let what =
            format!("a backup of {}, which is in memory: scan it and store the rows", self.place);
        Err(Error::Unsupported { what })
    }
}

struct MemorySnapshot {
    rows: Rows,
    place: Place,
    closed: Arc<AtomicBool>,
}

impl MemorySnapshot {
    fn check_open(&self) -> Result<(), Error> {
        if self.closed.load(Ordering::Acquire) { Err(self.closed()) } else { Ok(()) }
    }

    fn closed(&self) -> Error {
        Error::Closed { what: self.place.to_string() }
    }

    fn keys(&self, category: Category<'_>) -> Option<&Arc<Keys>> {
        self.rows[index(category.space)].get(category.name)
    }

    fn range(
        &self,
        category: Category<'_>,
        span: Span<'_>,
    ) -> impl DoubleEndedIterator<Item = (&Vec<u8>, &Arc<[u8]>)> {
        let stop = span.stop.map_or(Bound::Unbounded, Bound::Excluded);
        let keys = self.keys(category).filter(|_| !span.is_empty());
        keys.into_iter()
            .flat_map(move |keys| keys.range::<[u8], _>((Bound::Included(span.start), stop)))
    }
}

impl Snapshot for MemorySnapshot {
    fn get(&mut self, category: Category<'_>, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        self.check_open()?;
        Ok(self.keys(category).and_then(|keys| keys.get(key)).map(|payload| payload.to_vec()))
    }

    fn exists(&mut self, category: Category<'_>, key: &[u8]) -> Result<bool, Error> {
        self.check_open()?;
        Ok(self.keys(category).is_some_and(|keys| keys.contains_key(key)))
    }

    fn count(&mut self, category: Category<'_>, span: Span<'_>, stop: &Stop) -> Result<u64, Error> {
        let mut count = 0;
        for _ in self.range(category, span) {
            if count % ROWS_PER_CHECK == 0 {
                self.check_open()?;
                if stop.is_set() {
                    return Err(self.closed());
                }
            }
            count += 1;
        }
        self.check_open().map(|()| count)
    }

    fn categories(&mut self, space: Space) -> Result<Vec<Vec<u8>>, Error> {
        self.check_open()?;
        Ok(self.rows[index(space)].keys().cloned().collect())
    }

    fn page(&mut self, request: &PageRequest<'_>, page: &mut Page) -> Result<bool, Error> {
        self.check_open()?;
        let mut forward;
        let mut backward;
        let rows: &mut dyn Iterator<Item = _> = if request.reverse {
            backward = self.range(request.category, request.span).rev();
            &mut backward
        } else {
            forward = self.range(request.category, request.span);
            &mut forward
        };
        let (first, before) = (page.len(), page.bytes());
        for (key, payload) in rows {
            page.push(key, if request.keys_only { &[] } else { payload });
            if page.len() - first >= request.rows || page.bytes() - before >= request.bytes {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// A transaction writes to its own copy of the rows, which replaces the job's rows at the commit.
impl WriteTransaction for MemorySnapshot {
    fn apply(&mut self, op: &Op<'_>) -> Result<u64, Error> {
        Ok(apply(&mut self.rows, op))
    }
}
