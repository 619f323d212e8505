//! The capacity of the queues. It bounds the memory of pending writes, and holds callers back while the disk is slow
//! (backpressure).
//!
//! One lock, in [`TotalCapacity`], guards the bytes taken by all jobs, the bytes taken by each job, and the waiting lines. While it
//! is held, no other lock is taken except that of an entry.
//!
//! A caller that finds no capacity becomes an entry at the end of its job's waiting line. The entry owns the write, and the thread
//! that frees capacity appends it to the queue. So a future that is not polled delays no other write, and blocking callers and
//! futures share one order. An entry has three states:
//!
//! 1. It waits in its line, with its purpose (the write).
//! 2. One thread has taken the purpose: a thread that serves the line, the thread that closes the job, or the caller that leaves.
//! 3. That thread has settled it: the entry has its outcome, and its caller is woken.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::ptr;
use std::sync::Arc;
use std::task::Waker;

use crate::store::base::contained;
use crate::store::base::error::{Error, Place};
use crate::store::base::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use crate::store::base::sync::{Mutex, MutexGuard};
use crate::store::engine::waiting::{Granted, Purpose, Refused, Waiting};
use crate::store::engine::wakers::Wakers;

/// The queue that the entries of a waiting line are for.
pub(crate) trait Admit: fmt::Debug + Send + Sync {
    /// Its capacity.
    fn capacity(&self) -> &Capacity;

    /// The job, for errors.
    fn place(&self) -> &Place;

    /// Appends the write of an entry, for which `cost` bytes of capacity are taken. If it is refused, the caller releases the
    /// capacity.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`], with `purpose`.
    fn admit(&self, purpose: Purpose, cost: usize) -> Result<Granted, Refused>;
}

/// The capacity of all jobs of a store, and the waiting lines of the jobs.
#[derive(Debug)]
pub(crate) struct TotalCapacity {
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
    queue: Arc<dyn Admit>,
    entries: BTreeMap<u64, Arc<Waiting>>,
    /// Whether a thread is appending the first entry to the queue. The entry stays in the line until that is done, so that no
    /// later write overtakes it, and no other thread serves the line meanwhile.
    is_served: bool,
}

/// The capacity of one job's queue.
///
/// Its state changes only while the total is locked. It is atomic so that statistics need not take that lock.
#[derive(Debug)]
pub(crate) struct Capacity {
    total: Arc<TotalCapacity>,
    limit: usize,
    used: AtomicUsize,
    has_line: AtomicBool,
    is_closed: AtomicBool,
}

/// The first entry of a line, for which capacity is taken, and its purpose.
struct Served {
    queue: Arc<dyn Admit>,
    number: u64,
    waiting: Arc<Waiting>,
    purpose: Purpose,
}

impl TotalCapacity {
    pub(crate) fn new(limit: usize) -> Self {
        Self { state: Mutex::default(), limit }
    }

    /// Serves the lines, in turn, for as long as their first entries fit, and releases the lock.
    ///
    /// The lock is held from one entry to the next, so no other write takes capacity for which an entry waits. Capacity that
    /// another thread frees while this one appends an entry is not lost: this thread looks again after each.
    fn serve_after<'a>(&'a self, mut total: MutexGuard<'a, Total>) {
        let mut wakers = Vec::new();
        while let Some(Served { queue, number, waiting, purpose }) = total.begin_serving() {
            drop(total);
            let outcome = queue.admit(purpose, waiting.cost());
            total = self.state.lock();
            let refused_cost = outcome.is_err().then(|| waiting.cost());
            total.end_serving(queue.capacity(), number, refused_cost);
            wakers.extend(waiting.settle(outcome));
        }
        drop(total);
        // A waker may run anything, a call of the store included, so no lock is held and no line is being served.
        Wakers::wake_each(wakers);
    }
}

impl Total {
    fn line_of(&mut self, capacity: &Capacity) -> Option<&mut Line> {
        self.lines.iter_mut().find(|line| ptr::eq(line.queue.capacity(), capacity))
    }

    /// Takes the capacity for the first entry that fits, and its line's turn.
    fn begin_serving(&mut self) -> Option<Served> {
        let position = self.lines.iter().position(|line| {
            let first = line.entries.values().next();
            !line.is_served
                && first.is_some_and(|first| line.queue.capacity().fits(first.cost(), self))
        })?;
        let mut line = self.lines.remove(position)?;
        let queue = Arc::clone(&line.queue);
        let first = line.entries.first_key_value().and_then(|(&number, waiting)| {
            let purpose = waiting.begin()?;
            Some((number, Arc::clone(waiting), purpose))
        });
        line.is_served = first.is_some();
        // After the lines that have not had a turn since.
        self.lines.push_back(line);
        let (number, waiting, purpose) = first?;
        queue.capacity().add_used(waiting.cost(), self);
        Some(Served { queue, number, waiting, purpose })
    }

    /// Removes a served entry from its line, and releases its capacity if it was refused.
    fn end_serving(&mut self, capacity: &Capacity, number: u64, refused_cost: Option<usize>) {
        if let Some(cost) = refused_cost {
            capacity.subtract_used(cost, self);
        }
        if let Some(line) = self.line_of(capacity) {
            line.is_served = false;
            capacity.remove(number, self);
        }
    }
}

impl Capacity {
    pub(crate) fn new(total: Arc<TotalCapacity>, limit: usize) -> Self {
        Self {
            total,
            limit,
            used: AtomicUsize::new(0),
            has_line: AtomicBool::new(false),
            is_closed: AtomicBool::new(false),
        }
    }

    /// Takes `cost` bytes if there are enough and no caller waits for them; returns whether it did.
    pub(crate) fn try_take(&self, cost: usize) -> bool {
        let mut total = self.total.state.lock();
        let free = !self.has_line.load(Ordering::Relaxed) && self.fits(cost, &total);
        if free {
            self.add_used(cost, &mut total);
        }
        free
    }

    /// Releases capacity, of writes that are resolved for example, and serves the waiting lines.
    pub(crate) fn release(&self, cost: usize) {
        let mut total = self.total.state.lock();
        self.subtract_used(cost, &mut total);
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

    /// Adds an entry to the end of a queue's line. Returns its number and the entry.
    ///
    /// # Errors
    ///
    /// Returns `purpose` if the queue is closed.
    pub(crate) fn line_up(
        queue: &Arc<dyn Admit>,
        purpose: Purpose,
    ) -> Result<(u64, Arc<Waiting>), Purpose> {
        let capacity = queue.capacity();
        let mut total = capacity.total.state.lock();
        if capacity.is_closed.load(Ordering::Relaxed) {
            return Err(purpose);
        }
        let number = total.next_number;
        total.next_number += 1;
        let waiting = Arc::new(Waiting::new(purpose));
        match total.line_of(capacity) {
            Some(line) => drop(line.entries.insert(number, Arc::clone(&waiting))),
            None => {
                let entries = BTreeMap::from([(number, Arc::clone(&waiting))]);
                let queue = Arc::clone(queue);
                total.lines.push_back(Line { queue, entries, is_served: false });
                capacity.has_line.store(true, Ordering::Relaxed);
            }
        }
        // Another thread may have released capacity since the caller looked.
        capacity.total.serve_after(total);
        Ok((number, waiting))
    }

    /// Removes an entry from the line for its caller. Returns its purpose, unless another thread serves or has settled the entry.
    pub(crate) fn leave_line(&self, number: u64) -> Option<Purpose> {
        let mut total = self.total.state.lock();
        let purpose = self.remove(number, &mut total).and_then(|waiting| waiting.begin());
        // The entries after this one may fit.
        self.total.serve_after(total);
        purpose
    }

    /// Refuses every entry of the waiting line, and those that would follow. Returns the wakers of the callers, to be woken without a
    /// lock held.
    #[must_use]
    pub(crate) fn close(&self, closed: &Error) -> Vec<Waker> {
        let line = {
            let mut total = self.total.state.lock();
            self.is_closed.store(true, Ordering::Relaxed);
            self.has_line.store(false, Ordering::Relaxed);
            let lines = &mut total.lines;
            let position = lines.iter().position(|line| ptr::eq(line.queue.capacity(), self));
            position.and_then(|position| lines.remove(position))
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

    fn add_used(&self, cost: usize, total: &mut Total) {
        total.used += cost;
        self.used.fetch_add(cost, Ordering::Relaxed);
    }

    fn subtract_used(&self, cost: usize, total: &mut Total) {
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
            // The caller holds the queue as well, so none is dropped under the lock.
            total.lines.retain(|line| !ptr::eq(line.queue.capacity(), self));
        }
        removed
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Line({} entries)", self.entries.len())
    }
}
