//! The threads for what takes long and is awaited: scans, counts, opening and closing.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Poll, Waker};

use crate::store::base::error::{Error, Place};
use crate::store::base::process::Counted;
use crate::store::base::sync::atomic::{AtomicBool, Ordering};
use crate::store::base::sync::{Condvar, Mutex, thread};
use crate::store::base::{contained, process};

/// A few threads that start when first needed and end with the store. What waits here is held by
/// futures that somebody awaits, so it is bounded by them.
#[derive(Debug)]
pub(crate) struct Pool(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    work: Condvar,
    limit: usize,
}

#[derive(Default)]
struct State {
    tasks: VecDeque<Task>,
    threads: usize,
    idle: usize,
    closed: bool,
}

type Task = Box<dyn FnOnce() + Send>;

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} tasks, {} threads", self.tasks.len(), self.threads)
    }
}

impl Pool {
    pub(crate) fn new(limit: usize) -> Self {
        Self(Arc::new(Shared { state: Mutex::default(), work: Condvar::new(), limit }))
    }

    /// Runs `work` on a thread of the pool. `place` stands in the error if it panics.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyOpen`] if there is no thread and the system gives none; [`Error::OtherProcess`] if the threads are
    /// those of the process that this one was forked from.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        place: &Place,
        work: impl FnOnce(&Cancelled) -> Result<T, Error> + Send + 'static,
    ) -> Result<Awaited<T>, Error> {
        let cell = Arc::new(Cell {
            state: Mutex::new(CellState::default()),
            cancelled: Cancelled::default(),
            place: place.clone(),
        });
        let task = {
            let cell = Arc::clone(&cell);
            Box::new(move || {
                if cell.cancelled.is_set() {
                    return;
                }
                let result = contained::run(|| work(&cell.cancelled)).unwrap_or_else(|message| {
                    Err(Error::Panicked { place: cell.place.clone(), message })
                });
                cell.fulfil(result);
            })
        };
        self.0.submit(task, place)?;
        Ok(Awaited(cell))
    }
}

impl Drop for Pool {
    /// The threads finish what is there and end. They are not waited for: this may be one of them.
    fn drop(&mut self) {
        // In a forked child the threads don't run, and one may have had the lock.
        if !process::is_usable() {
            return;
        }
        self.0.state.lock().closed = true;
        self.0.work.notify_all();
    }
}

impl Shared {
    fn submit(self: &Arc<Self>, task: Task, place: &Place) -> Result<(), Error> {
        process::check(place)?;
        let mut state = self.state.lock();
        if state.idle <= state.tasks.len() && state.threads < self.limit {
            let (shared, counted) = (Arc::clone(self), Counted::new(place)?);
            let spawned = thread::Builder::new().name("persist-reader".into()).spawn(move || {
                let _counted = counted;
                shared.serve();
            });
            match spawned {
                Ok(_) => state.threads += 1,
                Err(_) if state.threads > 0 => {}
                Err(error) => {
                    return Err(Error::TooManyOpen {
                        place: place.clone(),
                        source: Some(Arc::new(error)),
                    });
                }
            }
        }
        state.tasks.push_back(task);
        drop(state);
        self.work.notify_one();
        Ok(())
    }

    fn serve(&self) {
        let mut state = self.state.lock();
        loop {
            if let Some(task) = state.tasks.pop_front() {
                drop(state);
                // A panic of the work itself is its result. A waker may panic too, and so may the drop of a result whose
                // future is gone.
                if let Err(message) = contained::run(task) {
                    contained::log(|| {
                        tracing::error!(message, "a waker or the drop of a result panicked");
                    });
                }
                state = self.state.lock();
            } else if state.closed {
                return;
            } else {
                state.idle += 1;
                self.work.wait(&mut state);
                state.idle -= 1;
            }
        }
    }
}

/// Whether the one who awaits has gone.
#[derive(Debug, Default)]
pub(crate) struct Cancelled(AtomicBool);

impl Cancelled {
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Work on the pool, as its future sees it. Dropping it cancels what has not begun, and lets a scan
/// stop at its next page.
#[derive(Debug)]
pub(crate) struct Awaited<T>(Arc<Cell<T>>);

#[derive(Debug)]
struct Cell<T> {
    state: Mutex<CellState<T>>,
    cancelled: Cancelled,
    place: Place,
}

#[derive(Debug)]
struct CellState<T> {
    result: Option<Result<T, Error>>,
    waker: Option<Waker>,
}

impl<T> Default for CellState<T> {
    fn default() -> Self {
        Self { result: None, waker: None }
    }
}

impl<T> Cell<T> {
    fn fulfil(&self, result: Result<T, Error>) {
        let waker = {
            let mut state = self.state.lock();
            state.result = Some(result);
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> Awaited<T> {
    pub(crate) fn poll(&self, waker: &Waker) -> Poll<Result<T, Error>> {
        // A waker is cloned and dropped without the lock: both may run anything.
        let waker = waker.clone();
        let mut state = self.0.state.lock();
        match state.result.take() {
            Some(result) => Poll::Ready(result),
            None => {
                // At the first poll the work was submitted just now.
                if state.waker.is_some()
                    && let Err(error) = process::check(&self.0.place)
                {
                    return Poll::Ready(Err(error));
                }
                let replaced = state.waker.replace(waker);
                drop(state);
                drop(replaced);
                Poll::Pending
            }
        }
    }
}

impl<T> Drop for Awaited<T> {
    fn drop(&mut self) {
        self.0.cancelled.0.store(true, Ordering::Relaxed);
    }
}
