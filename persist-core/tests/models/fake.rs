//! A backend in memory that records its commits. The category of a write determines its outcome.

use std::fmt;
use std::panic::resume_unwind;
use std::sync::Arc;

use persist_core::error::Place;
use persist_core::port::{
    Backend, Category, Closing, Commit, CompactStep, Completion, Group, Location, Maintenance, Op,
    OpenOptions, OpenedJob, Outcome, Page, PageRequest, Reader, Retry, Snapshot, Space, Span, Stop,
    WriteTransaction, Writer,
};
use persist_core::{Error, KeyRef, Memory};
use shuttle::rand::{Rng, thread_rng};
use shuttle::sync::atomic::{AtomicBool, Ordering};
use shuttle::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use shuttle::thread;

/// The category of writes that are committed.
pub(crate) const KEPT: &str = "kept";
/// The category of writes that are not applied, without failing the job.
pub(crate) const REFUSED: &str = "refused";
/// The category of writes during which the writer panics, before anything of their group is committed.
pub(crate) const PANICS: &str = "panics";
/// The category of writes that are committed, but after which the next snapshot that ends panics, in the engine's own
/// code.
pub(crate) const PANICS_AFTERWARDS: &str = "panics afterwards";

/// A write as its key represents it: its producer, and its number.
pub(crate) type Write = (u64, u64);

#[derive(Clone, Default)]
pub(crate) struct Fake {
    memory: Memory,
    commits: Arc<Commits>,
    /// The options of the last open.
    options: Arc<Mutex<OpenOptions>>,
}

#[derive(Default)]
struct Commits {
    writes: Mutex<Vec<Write>>,
    more: Condvar,
    /// Whether the next snapshot that ends panics.
    panics: AtomicBool,
}

impl Fake {
    /// Returns the time by which the job that was opened last has to be closed.
    pub(crate) fn closing(&self) -> Closing {
        self.options.lock().unwrap_or_else(PoisonError::into_inner).closing.clone()
    }

    /// Returns all committed writes, in order.
    pub(crate) fn committed(&self) -> Vec<Write> {
        self.commits.lock().clone()
    }

    /// Waits until `count` writes are committed, without the engine knowing about the wait.
    pub(crate) fn await_commits(&self, count: usize) {
        let mut writes = self.commits.lock();
        while writes.len() < count {
            writes = self.commits.more.wait(writes).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Commits {
    /// The threads of a model run on one thread, so a panicking one poisons the locks of the others.
    fn lock(&self) -> MutexGuard<'_, Vec<Write>> {
        self.writes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Fake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fake")
    }
}

impl Backend for Fake {
    fn identity(&self) -> String {
        self.memory.identity()
    }

    fn check(&self) -> Result<(), Error> {
        self.memory.check()
    }

    fn locate(&self, id: &str) -> Result<Location, Error> {
        self.memory.locate(id)
    }

    fn open_job(&self, id: &str, options: &OpenOptions) -> Result<OpenedJob, Error> {
        let OpenedJob { writer, reader } = self.memory.open_job(id, options)?;
        let place = self.locate(id)?.place;
        *self.options.lock().unwrap_or_else(PoisonError::into_inner) = options.clone();
        let writer = FakeWriter { lost: None, writer, commits: Arc::clone(&self.commits), place };
        let reader = FakeReader { reader, commits: Arc::clone(&self.commits) };
        Ok(OpenedJob { writer: Box::new(writer), reader: Arc::new(reader) })
    }

    fn drop_job(&self, id: &str) -> Result<bool, Error> {
        self.memory.drop_job(id)
    }

    fn stored_job_ids(&self) -> Result<Vec<String>, Error> {
        self.memory.stored_job_ids()
    }
}

struct FakeWriter {
    /// The result of the last commit, if its reply was lost.
    lost: Option<Commit>,
    writer: Box<dyn Writer>,
    commits: Arc<Commits>,
    place: Place,
}

impl FakeWriter {
    fn busy(&self) -> Error {
        Error::Busy { place: self.place.clone(), source: None }
    }

    /// Commits a batch of one put.
    fn commit_batch(&mut self, op: &Op<'_>) -> Outcome {
        let Op::Put { category, key, .. } = *op else { panic!("not a put: {op:?}") };
        if category.name == REFUSED.as_bytes() {
            let place = self.place.clone();
            return Outcome::NotApplied(Error::DiskFull { place, source: None });
        }
        let mut alone = Group::default();
        alone.push(&[*op]);
        let Commit::Resolved(mut outcomes) = self.writer.commit(&alone) else {
            panic!("no other process writes")
        };
        let write = KeyRef::from_bytes(key).decode().expect("a key of a model");
        self.commits.lock().push(write);
        self.commits.more.notify_all();
        if category.name == PANICS_AFTERWARDS.as_bytes() {
            self.commits.panics.store(true, Ordering::Relaxed);
        }
        outcomes.remove(0)
    }
}

impl Writer for FakeWriter {
    fn commit(&mut self, group: &Group) -> Commit {
        if let Some(resolved) = self.lost.take() {
            return resolved;
        }
        if thread_rng().gen_ratio(1, 8) {
            return Commit::Busy(Retry::at_once(self.busy()));
        }
        let ops: Vec<Op<'_>> = group.batches().flat_map(|batch| batch.ops()).collect();
        assert_eq!(ops.len(), group.len(), "the batches of the models have one operation");
        let panics = |op: &Op<'_>| matches!(op, Op::Put { category, .. } if category.name == PANICS.as_bytes());
        if ops.iter().any(panics) {
            // Without the panic hook, which would end the model.
            resume_unwind(Box::new("the writer panics"));
        }
        // Sometimes the commit takes so long that the worker can fall asleep meanwhile, if a caller commits.
        if thread_rng().gen_ratio(1, 4) {
            (0..20).for_each(|_| thread::yield_now());
        }
        let resolved = Commit::Resolved(ops.iter().map(|op| self.commit_batch(op)).collect());
        if thread_rng().gen_ratio(1, 4) {
            self.lost = Some(resolved);
            return Commit::InDoubt(Retry::at_once(self.busy()));
        }
        resolved
    }

    fn sync(&mut self) -> Commit {
        self.writer.sync()
    }

    fn transact(
        &mut self,
        run: &mut dyn FnMut(&mut dyn WriteTransaction) -> Result<(), Error>,
    ) -> Commit {
        self.writer.transact(run)
    }

    fn logged_bytes(&self) -> u64 {
        self.writer.logged_bytes()
    }

    fn compact(&mut self, step: CompactStep) -> Commit {
        self.writer.compact(step)
    }

    fn close(self: Box<Self>) -> Result<(), Error> {
        self.writer.close()
    }
}

struct FakeReader {
    reader: Arc<dyn Reader>,
    commits: Arc<Commits>,
}

impl Reader for FakeReader {
    fn get(&self, category: Category<'_>, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        self.reader.get(category, key)
    }

    fn exists(&self, category: Category<'_>, key: &[u8]) -> Result<bool, Error> {
        self.reader.exists(category, key)
    }

    fn count(&self, category: Category<'_>, span: Span<'_>, stop: &Stop) -> Result<u64, Error> {
        self.begin_read()?.count(category, span, stop)
    }

    fn page(&self, request: &PageRequest<'_>, page: &mut Page) -> Result<bool, Error> {
        self.begin_read()?.page(request, page)
    }

    fn begin_read(&self) -> Result<Box<dyn Snapshot + Send>, Error> {
        let snapshot = self.reader.begin_read()?;
        Ok(Box::new(FakeSnapshot { snapshot, commits: Arc::clone(&self.commits) }))
    }

    fn maintenance(&self) -> Option<&dyn Maintenance> {
        self.reader.maintenance()
    }

    fn may_run_inline(&self) -> bool {
        self.reader.may_run_inline()
    }

    fn starts_reads(&self) -> bool {
        true
    }

    /// Sometimes completes the read at once, sometimes on another thread.
    fn start_get(&self, category: Category<'_>, key: &[u8], done: Completion<Option<Vec<u8>>>) {
        if thread_rng().gen_ratio(1, 2) {
            return done.complete(self.get(category, key));
        }
        let Category { space, name } = category;
        let (reader, name, key) = (Arc::clone(&self.reader), name.to_vec(), key.to_vec());
        thread::spawn(move || done.complete(reader.get(Category { space, name: &name }, &key)));
    }

    fn close(&self) {
        self.reader.close();
    }
}

struct FakeSnapshot {
    snapshot: Box<dyn Snapshot + Send>,
    commits: Arc<Commits>,
}

impl Drop for FakeSnapshot {
    fn drop(&mut self) {
        if self.commits.panics.swap(false, Ordering::Relaxed) {
            resume_unwind(Box::new("a snapshot panics"));
        }
    }
}

impl Snapshot for FakeSnapshot {
    fn get(&mut self, category: Category<'_>, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        self.snapshot.get(category, key)
    }

    fn exists(&mut self, category: Category<'_>, key: &[u8]) -> Result<bool, Error> {
        self.snapshot.exists(category, key)
    }

    fn count(&mut self, category: Category<'_>, span: Span<'_>, stop: &Stop) -> Result<u64, Error> {
        self.snapshot.count(category, span, stop)
    }

    fn categories(&mut self, space: Space) -> Result<Vec<Vec<u8>>, Error> {
        self.snapshot.categories(space)
    }

    fn page(&mut self, request: &PageRequest<'_>, page: &mut Page) -> Result<bool, Error> {
        self.snapshot.page(request, page)
    }
}
