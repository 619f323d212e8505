//! The pool of threads for awaited calls that may take long: scans, counts, opening and closing.
//!
//! One lock guards the queued tasks and the numbers of threads. Any thread may submit a task; a thread of the pool takes it and
//! runs it without the lock. Each task has a [`Cell`] with a lock of its own, through which the result reaches the future. A task
//! goes through these states:
//!
//! 1. Queued: a thread of the pool will take it.
//! 2. Running: its work runs, unless the future was dropped before. If the future is dropped now, the work sees that in
//!    its [`Stop`] and may end early.
//! 3. Fulfilled: the result is in the cell, and the future is woken.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Poll, Waker};

use crate::store::base::error::{Error, Place};
use crate::store::base::process::Counted;
use crate::store::base::sync::{Condvar, Mutex, thread};
use crate::store::base::{contained, process};
use crate::store::port::stop::Stop;

/// A limited number of threads that start when they are needed and end with the store. Every queued task belongs to a future of a
/// caller, so the number of futures limits the queue.
#[derive(Debug)]
pub(crate) struct Pool(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    work: Condvar,
    /// The maximum number of threads.
    limit: usize,
}

#[derive(Default)]
struct State {
    tasks: VecDeque<Task>,
    /// The number of threads that were started. None ends before the pool is dropped.
    threads: usize,
    /// The number of threads that wait for a task.
    idle: usize,
    /// Whether the pool was dropped.
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

    /// Runs `work` on a thread of the pool. `place` is part of the errors, including the one that reports a panic.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyOpen`] if the pool has no thread and the system cannot start one; [`Error::OtherProcess`] if this process
    /// was forked from the process that has the threads.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        place: &Place,
        work: impl FnOnce(&Stop) -> Result<T, Error> + Send + 'static,
    ) -> Result<Awaited<T>, Error> {
        let cell = Arc::new(Cell {
            state: Mutex::new(CellState::default()),
            stop: Stop::new(),
            place: place.clone(),
        });
        let task = {
            let cell = Arc::clone(&cell);
            Box::new(move || {
                if cell.stop.is_set() {
                    return;
                }
                let result = contained::run(|| work(&cell.stop)).unwrap_or_else(|message| {
                    Err(Error::Panicked { place: cell.place.clone(), message })
                });
                cell.fulfil(result);
            })
        };
        self.0.submit(task, place)?;
        Ok(Awaited(cell))
    }
}

/// Stores the result of a read that a backend completes. The read's last step, which may be a caller's code, runs in it.
pub(crate) type Fulfil<T> = Box<dyn FnOnce(Box<dyn FnOnce() -> Result<T, Error>>) + Send>;

/// Returns a future whose result is not found by the pool, and the function that stores its result. Like a task, the function
/// contains every panic: of the last step of the read, of the waker, and of the drop of a result whose future is gone.
pub(crate) fn promise<T: Send + 'static>(place: &Place) -> (Awaited<T>, Fulfil<T>) {
    let cell = Arc::new(Cell {
        state: Mutex::new(CellState::default()),
        stop: Stop::new(),
        place: place.clone(),
    });
    let awaited = Awaited(Arc::clone(&cell));
    let fulfil: Fulfil<T> = Box::new(move |find| {
        let result = contained::run(find)
            .unwrap_or_else(|message| Err(Error::Panicked { place: cell.place.clone(), message }));
        if let Err(message) = contained::run(|| cell.fulfil(result)) {
            contained::log(|| tracing::error!(message, "a waker panicked"));
        }
        contained::discard(cell);
    });
    (awaited, fulfil)
}

impl Drop for Pool {
    /// Lets the threads finish the queued tasks and end. Does not wait for them, since the pool may be dropped on one of them.
    fn drop(&mut self) {
        // A forked child has no such threads, and one of them may have held the lock at the fork.
        if !process::is_usable() {
            return;
        }
        self.0.state.lock().closed = true;
        self.0.work.notify_all();
    }
}

impl Shared {
    /// Queues a task, and starts a thread if no idle one is left for it.
    ///
    /// # Errors
    ///
    /// As for [`Pool::run`].
    fn submit(self: &Arc<Self>, task: Task, place: &Place) -> Result<(), Error> {
        process::check(place)?;
        let mut state = self.state.lock();
        // Each queued task will take one of the idle threads.
        if state.idle <= state.tasks.len() && state.threads < self.limit {
            let (shared, counted) = (Arc::clone(self), Counted::new(place)?);
            let spawned = thread::Builder::new().name("persist-reader".into()).spawn(move || {
                let _counted = counted;
                shared.serve();
            });
            match spawned {
                Ok(_) => state.threads += 1,
                // The task waits for one of the threads that there are.
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

    /// Runs tasks until the pool is dropped and none is left.
    fn serve(&self) {
        let mut state = self.state.lock();
        loop {
            if let Some(task) = state.tasks.pop_front() {
                drop(state);
                // A panic of the work is caught in the task, and becomes its result. A waker may also panic, and so may the drop of
                // a result whose future is gone.
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

/// The future's side of a task. Dropping it cancels the task: work that has not begun never runs, and a scan or a count
/// stops.
#[derive(Debug)]
pub(crate) struct Awaited<T>(Arc<Cell<T>>);

/// The state that a task and its future share.
#[derive(Debug)]
struct Cell<T> {
    state: Mutex<CellState<T>>,
    stop: Stop,
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
    /// Stores the result and wakes the future.
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
    /// Returns the flag that is set when this future is dropped.
    pub(crate) fn stop(&self) -> &Stop {
        &self.0.stop
    }

    /// Returns the result once, if there is one. Otherwise `waker` is woken when there is.
    ///
    /// # Errors
    ///
    /// The error of the work; [`Error::OtherProcess`] in a process that was forked after the work was submitted.
    pub(crate) fn poll(&self, waker: &Waker) -> Poll<Result<T, Error>> {
        // A waker is cloned and dropped without the lock held, since both may run any code.
        let waker = waker.clone();
        let mut state = self.0.state.lock();
        match state.result.take() {
            Some(result) => Poll::Ready(result),
            None => {
                // Only from the second poll on: the first follows the submission, which made this check.
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
        self.0.stop.set();
    }
}
