//! The worker: one thread per job, which writes what no caller waits for, and its end.

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
use crate::store::engine::close_signal::CloseSignal;
use crate::store::engine::committer::Committer;
use crate::store::engine::group_commit::Help;
use crate::store::engine::queue::{Queue, Taken};
use crate::store::engine::snapshots::Snapshots;
use crate::store::engine::wakers::Wakers;
use crate::store::port::backend::{Location, OpenedJob};
use crate::store::port::read::Reader;

/// A running worker, as seen by the code that feeds, drains and joins it.
#[derive(Debug)]
pub(crate) struct Worker {
    number: u64,
    location: Location,
    pub(crate) queue: Arc<Queue>,
    pub(crate) snapshots: Arc<Snapshots>,
    /// Locked by the thread that commits; `None` once the worker has ended.
    committer: Mutex<Option<Committer>>,
    close_timeout: Duration,
    thread: Mutex<Option<JoinHandle<()>>>,
    end: Mutex<End>,
    ended: Condvar,
}

/// How far the end of a worker is.
#[derive(Debug, Default)]
struct End {
    /// Whether all that was queued is resolved, and nothing more will be.
    is_written: bool,
    /// The result of the close, once it is done.
    result: Option<Result<(), Error>>,
}

/// All workers of the process that have not ended: for the end of the process, and for opening a job again while it is still
/// being drained.
#[cfg(not(shuttle))]
static RUNNING: Mutex<Vec<Arc<Worker>>> = Mutex::new(Vec::new());
// One for each run of a model: several run at a time, each on a thread of its own.
#[cfg(shuttle)]
shuttle::lazy_static! {
    static ref RUNNING: Mutex<Vec<Arc<Worker>>> = Mutex::new(Vec::new());
}

/// A worker's thread before there is a job for it. If it is dropped without one, the thread ends.
pub(crate) struct IdleThread {
    begin: mpsc::Sender<(Arc<Worker>, Arc<dyn Reader>)>,
    thread: JoinHandle<()>,
}

impl IdleThread {
    /// Starts the thread. Do it before the job is opened: then a job without a thread to serve it is not created.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyOpen`] if the system has no thread to give; [`Error::OtherProcess`] in a process that was forked while a
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

    /// Ends the thread, for which there is no job, and waits until it has ended.
    pub(crate) fn end(self) {
        drop(self.begin);
        // It does nothing that can panic.
        let _ = self.thread.join();
    }
}

impl Worker {
    /// Starts the worker of an opened job.
    pub(crate) fn start(
        location: Location,
        capacity: Capacity,
        snapshots: Arc<Snapshots>,
        close_timeout: Duration,
        opened: OpenedJob,
        thread: IdleThread,
    ) -> Arc<Self> {
        static NUMBERS: AtomicU64 = AtomicU64::new(1);
        let OpenedJob { writer, reader } = opened;
        let IdleThread { begin, thread } = thread;
        let worker = Arc::new_cyclic(|worker: &Weak<Self>| {
            let helper = Weak::clone(worker) as Weak<dyn Help>;
            let (place, close) = (&location.place, Arc::new(CloseSignal::default()));
            let committer = Committer::new(place.clone(), writer, Arc::clone(&close));
            Self {
                number: NUMBERS.fetch_add(1, Ordering::Relaxed),
                queue: Arc::new(Queue::new(place.clone(), capacity, close, helper)),
                committer: Mutex::new(Some(committer)),
                location,
                snapshots,
                close_timeout,
                thread: Mutex::new(Some(thread)),
                end: Mutex::default(),
                ended: Condvar::new(),
            }
        });
        // Known before it begins, and so before it can end.
        RUNNING.lock().push(Arc::clone(&worker));
        // It can't fail: the thread does nothing but wait for this.
        let _ = begin.send((Arc::clone(&worker), reader));
        worker
    }

    pub(crate) fn place(&self) -> &Place {
        &self.location.place
    }

    /// Lets the worker write what is queued and end. Doesn't wait, and does nothing in a forked child, where the worker doesn't
    /// run and its locks may be held forever.
    pub(crate) fn drain(&self) {
        Wakers::wake_each(self.begin_to_drain());
    }

    /// As [`drain`](Self::drain), but leaves it to the caller to wake the callers that waited for capacity.
    fn begin_to_drain(&self) -> Vec<Waker> {
        if !process::is_usable() {
            return Vec::new();
        }
        self.queue.drain(Instant::now().checked_add(self.close_timeout))
    }

    /// Waits for the end; returns the first failure that no ticket has reported.
    ///
    /// # Errors
    ///
    /// That failure; [`Error::WouldDeadlock`] on a worker's thread; [`Error::OtherProcess`] in a forked child.
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
            // A panic in it was caught, and is reported by `end`.
            let _ = thread.join();
        }
        end
    }

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

    fn serve(&self, reader: &dyn Reader) -> Result<(), Error> {
        while self.queue.await_work() {
            let mut committer = self.committer.lock();
            if let Some(taken) = self.queue.take() {
                self.commit(&mut committer, taken);
            }
        }
        // A caller that commits in place of the worker has the rest of the queue, and the lock until it is written.
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

    fn commit(&self, committer: &mut Option<Committer>, mut taken: Taken) {
        // There is one until the worker has ended, after which nothing is taken.
        let Some(committer) = committer else { return };
        let outcomes = committer.run(&mut taken.work);
        // Before the outcome is known, so that a caller that knows it finds the expired snapshots ended.
        self.snapshots.end_held_up(committer.logged_bytes());
        self.queue.resolve(&taken, outcomes);
        // A transaction's closure and result are of the caller's types.
        contained::discard(taken);
    }

    /// Waits until the end is as far as `reached` says, for no longer than until the deadline.
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
        if let Some(mut committer) = self.committer.try_lock()
            && let Some(taken) = self.queue.take_from_resting_worker()
        {
            // A callback of this commit must not wait for the committer, which this thread holds.
            let commit = || {
                blocking::in_place_of_worker(self.number, || self.commit(&mut committer, taken));
            };
            if let Err(message) = contained::run(commit) {
                self.queue.abandon(&Error::Panicked { place: self.place().clone(), message });
            }
        }
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

/// Waits for a worker that is draining these rows: opening them again must find everything that was written.
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

/// How long the end of the process waits for the closes, once everything is written. What a close does beyond that, such as
/// moving the log into the file, the next opening does just as well.
#[cfg(not(shuttle))]
const CLOSE_PATIENCE: Duration = Duration::from_secs(5);

/// How long the end of the process waits for a lock that is held for some microseconds each time. Only if the exiting thread
/// holds it itself does it take longer, and then nothing can be done.
#[cfg(not(shuttle))]
const LOCK_PATIENCE: Duration = Duration::from_secs(5);

/// Drains every job of the process, within the longest `close_timeout`: submitted operations are written even if no job was
/// closed.
///
/// It runs at the end of `main`, also an unwound one, and at `process::exit`; not after an abort or a signal.
#[cfg(not(shuttle))]
#[dtor::dtor(unsafe)]
fn drain_all_at_exit() {
    // In a forked child the workers don't run, and their locks may be held forever.
    if !process::has_threads() {
        return;
    }
    // A panic must not get out of here: it would abort the process, and nothing would be written.
    let _ = contained::run(drain_all);
}

/// Wakes callers at the end of the process. A waker may run anything: on the exiting thread, another exit would abort the process
/// before anything is written, and a lock that this thread holds would never be released.
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

#[cfg(not(shuttle))]
fn drain_all() {
    let Some(running) = RUNNING.try_lock_for(LOCK_PATIENCE) else { return };
    let workers = running.clone();
    drop(running);
    let now = Instant::now();
    let longest = workers.iter().map(|worker| worker.close_timeout).max().unwrap_or_default();
    let deadline = now.checked_add(longest);
    wake_elsewhere(workers.iter().flat_map(|worker| worker.begin_to_drain()).collect());
    // The worker whose work this thread does, be it on the worker's own thread or in its place, can't go on before this thread
    // does. So what is queued for its job is not written.
    let others = || workers.iter().filter(|worker| worker.number != blocking::current_worker());
    for worker in others() {
        worker.await_end(deadline, |end| end.is_written);
    }
    // A close waits for the callback that this thread is in.
    if blocking::is_awaited() {
        return;
    }
    let patience = Instant::now() + CLOSE_PATIENCE;
    let deadline = deadline.map_or(patience, |deadline| deadline.min(patience));
    for worker in others() {
        worker.await_end(Some(deadline), |end| end.result.is_some());
    }
}
