//! The capacity of the queues, in bytes. It limits the memory of unresolved writes, and delays callers while the disk is slow
//! (backpressure).
//!
//! One lock, in [`TotalCapacity`], guards the bytes taken by all jobs, the bytes taken by each job, and the waiting lines. While it
//! is held, the only other lock that may be taken is the lock of an entry.
//!
//! If there is not enough capacity, the caller becomes an entry at the end of its job's waiting line. The entry owns the write, and
//! the thread that releases capacity appends the write to the queue. So a future that is not polled delays no other write, and
//! blocking callers and futures share one order. An entry has three states:
//!
//! 1. Waiting: the entry is in its line and has its purpose (the write).
//! 2. Begun: one thread has taken the purpose. It is a thread that serves the line, the thread that closes the job, or the caller
//!    that leaves the line.
//! 3. Settled: a thread that serves the line or closes the job has stored the outcome, and wakes the caller. If the caller leaves,
//!    the entry has no outcome.

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
    /// Returns the capacity of the queue.
    fn capacity(&self) -> &Capacity;

    /// Returns the job, for errors.
    fn place(&self) -> &Place;

    /// Appends the write of an entry, for which `cost` bytes of capacity were taken. If the write is refused, the caller releases
    /// the capacity.
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
    /// The bytes that all jobs have taken.
    used: usize,
    /// The waiting lines, none of which is empty. The first has waited longest for its turn.
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
/// Its fields change only while the total is locked. They are atomic so that statistics can read them without the lock.
#[derive(Debug)]
pub(crate) struct Capacity {
    total: Arc<TotalCapacity>,
    limit: usize,
    used: AtomicUsize,
    has_line: AtomicBool,
    is_closed: AtomicBool,
}

/// The first entry of a line while a thread serves it: its capacity was taken, and the thread owns its purpose.
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

    /// Serves the lines in turn while any of their first entries fits, releases the lock, and wakes the callers of the entries.
    ///
    /// From the end of one entry to the choice of the next, the lock is held, so no other write takes capacity for which an entry
    /// waits. While an entry is appended to its queue, the lock is released, since the queue has a lock of its own. If another
    /// thread releases capacity meanwhile, this thread sees it when it looks for the next entry.
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
        // A waker may run any code, including calls of the store. So the total is not locked here, and this thread serves no line.
        Wakers::wake_each(wakers);
    }
}

impl Total {
    fn line_of(&mut self, capacity: &Capacity) -> Option<&mut Line> {
        self.lines.iter_mut().find(|line| ptr::eq(line.queue.capacity(), capacity))
    }

    /// Begins to serve the first line whose first entry fits: takes the capacity for the entry, and moves the line to the end.
    ///
    /// A line that is being served is skipped, so its entries are appended one at a time, in order.
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
        // The lines that have waited longer for their turn come first from now on.
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

    /// Takes `cost` bytes if there are enough and no caller of this job waits for capacity. Returns whether it did.
    pub(crate) fn try_take(&self, cost: usize) -> bool {
        let mut total = self.total.state.lock();
        let free = !self.has_line.load(Ordering::Relaxed) && self.fits(cost, &total);
        if free {
            self.add_used(cost, &mut total);
        }
        free
    }

    /// Releases capacity, for example after writes were resolved, and serves the waiting lines.
    pub(crate) fn release(&self, cost: usize) {
        let mut total = self.total.state.lock();
        self.subtract_used(cost, &mut total);
        self.total.serve_after(total);
    }

    /// Returns the number of bytes taken.
    pub(crate) fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// Returns the number of bytes that may be taken.
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
        // Another thread may have released capacity after this caller found none. It could not serve this entry.
        capacity.total.serve_after(total);
        Ok((number, waiting))
    }

    /// Removes an entry from the line on behalf of its caller. Returns its purpose, unless another thread serves the entry or has
    /// settled it.
    pub(crate) fn leave_line(&self, number: u64) -> Option<Purpose> {
        let mut total = self.total.state.lock();
        let purpose = self.remove(number, &mut total).and_then(|waiting| waiting.begin());
        // The entries after this one may fit.
        self.total.serve_after(total);
        purpose
    }

    /// Refuses every entry of the waiting line, and from now on every new one. Returns the wakers of the callers; the caller of
    /// this function wakes them without holding a lock.
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
        // If an entry is being served, the thread that serves it has taken its purpose and will settle it.
        let wakers = entries
            .filter_map(|waiting| {
                let purpose = waiting.begin()?;
                waiting.settle(Err(Refused::new(closed.clone(), purpose)))
            })
            .collect();
        // If a future was leaked, its closure is still here, with the values that it holds. Their drop may panic.
        contained::discard(line);
        wakers
    }

    /// Returns whether `cost` bytes can be taken now.
    ///
    /// A batch larger than the job's limit fits into an empty queue. The total is compared with its limit before the cost is added,
    /// so that no batch is too large for the total.
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

    /// Removes an entry from the line and returns it. Returns `None` if the entry is no longer there, or is being served.
    fn remove(&self, number: u64, total: &mut Total) -> Option<Arc<Waiting>> {
        let line = total.line_of(self)?;
        let is_first = line.entries.first_key_value().is_some_and(|(&first, _)| first == number);
        if line.is_served && is_first {
            return None;
        }
        let removed = line.entries.remove(&number);
        if line.entries.is_empty() {
            self.has_line.store(false, Ordering::Relaxed);
            // The line holds a reference to the queue, but not the last one: the caller has one too. So no queue is dropped while
            // the total is locked.
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
