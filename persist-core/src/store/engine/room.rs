//! The capacity of the queues. It bounds memory, and holds callers back when the disk is slow.
//!
//! A caller that finds no capacity becomes an entry at the end of its job's waiting line. The entry owns the write, and the thread that
//! frees capacity appends it to the queue. So a future that is not polled delays no other write, and blocking callers and
//! futures share one order.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::ptr;
use std::sync::Arc;
use std::task::{Poll, Waker};

use crate::store::base::error::Error;
use crate::store::base::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use crate::store::base::sync::{Mutex, MutexGuard};
use crate::store::base::{blocking, contained, process};
use crate::store::engine::waiting::{Granted, Purpose, Refused, Waiting};
use crate::store::engine::wakers::Wakers;
use crate::store::engine::worker::Worker;

/// The capacity of all jobs of a store, and the waiting lines of the jobs.
#[derive(Debug)]
pub(crate) struct TotalRoom {
    state: Mutex<Total>,
    limit: usize,
}

#[derive(Debug, Default)]
struct Total {
    used: usize,
    /// The lines, each of which has an entry. The first has waited longest for its turn.
    lines: VecDeque<Line>,
    /// The number of the next entry of any line.
    next_number: u64,
}

/// The entries that wait for capacity in one job's queue, by their numbers.
struct Line {
    worker: Arc<Worker>,
    entries: BTreeMap<u64, Arc<Waiting>>,
    /// Whether a thread is appending the first entry to the queue. The entry stays in the line until that is done, so that no
    /// later write overtakes it, and no other thread serves the line meanwhile.
    is_served: bool,
}

/// The capacity of one job's queue. Its state changes only while the total is locked.
#[derive(Debug)]
pub(crate) struct Room {
    total: Arc<TotalRoom>,
    limit: usize,
    used: AtomicUsize,
    has_line: AtomicBool,
    is_closed: AtomicBool,
}

/// A place in a waiting line. Dropping it leaves the line, and releases capacity that was granted and not taken.
#[derive(Debug)]
pub(crate) struct Turn {
    worker: Arc<Worker>,
    number: u64,
    waiting: Arc<Waiting>,
    /// Whether the outcome was taken.
    is_over: bool,
}

/// The first entry of a line, for which capacity is taken, and its purpose.
struct Served {
    worker: Arc<Worker>,
    number: u64,
    waiting: Arc<Waiting>,
    purpose: Purpose,
}

impl TotalRoom {
    pub(crate) fn new(limit: usize) -> Self {
        Self { state: Mutex::default(), limit }
    }

    /// Serves the lines, in turn, for as long as their first entries fit, and releases the lock.
    ///
    /// The lock is held from one entry to the next, so no other write takes capacity for which an entry waits. Capacity that
    /// another thread frees while this one appends an entry is not lost: this thread looks again after each.
    fn serve_after<'a>(&'a self, mut total: MutexGuard<'a, Total>) {
        let mut wakers = Vec::new();
        while let Some(Served { worker, number, waiting, purpose }) = total.begin_serving() {
            drop(total);
            let outcome = worker.queue.enter_waiting(purpose, waiting.cost());
            total = self.state.lock();
            total.end_serving(&worker, number, outcome.is_err().then(|| waiting.cost()));
            wakers.extend(waiting.settle(outcome));
        }
        drop(total);
        // A waker may run anything, a call of the store included, so no lock is held and no line is being served.
        Wakers::wake_each(wakers);
    }
}

impl Total {
    fn line_of(&mut self, room: &Room) -> Option<&mut Line> {
        self.lines.iter_mut().find(|line| ptr::eq(line.room(), room))
    }

    /// Takes the capacity for the first entry that fits, and its line's turn.
    fn begin_serving(&mut self) -> Option<Served> {
        let position = self.lines.iter().position(|line| {
            let first = line.entries.values().next();
            !line.is_served && first.is_some_and(|first| line.room().fits(first.cost(), self))
        })?;
        let mut line = self.lines.remove(position)?;
        let worker = Arc::clone(&line.worker);
        let first = line.entries.first_key_value().and_then(|(&number, waiting)| {
            let purpose = waiting.begin()?;
            Some((number, Arc::clone(waiting), purpose))
        });
        line.is_served = first.is_some();
        // Behind the lines that have not had a turn since.
        self.lines.push_back(line);
        let (number, waiting, purpose) = first?;
        worker.queue.room().book(waiting.cost(), self);
        Some(Served { worker, number, waiting, purpose })
    }

    /// Removes a served entry from its line, and releases its capacity if it was refused.
    fn end_serving(&mut self, worker: &Worker, number: u64, refused_cost: Option<usize>) {
        let room = worker.queue.room();
        if let Some(cost) = refused_cost {
            room.unbook(cost, self);
        }
        if let Some(line) = self.line_of(room) {
            line.is_served = false;
            room.remove(number, self);
        }
    }
}

impl Line {
    fn room(&self) -> &Room {
        self.worker.queue.room()
    }
}

impl Room {
    pub(crate) fn new(total: Arc<TotalRoom>, limit: usize) -> Self {
        Self {
            total,
            limit,
            used: AtomicUsize::new(0),
            has_line: AtomicBool::new(false),
            is_closed: AtomicBool::new(false),
        }
    }

    /// Takes capacity for `cost` bytes if there is enough and no caller waits for it; returns whether it did.
    pub(crate) fn try_take(&self, cost: usize) -> bool {
        let mut total = self.total.state.lock();
        let free = !self.has_line.load(Ordering::Relaxed) && self.fits(cost, &total);
        if free {
            self.book(cost, &mut total);
        }
        free
    }

    /// Releases capacity once the writes that took it are resolved, and serves the waiting lines.
    pub(crate) fn give_back(&self, cost: usize) {
        let mut total = self.total.state.lock();
        self.unbook(cost, &mut total);
        self.total.serve_after(total);
    }

    /// The bytes taken.
    pub(crate) fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// The number of bytes that may be taken.
    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// Refuses every entry of the waiting line, and those that would follow. Returns the wakers of the callers, to be woken without a
    /// lock held.
    #[must_use]
    pub(crate) fn close(&self, closed: &Error) -> Vec<Waker> {
        let line = {
            let mut total = self.total.state.lock();
            self.is_closed.store(true, Ordering::Relaxed);
            self.has_line.store(false, Ordering::Relaxed);
            let position = total.lines.iter().position(|line| ptr::eq(line.room(), self));
            position.and_then(|position| total.lines.remove(position))
        };
        let entries = line.iter().flat_map(|line| line.entries.values());
        // An entry that is being served gets its outcome from the thread that serves it.
        let wakers = entries
            .filter_map(|waiting| {
                let purpose = waiting.begin()?;
                waiting.settle(Err(Refused::new(closed.clone(), purpose)))
            })
            .collect();
        // A future that was leaked has left its closure here, with all that it holds.
        contained::discard(line);
        wakers
    }

    /// A batch larger than the limit fits into an empty queue. The total is compared before the batch is added, so that no
    /// batch is too large for it.
    fn fits(&self, cost: usize, total: &Total) -> bool {
        let used = self.used();
        let fits_job = used == 0 || used.checked_add(cost).is_some_and(|sum| sum <= self.limit);
        fits_job && total.used < self.total.limit && total.used.checked_add(cost).is_some()
    }

    fn book(&self, cost: usize, total: &mut Total) {
        total.used += cost;
        self.used.fetch_add(cost, Ordering::Relaxed);
    }

    fn unbook(&self, cost: usize, total: &mut Total) {
        total.used -= cost;
        self.used.fetch_sub(cost, Ordering::Relaxed);
    }

    /// Removes an entry from the line; returns it unless it is not there any more or is being served.
    fn remove(&self, number: u64, total: &mut Total) -> Option<Arc<Waiting>> {
        let line = total.line_of(self)?;
        let is_first = line.entries.first_key_value().is_some_and(|(&first, _)| first == number);
        if line.is_served && is_first {
            return None;
        }
        let removed = line.entries.remove(&number);
        if line.entries.is_empty() {
            self.has_line.store(false, Ordering::Relaxed);
            // Their workers are known to the caller as well, so none is dropped here.
            total.lines.retain(|line| !ptr::eq(line.room(), self));
        }
        removed
    }
}

impl Turn {
    /// Adds an entry to the end of a job's line.
    ///
    /// # Errors
    ///
    /// Returns `purpose` if the job is closed.
    pub(crate) fn line_up(worker: Arc<Worker>, purpose: Purpose) -> Result<Self, Purpose> {
        let room = worker.queue.room();
        let mut total = room.total.state.lock();
        if room.is_closed.load(Ordering::Relaxed) {
            return Err(purpose);
        }
        let number = total.next_number;
        total.next_number += 1;
        let waiting = Arc::new(Waiting::new(purpose));
        match total.line_of(room) {
            Some(line) => drop(line.entries.insert(number, Arc::clone(&waiting))),
            None => {
                let entries = BTreeMap::from([(number, Arc::clone(&waiting))]);
                let worker = Arc::clone(&worker);
                total.lines.push_back(Line { worker, entries, is_served: false });
                room.has_line.store(true, Ordering::Relaxed);
            }
        }
        // There may be capacity by now.
        room.total.serve_after(total);
        Ok(Self { worker, number, waiting, is_over: false })
    }

    /// Blocks until the entry is served or refused.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`]; [`Error::WouldDeadlock`] on a worker's thread and [`Error::OtherProcess`] in a forked child, unless the
    /// entry is served already.
    pub(crate) fn wait(mut self) -> Result<Granted, Refused> {
        self.is_over = true;
        let may_wait = blocking::allowed().and_then(|()| process::check(self.worker.place()));
        match may_wait {
            Ok(()) => self.waiting.wait(),
            Err(error) => match self.try_leave() {
                Ok(purpose) => Err(Refused::new(error, purpose)),
                Err(outcome) => outcome,
            },
        }
    }

    /// Returns the outcome once the entry is served or refused; wakes `waker` then.
    ///
    /// # Errors
    ///
    /// As for [`wait`](Self::wait).
    pub(crate) fn poll(&mut self, waker: &Waker) -> Poll<Result<Granted, Refused>> {
        let poll = match process::check(self.worker.place()) {
            Ok(()) => self.waiting.poll(waker),
            Err(error) => Poll::Ready(match self.try_leave() {
                Ok(purpose) => Err(Refused::new(error, purpose)),
                Err(outcome) => outcome,
            }),
        };
        self.is_over |= poll.is_ready();
        poll
    }

    /// Leaves the line.
    ///
    /// # Errors
    ///
    /// The outcome, if the entry was served or refused before.
    pub(crate) fn leave(mut self) -> Result<Purpose, Result<Granted, Refused>> {
        self.is_over = true;
        self.try_leave()
    }

    fn try_leave(&self) -> Result<Purpose, Result<Granted, Refused>> {
        let room = self.worker.queue.room();
        let mut total = room.total.state.lock();
        let purpose = room.remove(self.number, &mut total).and_then(|waiting| waiting.begin());
        // The entries after this one may fit.
        room.total.serve_after(total);
        // One that is being served has its outcome as soon as it is appended.
        purpose.ok_or_else(|| self.waiting.wait())
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.is_over
            && let Err(Ok(Granted::Capacity)) = self.try_leave()
        {
            self.worker.queue.room().give_back(self.waiting.cost());
        }
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Line({} entries)", self.entries.len())
    }
}
