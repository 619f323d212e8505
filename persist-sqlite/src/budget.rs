//! How many connections this process may have open, and who closes one for another.
//!
//! A connection takes up to three descriptors: of the file, of its WAL, and of the WAL's index, which SQLite shares among
//! the connections of a process. Half of the descriptors are left to the rest of the program.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Weak};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use persist_core::Error;
use persist_core::error::Place;

use crate::reader::Connections;

const DESCRIPTORS_EACH: u64 = 3;
/// Of how many descriptors SQLite may take one.
const SHARE: u64 = 2;
/// Fewer than that are no use: one job writes and reads by some.
const AT_LEAST: usize = 8;

static BUDGET: LazyLock<Budget> = LazyLock::new(|| Budget::new(limit()));

/// The jobs that have connections, in no order.
static JOBS: Mutex<Vec<Weak<Connections>>> = Mutex::new(Vec::new());

/// The time by which jobs are the least recently used: how many connections were opened.
static NOW: AtomicU64 = AtomicU64::new(0);

struct Budget {
    limit: usize,
    /// How many of them only writes may take. They use theirs for a commit, so that those who wait get one in turn, also if
    /// somebody waits for a write while holding snapshots.
    reserve: usize,
    open: Mutex<usize>,
    released: Condvar,
}

/// What a connection is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A commit that waits for it.
    Commit,
    Other,
}

/// The right to have a connection open, until it is dropped.
pub(crate) struct Permit(());

fn limit() -> usize {
    #[cfg(unix)]
    let descriptors = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    #[cfg(not(unix))]
    let descriptors: Option<u64> = None;
    let limit = descriptors.map(|descriptors| descriptors / SHARE / DESCRIPTORS_EACH);
    limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX).max(AT_LEAST)
}

/// The time, for [`Connections`] to note when they are used.
pub(crate) fn now() -> u64 {
    NOW.load(Ordering::Relaxed)
}

/// Lets connections of this job be closed for others.
pub(crate) fn enter(job: &Arc<Connections>) {
    JOBS.lock().push(Arc::downgrade(job));
}

pub(crate) fn leave(job: &Connections) {
    JOBS.lock().retain(|entered| !std::ptr::eq(entered.as_ptr(), job));
}

/// Waits until a connection was closed, or for so long.
pub(crate) fn wait_for_release(timeout: Duration) {
    let mut open = BUDGET.open.lock();
    BUDGET.released.wait_for(&mut open, timeout);
}

impl Permit {
    /// Closes connections that nobody uses, of the jobs that were not used for longest, if there are too many.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyOpen`] if all are in use.
    pub(crate) fn acquire(place: &Place, purpose: Purpose) -> Result<Self, Error> {
        /// Held by whoever closes some, and so by whoever finds none to close.
        static CLOSING: Mutex<()> = Mutex::new(());

        NOW.fetch_add(1, Ordering::Relaxed);
        if let Some(permit) = BUDGET.try_acquire(purpose) {
            return Ok(permit);
        }
        let _closing = CLOSING.lock();
        loop {
            if let Some(permit) = BUDGET.try_acquire(purpose) {
                return Ok(permit);
            }
            if !close_idle(BUDGET.limit) {
                return Err(Error::TooManyOpen { place: place.clone(), source: None });
            }
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        *BUDGET.open.lock() -= 1;
        BUDGET.released.notify_all();
    }
}

impl Budget {
    fn new(limit: usize) -> Self {
        let reserve = (limit / 8).max(1);
        Self { limit, reserve, open: Mutex::new(0), released: Condvar::new() }
    }

    fn try_acquire(&self, purpose: Purpose) -> Option<Permit> {
        let mut open = self.open.lock();
        let limit = match purpose {
            Purpose::Commit => self.limit,
            Purpose::Other => self.limit - self.reserve,
        };
        if *open >= limit {
            return None;
        }
        *open += 1;
        Some(Permit(()))
    }
}

/// Closes a sixteenth of `limit` connections, so that it isn't done for each: all that are idle of a job, since SQLite
/// gives some descriptors back only with the last one. Says whether it has closed one.
fn close_idle(limit: usize) -> bool {
    let mut jobs: Vec<_> = JOBS.lock().iter().filter_map(Weak::upgrade).collect();
    jobs.sort_by_cached_key(|job| job.last_used());
    let mut closed = 0;
    for job in jobs {
        closed += job.close_idle();
        if closed > limit / 16 {
            break;
        }
    }
    closed > 0
}
