//! A backend in memory that answers commits from a script, for outcomes that a disk seldom has, declares limits, and counts reads.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use persist_core::error::Place;
use persist_core::port::{
    Backend, Category, Commit, CompactStep, Completion, Group, Location, Maintenance, OpenOptions,
    OpenedJob, Outcome, Page, PageRequest, Reader, Retry, SizeLimits, Snapshot, Space, Span, Stop,
    WriteTransaction, Writer,
};
use persist_core::{Error, Job, Memory};

/// The answer to one commit. After the last one, the memory backend commits as usual.
#[derive(Debug)]
pub enum Answer {
    /// Waits until the test sends on the channel, and continues with the next answer.
    Wait(Receiver<()>),
    /// Commits like the memory backend.
    Apply,
    /// Another process holds the lock. The next call is asked for after this time.
    Busy(Duration),
    /// A server doesn't answer: the call waits for the time that it may take, and doesn't know then whether it was applied.
    NoReply,
    /// The backend takes the group for one that is not planned.
    Unplanned,
    /// Nothing was applied, because of this error, and the call is to be repeated.
    Retry(Error),
    /// Another process holds the lock and never releases it.
    BusyForEver(Duration),
    /// The reply to the commit is lost. The next call finds out that the commit was applied, or was not.
    InDoubt {
        /// Whether it was applied.
        applied: bool,
    },
    /// The reply to the commit is lost, and so is that to every later call.
    InDoubtForEver,
    /// None of the group's batches is applied.
    DiskFull,
    /// None of the group's batches is applied, with this error.
    NotApplied(Error),
    /// The commit ends in an I/O error.
    Unknown,
    /// The backend panics.
    Panic,
    /// The backend returns fewer outcomes than batches.
    NoOutcomes,
    /// The backend commits, and returns one outcome more than there are batches, for a batch that failed.
    SurplusOutcome,
}

/// A [`Memory`] whose commits follow a script.
#[derive(Clone, Debug, Default)]
pub struct Scripted {
    memory: Memory,
    script: Arc<Mutex<VecDeque<Answer>>>,
    /// The number of batches in each commit.
    groups: Arc<Mutex<Vec<usize>>>,
    /// The thread of the last commit.
    thread: Arc<Mutex<Option<ThreadId>>>,
    /// The options of the last open.
    options: Arc<Mutex<OpenOptions>>,
    reads: Arc<Reads>,
    limits: SizeLimits,
    has_no_transactions: bool,
    has_no_maintenance: bool,
    /// Set if the backend completes reads itself.
    starts: Option<Started>,
}

/// A read that the backend was asked to start. If it is dropped, so is the read.
pub type StartedRead = Box<dyn FnOnce() + Send>;

#[derive(Clone, Debug)]
struct Started(Arc<Mutex<Sender<StartedRead>>>);

impl Started {
    fn send(&self, read: impl FnOnce() + Send + 'static) {
        self.0.lock().unwrap().send(Box::new(read)).expect("the test receives the reads");
    }
}

/// The reads of pages, and whether they find rows.
#[derive(Debug, Default)]
struct Reads {
    pages: AtomicU64,
    snapshots: AtomicU64,
    /// Reads of several keys.
    many: AtomicU64,
    are_empty: AtomicBool,
    /// Whether reads of several keys return one payload too few.
    lose_one: AtomicBool,
    /// Started counts that were stopped before they were done.
    stopped_counts: AtomicU64,
    /// The error of every get, if it is set.
    error: Mutex<Option<Error>>,
    /// The errors of the first gets in the snapshots of transactions.
    overlay_errors: Mutex<VecDeque<Error>>,
    /// The lifetime of the last snapshot that has one.
    lifetime: Mutex<Option<Duration>>,
}

impl Scripted {
    /// Returns a backend with an empty script.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns a backend with an empty script that stores no more than these sizes.
    pub fn limited(limits: SizeLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Returns a backend with an empty script that offers no maintenance.
    pub fn without_maintenance() -> Self {
        Self { has_no_maintenance: true, ..Self::default() }
    }

    /// Returns a backend with an empty script that has no transactions, so that the engine runs them over a snapshot.
    pub fn without_transactions() -> Self {
        Self { has_no_transactions: true, ..Self::default() }
    }

    /// Returns a backend with an empty script that completes reads itself: each started read is sent to the receiver of `reads`, and
    /// is done once that calls it.
    pub fn starting(reads: Sender<StartedRead>) -> Self {
        Self { starts: Some(Started(Arc::new(Mutex::new(reads)))), ..Self::default() }
    }

    /// Returns the same backend, which stores no more than these sizes.
    #[must_use]
    pub fn with_limits(self, limits: SizeLimits) -> Self {
        Self { limits, ..self }
    }

    /// Appends an answer.
    pub fn then(&self, answer: Answer) {
        self.script.lock().unwrap().push_back(answer);
    }

    /// Stalls the next commit until something is sent.
    pub fn hold(&self) -> Sender<()> {
        let (release, held) = channel();
        self.then(Answer::Wait(held));
        release
    }

    /// Submits a write, under `"first"` in the category `"c"`, whose commit stalls until something is sent: all later
    /// writes form one group. The job has written nothing before.
    pub fn occupy(&self, job: &Job) -> Sender<()> {
        let release = self.hold();
        job.persist_put("c", "first", b"");
        // The worker has taken the write once it asks for the next answer; a commit of one batch is recorded then.
        while self.groups().is_empty() {
            thread::yield_now();
        }
        release
    }

    /// Returns the number of batches in each commit so far.
    pub fn groups(&self) -> Vec<usize> {
        self.groups.lock().unwrap().clone()
    }

    /// Returns the numbers of pages that were read without a snapshot, and of snapshots, since the last call.
    pub fn take_reads(&self) -> (u64, u64) {
        let Reads { pages, snapshots, .. } = &*self.reads;
        (pages.swap(0, Ordering::Relaxed), snapshots.swap(0, Ordering::Relaxed))
    }

    /// Returns the number of calls so far that read several keys without a snapshot.
    pub fn reads_of_many(&self) -> u64 {
        self.reads.many.load(Ordering::Relaxed)
    }

    /// Returns the options with which a job was opened last.
    pub fn options(&self) -> OpenOptions {
        self.options.lock().unwrap().clone()
    }

    /// Returns the number of started counts that were stopped before they were done.
    pub fn stopped_counts(&self) -> u64 {
        self.reads.stopped_counts.load(Ordering::Relaxed)
    }

    /// The next get in the snapshot of a transaction fails with this error.
    pub fn fail_next_get_of_a_transaction(&self, error: Error) {
        self.reads.overlay_errors.lock().unwrap().push_back(error);
    }

    /// From now on, each get fails with this error.
    pub fn fail_gets(&self, error: Error) {
        *self.reads.error.lock().unwrap() = Some(error);
    }

    /// Returns the lifetime of the last snapshot that has one.
    pub fn lifetime(&self) -> Option<Duration> {
        *self.reads.lifetime.lock().unwrap()
    }

    /// From now on, each page that is read without a snapshot has no rows, and yet reports that rows may follow.
    pub fn read_empty_pages(&self) {
        self.reads.are_empty.store(true, Ordering::Relaxed);
    }

    /// From now on, each read of several keys without a snapshot returns one payload too few.
    pub fn lose_payloads(&self) {
        self.reads.lose_one.store(true, Ordering::Relaxed);
    }

    /// Returns whether the last commit was on this thread.
    pub fn was_on(&self, thread: ThreadId) -> bool {
        *self.thread.lock().unwrap() == Some(thread)
    }
}

impl Backend for Scripted {
    fn identity(&self) -> String {
        self.memory.identity()
    }

    fn check(&self) -> Result<(), Error> {
        self.memory.check()
    }

    fn limits(&self) -> SizeLimits {
        self.limits
    }

    fn locate(&self, id: &str) -> Result<Location, Error> {
        self.memory.locate(id)
    }

    fn open_job(&self, id: &str, options: &OpenOptions) -> Result<OpenedJob, Error> {
        let OpenedJob { writer, reader } = self.memory.open_job(id, options)?;
        let place = self.locate(id)?.place;
        *self.options.lock().unwrap() = options.clone();
        let writer = Box::new(ScriptedWriter {
            writer,
            reader: Arc::clone(&reader),
            lost: None,
            scripted: self.clone(),
            place,
        });
        let reads = Arc::clone(&self.reads);
        Ok(OpenedJob {
            writer,
            reader: Arc::new(ScriptedReader {
                reader,
                starts: self.starts.clone(),
                has_no_maintenance: self.has_no_maintenance,
                reads,
            }),
        })
    }

    fn drop_job(&self, id: &str) -> Result<bool, Error> {
        self.memory.drop_job(id)
    }

    fn stored_job_ids(&self) -> Result<Vec<String>, Error> {
        self.memory.stored_job_ids()
    }
}

struct ScriptedWriter {
    writer: Box<dyn Writer>,
    reader: Arc<dyn Reader>,
    /// The result of the last commit, if its reply was lost.
    lost: Option<Commit>,
    scripted: Scripted,
    place: Place,
}

impl Writer for ScriptedWriter {
    fn commit(&mut self, group: &Group) -> Commit {
        *self.scripted.thread.lock().unwrap() = Some(thread::current().id());
        if let Some(lost) = self.lost.take() {
            return lost;
        }
        self.scripted.groups.lock().unwrap().push(group.len());
        let answer = self.scripted.script.lock().unwrap().pop_front();
        let (place, source) = (self.place.clone(), None);
        match answer {
            None | Some(Answer::Apply) => self.writer.commit(group),
            Some(Answer::Wait(held)) => {
                held.recv().expect("the test releases the commit");
                self.scripted.groups.lock().unwrap().pop();
                self.commit(group)
            }
            Some(Answer::Busy(after)) => {
                Commit::Busy(Retry { error: Error::Busy { place, source }, after })
            }
            Some(Answer::NoReply) => {
                let options = self.scripted.options();
                let (woken, wakes) = channel();
                let _registered = options.closing.on_begin(move || _ = woken.send(()));
                while let Some(until) = options.closing.until(options.call_timeout)
                    && let Some(left) = until.checked_duration_since(Instant::now())
                    && wakes.recv_timeout(left).is_ok()
                {}
                self.scripted.script.lock().unwrap().push_front(Answer::NoReply);
                Commit::InDoubt(Retry::at_once(Error::TimedOut { place, source }))
            }
            Some(Answer::Unplanned) => Commit::Unplanned,
            Some(Answer::Retry(error)) => Commit::Busy(Retry::at_once(error)),
            Some(Answer::BusyForEver(after)) => {
                self.scripted.script.lock().unwrap().push_front(Answer::BusyForEver(after));
                Commit::Busy(Retry { error: Error::Busy { place, source }, after })
            }
            Some(Answer::InDoubt { applied }) => {
                if applied {
                    self.lost = Some(self.writer.commit(group));
                }
                Commit::InDoubt(Retry::at_once(Error::Busy { place, source }))
            }
            Some(Answer::InDoubtForEver) => {
                let mut script = self.scripted.script.lock().unwrap();
                script.push_front(Answer::BusyForEver(Duration::ZERO));
                Commit::InDoubt(Retry::at_once(Error::Busy { place, source }))
            }
            Some(Answer::DiskFull) => {
                let outcome = Outcome::NotApplied(Error::DiskFull { place, source });
                Commit::Resolved(vec![outcome; group.len()])
            }
            Some(Answer::NotApplied(error)) => {
                Commit::Resolved(vec![Outcome::NotApplied(error); group.len()])
            }
            Some(Answer::Unknown) => {
                let outcome = Outcome::Unknown(Error::Unknown { place, source });
                Commit::Resolved(vec![outcome; group.len()])
            }
            Some(Answer::Panic) => panic!("a panic from the script"),
            Some(Answer::NoOutcomes) => Commit::Resolved(Vec::new()),
            Some(Answer::SurplusOutcome) => {
                let Commit::Resolved(mut outcomes) = self.writer.commit(group) else {
                    panic!("the memory backend resolves each commit")
                };
                outcomes.push(Outcome::NotApplied(Error::DiskFull { place, source }));
                Commit::Resolved(outcomes)
            }
        }
    }

    fn sync(&mut self) -> Commit {
        self.writer.sync()
    }

    fn begin_overlay(&mut self) -> Option<Result<Box<dyn Snapshot + Send>, Retry>> {
        self.scripted.has_no_transactions.then(|| {
            let rows = self.reader.begin_read().map_err(Retry::at_once)?;
            let reads = Arc::clone(&self.scripted.reads);
            Ok(Box::new(ScriptedSnapshot { rows, reads }) as Box<dyn Snapshot + Send>)
        })
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

/// The snapshot of a transaction.
struct ScriptedSnapshot {
    rows: Box<dyn Snapshot + Send>,
    reads: Arc<Reads>,
}

impl Snapshot for ScriptedSnapshot {
    fn get(&mut self, category: Category<'_>, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        match self.reads.overlay_errors.lock().unwrap().pop_front() {
            Some(error) => Err(error),
            None => self.rows.get(category, key),
        }
    }

    fn exists(&mut self, category: Category<'_>, key: &[u8]) -> Result<bool, Error> {
        self.rows.exists(category, key)
    }

    fn count(&mut self, category: Category<'_>, span: Span<'_>, stop: &Stop) -> Result<u64, Error> {
        self.rows.count(category, span, stop)
    }

    fn categories(&mut self, space: Space) -> Result<Vec<Vec<u8>>, Error> {
        self.rows.categories(space)
    }

    fn page(&mut self, request: &PageRequest<'_>, page: &mut Page) -> Result<bool, Error> {
        self.rows.page(request, page)
    }
}

struct ScriptedReader {
    reader: Arc<dyn Reader>,
    starts: Option<Started>,
    has_no_maintenance: bool,
    reads: Arc<Reads>,
}

impl Reader for ScriptedReader {
    fn page(&self, request: &PageRequest<'_>, page: &mut Page) -> Result<bool, Error> {
        self.reads.pages.fetch_add(1, Ordering::Relaxed);
        if self.reads.are_empty.load(Ordering::Relaxed) {
            Ok(true)
        } else {
            self.reader.page(request, page)
        }
    }

    fn begin_read(&self) -> Result<Box<dyn Snapshot + Send>, Error> {
        self.reads.snapshots.fetch_add(1, Ordering::Relaxed);
        self.reader.begin_read()
    }

    fn begin_read_for(&self, lifetime: Duration) -> Result<Box<dyn Snapshot + Send>, Error> {
        *self.reads.lifetime.lock().unwrap() = Some(lifetime);
        self.begin_read()
    }

    fn get(&self, category: Category<'_>, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        if let Some(error) = &*self.reads.error.lock().unwrap() {
            return Err(error.clone());
        }
        self.reader.get(category, key)
    }

    fn get_many(
        &self,
        category: Category<'_>,
        keys: &[&[u8]],
    ) -> Result<Vec<Option<Vec<u8>>>, Error> {
        self.reads.many.fetch_add(1, Ordering::Relaxed);
        let mut payloads = self.reader.get_many(category, keys)?;
        if self.reads.lose_one.load(Ordering::Relaxed) {
            payloads.pop();
        }
        Ok(payloads)
    }

    fn exists(&self, category: Category<'_>, key: &[u8]) -> Result<bool, Error> {
        self.reader.exists(category, key)
    }

    fn count(&self, category: Category<'_>, span: Span<'_>, stop: &Stop) -> Result<u64, Error> {
        self.reader.count(category, span, stop)
    }

    fn maintenance(&self) -> Option<&dyn Maintenance> {
        self.reader.maintenance().filter(|_| !self.has_no_maintenance)
    }

    fn may_run_inline(&self) -> bool {
        self.reader.may_run_inline()
    }

    fn starts_reads(&self) -> bool {
        self.starts.is_some()
    }

    fn start_get(&self, category: Category<'_>, key: &[u8], done: Completion<Option<Vec<u8>>>) {
        let Category { space, name } = category;
        let (reader, name, key) = (Arc::clone(&self.reader), name.to_vec(), key.to_vec());
        let starts = self.starts.as_ref().expect("the backend starts reads");
        starts.send(move || done.complete(reader.get(Category { space, name: &name }, &key)));
    }

    fn start_count(
        &self,
        category: Category<'_>,
        span: Span<'_>,
        stop: &Stop,
        done: Completion<u64>,
    ) {
        let Category { space, name } = category;
        let (reader, name, stopped) = (Arc::clone(&self.reader), name.to_vec(), stop.clone());
        let (start, stop) = (span.start.to_vec(), span.stop.map(<[u8]>::to_vec));
        let starts = self.starts.as_ref().expect("the backend starts reads");
        let reads = Arc::clone(&self.reads);
        starts.send(move || {
            let span = Span { start: &start, stop: stop.as_deref() };
            reads.stopped_counts.fetch_add(u64::from(stopped.is_set()), Ordering::Relaxed);
            done.complete(reader.count(Category { space, name: &name }, span, &stopped));
        });
    }

    fn start_page(&self, request: &PageRequest<'_>, done: Completion<(Page, bool)>) {
        let Category { space, name } = request.category;
        let (reader, name) = (Arc::clone(&self.reader), name.to_vec());
        let stopped = request.stop.clone();
        let (start, stop) = (request.span.start.to_vec(), request.span.stop.map(<[u8]>::to_vec));
        let PageRequest { reverse, keys_only, rows, bytes, .. } = *request;
        let starts = self.starts.as_ref().expect("the backend starts reads");
        starts.send(move || {
            let span = Span { start: &start, stop: stop.as_deref() };
            let (category, stop) = (Category { space, name: &name }, &stopped);
            let request = PageRequest { category, span, reverse, keys_only, rows, bytes, stop };
            let mut page = Page::default();
            let more = reader.page(&request, &mut page);
            done.complete(more.map(|more| (page, more)));
        });
    }

    fn close(&self) {
        self.reader.close();
    }
}
