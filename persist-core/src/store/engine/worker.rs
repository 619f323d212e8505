//! The worker: one thread per job, which commits the writes of its queue, and the end of the job.
//!
//! A worker goes through these states:
//!
//! 1. Idle thread: [`IdleThread`] is started before the job is opened.
//! 2. Running: the thread waits for work, locks the committer, takes the work and commits it. While the thread is dozing or
//!    asleep, a caller that waits for a write may lock the committer and commit in its place ([`Help`]).
//! 3. Draining: the queue is closed. Pending writes are still committed.
//! 4. Written: the queue is empty, and the worker has taken the committer. Only the worker closes the reader and the writer.
//! 5. Ended: the result is stored, and callers of [`Worker::join`] return it. A panic of the thread also leads here.
//!
//! The lock of the committer decides which thread commits. Work is taken from the queue only while it is held, so groups are
//! committed in the order in which they are taken. It is locked before the lock of the queue. The lock of [`End`] guards the last
//! two states, which only the worker's thread sets.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::task::Waker;
use std::time::{Duration, Instant};

use crate::store::base::error::{Error, Place};
use crate::store::base::process::Counted;
use crate::store::base::sync::thread::JoinHandle;
use crate::store::base::sync::{Condvar, Mutex, mpsc, thread};
use crate::store::base::{blocking, contained, process};
use crate::store::engine::capacity::Capacity;
use crate::store::engine::catalog::Tables;
use crate::store::engine::committer::Committer;
use crate::store::engine::group_commit::Help;
use crate::store::engine::queue::{Queue, Taken};
use crate::store::engine::snapshots::Snapshots;
use crate::store::engine::wakers::Wakers;
use crate::store::engine::work::Context;
use crate::store::port::backend::{Location, OpenedJob};
use crate::store::port::closing::Closing;
use crate::store::port::read::Reader;

/// A worker, as seen by the code that submits to its queue, drains it and joins it.
#[derive(Debug)]
pub(crate) struct Worker {
    /// The number of the worker in this process, which marks the threads that do its work.
    number: u64,
    location: Location,
    pub(crate) queue: Arc<Queue>,
    pub(crate) snapshots: Arc<Snapshots>,
    /// The committer, locked by the thread that commits. `None` once the worker has taken it to close the job.
    committer: Mutex<Option<Committer>>,
    close_timeout: Duration,
    thread: Mutex<Option<JoinHandle<()>>>,
    end: Mutex<End>,
    ended: Condvar,
}

/// The progress of a worker's end.
#[derive(Debug, Default)]
struct End {
    /// Whether every write is resolved and no more can be submitted.
    is_written: bool,
    /// The result of the close, once the worker has ended.
    result: Option<Result<(), Error>>,
}

/// All workers of the process that have not ended. The end of the process drains them, and opening a job waits for a worker that is
/// still draining the same job.
#[cfg(not(shuttle))]
static RUNNING: Mutex<Vec<Arc<Worker>>> = Mutex::new(Vec::new());
// In a model, each run has its own list: several runs execute at the same time, each on its own thread.
#[cfg(shuttle)]
shuttle::lazy_static! {
    static ref RUNNING: Mutex<Vec<Arc<Worker>>> = Mutex::new(Vec::new());
}

/// A worker's thread before there is a job for it. If it is dropped, the thread ends.
pub(crate) struct IdleThread {
    /// Sends the worker to run and the job's reader.
    begin: mpsc::Sender<(Arc<Worker>, Arc<dyn Reader>)>,
    thread: JoinHandle<()>,
}

impl IdleThread {
    /// Starts the thread. Call it before the job is opened, so that no job is created without a thread to serve it.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyOpen`] if the system cannot start a thread; [`Error::OtherProcess`] in a process that was forked while a
    /// store had threads.
    pub(crate) fn start(place: &Place) -> Result<Self, Error> {
        let (begin, job) = mpsc::channel::<(Arc<Worker>, Arc<dyn Reader>)>();
        let counted = Counted::new(place)?;
        let thread = thread::Builder::new()
            .name(format!("persist-{}", place.job().replace('\0', "?")))
            .spawn(move || {
                let _counted = counted;
                if let Ok((worker, reader)) = job.recv() {
                    worker.run(&*reader);
                }
            })
            .map_err(|error| Error::TooManyOpen {
                place: place.clone(),
                source: Some(Arc::new(error)),
            })?;
        Ok(Self { begin, thread })
    }

    /// Ends the thread without a job, and waits until it has ended.
    pub(crate) fn end(self) {
        drop(self.begin);
        // The thread has run nothing that can panic.
        let _ = self.thread.join();
    }
}

/// The parts of a worker that exist before its job is opened.
pub(crate) struct Parts {
    pub(crate) location: Location,
    pub(crate) capacity: Capacity,
    pub(crate) snapshots: Arc<Snapshots>,
    /// The time that a close may take.
    pub(crate) close_timeout: Duration,
    pub(crate) closing: Closing,
    /// The maximum size of a batch of the backend, in bytes.
    pub(crate) batch_limit: usize,
    pub(crate) tables: Tables,
}

impl Worker {
    /// Starts the worker of an opened job.
    pub(crate) fn start(parts: Parts, opened: OpenedJob, thread: IdleThread) -> Arc<Self> {
        static NUMBERS: AtomicU64 = AtomicU64::new(1);
        let Parts { location, capacity, snapshots, close_timeout, closing, batch_limit, tables } =
            parts;
        let OpenedJob { writer, reader } = opened;
        let IdleThread { begin, thread } = thread;
        let worker = Arc::new_cyclic(|worker: &Weak<Self>| {
            let helper = Weak::clone(worker) as Weak<dyn Help>;
            let place = &location.place;
            let committer = Committer::new(
                writer,
                closing.clone(),
                Context::new(place.clone(), batch_limit, tables),
            );
            Self {
                number: NUMBERS.fetch_add(1, Ordering::Relaxed),
                queue: Arc::new(Queue::new(place.clone(), capacity, closing.clone(), helper)),
                committer: Mutex::new(Some(committer)),
                location,
                snapshots,
                close_timeout,
                thread: Mutex::new(Some(thread)),
                end: Mutex::default(),
                ended: Condvar::new(),
            }
        });
        // The worker is listed before its thread begins, and so before the thread can remove it from the list.
        RUNNING.lock().push(Arc::clone(&worker));
        // Sending can't fail, since the thread does nothing but wait for this message.
        let _ = begin.send((Arc::clone(&worker), reader));
        worker
    }

    pub(crate) fn place(&self) -> &Place {
        &self.location.place
    }

    /// Lets the worker commit the pending writes and end, without waiting for it. Does nothing in a forked child, where the worker
    /// does not run and its locks may be held forever.
    pub(crate) fn drain(&self) {
        Wakers::wake_each(self.begin_to_drain());
    }

    /// Begins to drain, as [`drain`](Self::drain) does, but returns the wakers of the callers that waited for capacity instead of
    /// waking them.
    fn begin_to_drain(&self) -> Vec<Waker> {
        if !process::is_usable() {
            return Vec::new();
        }
        self.queue.drain(Instant::now().checked_add(self.close_timeout))
    }

    /// Waits until the worker has ended.
    ///
    /// # Errors
    ///
    /// The first failure that no ticket has reported, or else the error of the close; [`Error::WouldDeadlock`] on a worker's
    /// thread; [`Error::OtherProcess`] in a forked child.
    pub(crate) fn join(&self) -> Result<(), Error> {
        blocking::allowed()?;
        process::check(self.place())?;
        let end = {
            let mut end = self.end.lock();
            loop {
                match &end.result {
                    Some(result) => break result.clone(),
                    None => self.ended.wait(&mut end),
                }
            }
        };
        let thread = self.thread.lock().take();
        if let Some(thread) = thread {
            // A panic of the thread was caught, and is reported through `end`.
            let _ = thread.join();
        }
        end
    }

    /// Runs the worker's thread until the worker has ended. A panic resolves everything and becomes the result.
    fn run(&self, reader: &dyn Reader) {
        blocking::mark_worker(self.number);
        let result = contained::run(|| self.serve(reader)).unwrap_or_else(|message| {
            let error = Error::Panicked { place: self.place().clone(), message };
            self.queue.abandon(&error);
            let committer = self.committer.lock().take();
            let closed = contained::run(|| {
                reader.close();
                drop(committer);
            });
            if let Err(message) = closed {
                contained::log(
                    || tracing::error!(place = %self.place(), message, "a close panicked"),
                );
            }
            Err(error)
        });
        *self.end.lock() = End { is_written: true, result: Some(result) };
        let ended: Vec<_> =
            RUNNING.lock().extract_if(.., |worker| worker.number == self.number).collect();
        drop(ended);
        self.ended.notify_all();
    }

    /// Commits the work of the queue until it is closed and empty, then closes the reader and the writer.
    ///
    /// # Errors
    ///
    /// As for [`join`](Self::join).
    fn serve(&self, reader: &dyn Reader) -> Result<(), Error> {
        while self.queue.await_work() {
            let mut committer = self.committer.lock();
            // There may be no work any more: a caller may have taken it before the worker had the lock.
            if let Some(taken) = self.queue.take() {
                self.commit(&mut committer, taken);
            }
        }
        // A caller may still be committing the last group in place of the worker. It holds the lock until that is done.
        let committer = self.committer.lock().take();
        self.end.lock().is_written = true;
        self.ended.notify_all();
        let closed = contained::run(|| {
            reader.close();
            committer.map_or(Ok(()), Committer::close)
        });
        let closed = closed.unwrap_or_else(|message| {
            Err(Error::Panicked { place: self.place().clone(), message })
        });
        if let Err(error) = &closed {
            contained::log(|| tracing::error!(place = %self.place(), %error, "closing failed"));
        }
        self.queue.failures().first().map_or(closed, Err)
    }

    /// Commits work that was taken from the queue, and resolves it.
    fn commit(&self, committer: &mut Option<Committer>, mut taken: Taken) {
        // The committer is `None` only once the worker has taken it to close the job. After that no work is taken.
        let Some(committer) = committer else { return };
        let outcomes = committer.run(&mut taken.work);
        // Expired snapshots are released before the work is resolved, so that a caller that knows the outcome finds them released.
        self.snapshots.end_held_up(committer.logged_bytes());
        self.queue.resolve(&taken, outcomes);
        // A transaction's closure and result are of the caller's types, whose drop may panic.
        contained::discard(taken);
    }

    /// Waits until `reached` returns `true` for the progress of the end, or until the deadline. `None` waits without limit.
    #[cfg(not(shuttle))]
    fn await_end(&self, deadline: Option<Instant>, reached: impl Fn(&End) -> bool) {
        let mut end = self.end.lock();
        while !reached(&end) {
            match deadline {
                None => self.ended.wait(&mut end),
                Some(deadline) if self.ended.wait_until(&mut end, deadline).timed_out() => return,
                Some(_) => {}
            }
        }
    }
}

impl Help for Worker {
    fn help(&self) {
        // If the committer is locked, another thread is committing, and the open group is left to the worker.
        if let Some(mut committer) = self.committer.try_lock()
            && let Some(taken) = self.queue.take_from_resting_worker()
        {
            // This thread holds the committer, so a callback of this commit must not wait for a commit. The mark makes blocking
            // calls return `WouldDeadlock`.
            let commit = || {
                blocking::in_place_of_worker(self.number, || self.commit(&mut committer, taken));
            };
            if let Err(message) = contained::run(commit) {
                self.queue.abandon(&Error::Panicked { place: self.place().clone(), message });
            }
        }
        // Other work, or writes submitted meanwhile, may be pending.
        self.queue.rouse_worker();
    }

    fn rouse(&self) {
        self.queue.rouse_worker();
    }
}

impl fmt::Debug for IdleThread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdleThread").finish_non_exhaustive()
    }
}

/// Waits for workers that are still draining the job with this identity, so that opening it again finds everything that was
/// written.
///
/// # Errors
///
/// [`Error::WouldDeadlock`] on a worker's thread. A failure of the drain is not reported here.
pub(crate) fn join_draining(identity: &str) -> Result<(), Error> {
    blocking::allowed()?;
    let draining: Vec<_> = RUNNING
        .lock()
        .iter()
        .filter(|worker| worker.location.identity == identity && worker.queue.check_open().is_err())
        .cloned()
        .collect();
    for worker in draining {
        let _ = worker.join();
    }
    Ok(())
}

/// The maximum time that the end of the process waits for closes once everything is written. The remaining steps of a close, such
/// as moving the log into the file, can be left to the next opening.
#[cfg(not(shuttle))]
const CLOSE_PATIENCE: Duration = Duration::from_secs(5);

/// The maximum time that the end of the process waits for the lock of the list of workers. It is held for some microseconds each
/// time. It takes longer only if the exiting thread itself holds the lock, and then nothing can be done.
#[cfg(not(shuttle))]
const LOCK_PATIENCE: Duration = Duration::from_secs(5);

/// Drains every job of the process, within the longest `close_timeout`. So submitted operations are written even if no job was
/// closed.
///
/// It runs at the end of `main`, also if `main` panics, and at `process::exit`, but not after an abort or a signal.
#[cfg(not(shuttle))]
#[dtor::dtor(unsafe)]
fn drain_all_at_exit() {
    // In a forked child the workers do not run, and their locks may be held forever.
    if !process::has_threads() {
        return;
    }
    // A panic must not leave this function: it would abort the process, and nothing would be written.
    let _ = contained::run(drain_all);
}

/// Wakes callers at the end of the process, on another thread, since a waker may run any code. On the exiting thread, a second exit
/// would abort the process before anything is written, and a waker that needs a lock of this thread would never get it.
#[cfg(not(shuttle))]
fn wake_elsewhere(wakers: Vec<Waker>) {
    if wakers.is_empty() {
        return;
    }
    let waking = thread::Builder::new().spawn(move || Wakers::wake_each(wakers));
    if let Err(error) = waking {
        contained::log(|| tracing::warn!(%error, "callers that wait for capacity are not woken"));
    }
}

/// Drains all running workers, waits until their queues are written, and then for their closes, each within a limit.
#[cfg(not(shuttle))]
fn drain_all() {
    let Some(running) = RUNNING.try_lock_for(LOCK_PATIENCE) else { return };
    let workers = running.clone();
    drop(running);
    let now = Instant::now();
    let longest = workers.iter().map(|worker| worker.close_timeout).max().unwrap_or_default();
    let deadline = now.checked_add(longest);
    wake_elsewhere(workers.iter().flat_map(|worker| worker.begin_to_drain()).collect());
    // This thread may be doing the work of a worker, on the worker's own thread or in its place. That worker can't continue
    // before this thread does, so it is not waited for, and the pending writes of its job are not written.
    let others = || workers.iter().filter(|worker| worker.number != blocking::current_worker());
    for worker in others() {
        worker.await_end(deadline, |end| end.is_written);
    }
    // This thread runs a callback for which a close waits, so waiting for closes might never end.
    if blocking::is_awaited() {
        return;
    }
    let patience = Instant::now() + CLOSE_PATIENCE;
    let deadline = deadline.map_or(patience, |deadline| deadline.min(patience));
    for worker in others() {
        worker.await_end(Some(deadline), |end| end.result.is_some());
    }
}
