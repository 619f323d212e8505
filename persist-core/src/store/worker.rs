//! The worker: one thread a job, the only one that writes, and its end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use super::port::{Commit, Location, OpenedJob, Outcome, Reader, Writer};
use super::queue::Queue;
use super::snapshots::Snapshots;
use super::work::Work;
use super::{Error, Place, blocking};

/// A running worker, as those see it who feed, drain and join it.
#[derive(Debug)]
pub(super) struct Worker {
    number: u64,
    location: Location,
    pub(super) queue: Queue,
    pub(super) snapshots: Arc<Snapshots>,
    close_timeout: Duration,
    thread: Mutex<Option<JoinHandle<()>>>,
    end: Mutex<Option<Result<(), Error>>>,
    ended: Condvar,
}

/// All workers of the process that have not ended: for the end of the process, and for who opens again
/// what is still being drained.
static RUNNING: Mutex<Vec<Arc<Worker>>> = Mutex::new(Vec::new());

impl Worker {
    /// Starts the worker of an opened job.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyOpen`] if the system has no thread to give.
    pub(super) fn start(
        location: Location,
        queue: Queue,
        snapshots: Arc<Snapshots>,
        close_timeout: Duration,
        opened: OpenedJob,
    ) -> Result<Arc<Self>, Error> {
        static NUMBERS: AtomicU64 = AtomicU64::new(1);
        let worker = Arc::new(Self {
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
            location,
            queue,
            snapshots,
            close_timeout,
            thread: Mutex::new(None),
            end: Mutex::new(None),
            ended: Condvar::new(),
        });
        // Held while the thread starts, so that it is known before it can end.
        let mut running = RUNNING.lock();
        let thread = std::thread::Builder::new()
            .name(format!("persist-{}", worker.place().job().replace('\0', "?")))
            .spawn({
                let worker = Arc::clone(&worker);
                move || worker.run(opened)
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

    fn run(&self, opened: OpenedJob) {
        blocking::mark_worker(self.number);
        let OpenedJob { writer, reader } = opened;
        let end = catch_unwind(AssertUnwindSafe(|| self.serve(writer, &*reader))).unwrap_or_else(
            |panic| {
                let error = Error::panicked(self.place().clone(), &*panic);
                self.queue.abandon(&error);
                reader.close();
                Err(error)
            },
        );
        *self.end.lock() = Some(end);
        RUNNING.lock().retain(|worker| worker.number != self.number);
        self.ended.notify_all();
    }

    fn serve(&self, mut writer: Box<dyn Writer>, reader: &dyn Reader) -> Result<(), Error> {
        let mut failed = None;
        while let Some(mut taken) = self.queue.take() {
            let outcomes = match &failed {
                None => self.run_work(&mut *writer, &mut taken.work),
                Some(error) => not_applied(&taken.work, error),
            };
            if let Some(Outcome::Unknown(error)) =
                outcomes.iter().find(|outcome| matches!(outcome, Outcome::Unknown(_)))
            {
                let source = Some(Arc::new(error.clone()) as _);
                failed = Some(Error::Failed { place: self.place().clone(), source });
            }
            // Before anybody hears of the commit: who does finds the snapshots ended.
            self.snapshots.end_expired();
            self.queue.resolve(&taken, outcomes);
        }
        let closed = catch_unwind(AssertUnwindSafe(|| {
            reader.close();
            writer.close()
        }))
        .unwrap_or_else(|panic| Err(Error::panicked(self.place().clone(), &*panic)));
        if let Err(error) = &closed {
            tracing::error!(place = %self.place(), %error, "closing failed");
        }
        self.queue.failures().first().map_or(closed, Err)
    }

    /// Another process's lock never fails a write, until a close has waited for it long enough.
    fn run_work(&self, writer: &mut dyn Writer, work: &mut Work) -> Vec<Outcome> {
        let mut tries = 0_u64;
        loop {
            match catch_unwind(AssertUnwindSafe(|| work.run(writer))) {
                Ok(Commit::Resolved(outcomes)) => return outcomes,
                Ok(Commit::Busy(error)) if self.queue.is_overdue() => {
                    return not_applied(work, &error);
                }
                Ok(Commit::Busy(_)) => {}
                Err(panic) => {
                    let error = Error::panicked(self.place().clone(), &*panic);
                    return vec![Outcome::Unknown(error); work.len()];
                }
            }
            if tries.is_power_of_two() {
                tracing::warn!(
                    place = %self.place(), tries,
                    "another process holds the lock: writes are waiting for it"
                );
            }
            tries += 1;
        }
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

fn not_applied(work: &Work, error: &Error) -> Vec<Outcome> {
    vec![Outcome::NotApplied(error.clone()); work.len()]
}
