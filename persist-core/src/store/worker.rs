//! The worker: one thread a job, which writes what nobody waits for, and its end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::committer::Committer;
use super::port::{Location, OpenedJob, Reader};
use super::queue::{Queue, Taken};
use super::room::Room;
use super::snapshots::Snapshots;
use super::sync::thread::{self, JoinHandle};
use super::sync::{Condvar, Mutex};
use super::{Error, Place, blocking};

/// A running worker, as those see it who feed, drain and join it.
#[derive(Debug)]
pub(super) struct Worker {
    number: u64,
    location: Location,
    pub(super) queue: Queue,
    pub(super) snapshots: Arc<Snapshots>,
    /// Locked by who commits; None once the worker has ended.
    committer: Mutex<Option<Committer>>,
    close_timeout: Duration,
    thread: Mutex<Option<JoinHandle<()>>>,
    end: Mutex<Option<Result<(), Error>>>,
    ended: Condvar,
}

/// All workers of the process that have not ended: for the end of the process, and for who opens again
/// what is still being drained.
#[cfg(not(shuttle))]
static RUNNING: Mutex<Vec<Arc<Worker>>> = Mutex::new(Vec::new());
// One for each run of a model: several run at a time, each on a thread of its own.
#[cfg(shuttle)]
shuttle::lazy_static! {
    static ref RUNNING: Mutex<Vec<Arc<Worker>>> = Mutex::new(Vec::new());
}

impl Worker {
    /// Starts the worker of an opened job.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyOpen`] if the system has no thread to give.
    pub(super) fn start(
        location: Location,
        room: Room,
        snapshots: Arc<Snapshots>,
        close_timeout: Duration,
        opened: OpenedJob,
    ) -> Result<Arc<Self>, Error> {
        static NUMBERS: AtomicU64 = AtomicU64::new(1);
        let OpenedJob { writer, reader } = opened;
        let worker = Arc::new_cyclic(|worker| Self {
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
            queue: Queue::new(location.place.clone(), room, worker.clone()),
            committer: Mutex::new(Some(Committer::new(location.place.clone(), writer))),
            location,
            snapshots,
            close_timeout,
            thread: Mutex::new(None),
            end: Mutex::new(None),
            ended: Condvar::new(),
        });
        // Held while the thread starts, so that it is known before it can end.
        let mut running = RUNNING.lock();
        let thread = thread::Builder::new()
            .name(format!("persist-{}", worker.place().job().replace('\0', "?")))
            .spawn({
                let worker = Arc::clone(&worker);
                move || worker.run(&*reader)
            })
            .map_err(|error| Error::TooManyOpen {
                place: worker.place().clone(),
                source: Some(Arc::new(error)),
            })?;
        *worker.thread.lock() = Some(thread);
        running.push(Arc::clone(&worker));
        Ok(worker)
    }

    pub(super) fn place(&self) -> &Place {
        &self.location.place
    }

    /// Lets the worker write what is queued and end. Doesn't wait.
    pub(super) fn drain(&self) {
        self.queue.drain(Instant::now() + self.close_timeout);
    }

    /// Waits for the end; gives the first failure that no ticket has shown.
    ///
    /// # Errors
    ///
    /// That failure, or [`Error::WouldDeadlock`] on a worker's thread.
    pub(super) fn join(&self) -> Result<(), Error> {
        blocking::allowed()?;
        let end = {
            let mut end = self.end.lock();
            loop {
                match &*end {
                    Some(result) => break result.clone(),
                    None => self.ended.wait(&mut end),
                }
            }
        };
        let thread = self.thread.lock().take();
        if let Some(thread) = thread {
            // All that can panic in it is caught, and told by `end`.
            let _ = thread.join();
        }
        end
    }

    fn run(&self, reader: &dyn Reader) {
        blocking::mark_worker(self.number);
        let end = catch_unwind(AssertUnwindSafe(|| self.serve(reader))).unwrap_or_else(|panic| {
            let error = Error::panicked(self.place().clone(), &*panic);
            self.queue.abandon(&error);
            reader.close();
            drop(self.committer.lock().take());
            Err(error)
        });
        *self.end.lock() = Some(end);
        RUNNING.lock().retain(|worker| worker.number != self.number);
        self.ended.notify_all();
    }

    fn serve(&self, reader: &dyn Reader) -> Result<(), Error> {
        while self.queue.await_work() {
            let mut committer = self.committer.lock();
            if let Some(taken) = self.queue.take() {
                self.commit(&mut committer, taken);
            }
        }
        // Who helps has what is left of the queue, and is waited for.
        let committer = self.committer.lock().take();
        let closed = catch_unwind(AssertUnwindSafe(|| {
            reader.close();
            committer.map_or(Ok(()), Committer::close)
        }))
        .unwrap_or_else(|panic| Err(Error::panicked(self.place().clone(), &*panic)));
        if let Err(error) = &closed {
            tracing::error!(place = %self.place(), %error, "closing failed");
        }
        self.queue.failures().first().map_or(closed, Err)
    }

    /// Commits what waits on the thread of one who waits for it, if the worker rests, or else sees to it that the worker does.
    /// Waking the worker takes longer than most commits.
    pub(super) fn help(&self) {
        if let Some(mut committer) = self.committer.try_lock()
            && let Some(taken) = self.queue.take_from_resting_worker()
        {
            // Who is woken by it must not wait for the committer.
            let commit = || blocking::awaited(|| self.commit(&mut committer, taken));
            if let Err(panic) = catch_unwind(AssertUnwindSafe(commit)) {
                self.queue.abandon(&Error::panicked(self.place().clone(), &*panic));
            }
        }
        self.queue.rouse_worker();
    }

    fn commit(&self, committer: &mut Option<Committer>, mut taken: Taken) {
        // There is one until the worker has ended, and then nothing is taken any more.
        let Some(committer) = committer else { return };
        let outcomes = committer.run(&mut taken.work, &self.queue);
        // Before anybody hears of the commit: who does finds the snapshots ended.
        self.snapshots.end_held_up(committer.logged_bytes());
        self.queue.resolve(&taken, outcomes);
    }
}

/// Waits for a worker that is draining these rows: who opens them again must find all that was written.
///
/// # Errors
///
/// [`Error::WouldDeadlock`] on a worker's thread. A failure of the drain is not the opener's.
pub(super) fn join_draining(identity: &str) -> Result<(), Error> {
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

/// Drains every job of the process, within the longest `close_timeout`: what was submitted is written,
/// though nobody closed anything.
///
/// It runs at the end of `main`, also an unwound one, and at `process::exit`; not after an abort or
/// a signal. It skips the worker on whose thread it runs.
#[cfg(not(shuttle))]
#[dtor::dtor(unsafe)]
fn drain_all_at_exit() {
    let workers = RUNNING.lock().clone();
    let deadline = workers.iter().map(|worker| worker.close_timeout).max().unwrap_or_default();
    let deadline = Instant::now() + deadline;
    for worker in &workers {
        worker.drain();
    }
    for worker in workers.iter().filter(|worker| worker.number != blocking::current_worker()) {
        let mut end = worker.end.lock();
        while end.is_none() && !worker.ended.wait_until(&mut end, deadline).timed_out() {}
    }
}
