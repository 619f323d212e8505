//! The budget of descriptors: how many connections to open jobs this process may have, and which idle ones are closed when
//! another is needed.
//!
//! A connection takes up to three descriptors: the file, its WAL, and the index of the WAL, which SQLite shares among the
//! connections of a process. Half of the descriptors are left to the rest of the program.
//!
//! Every connection to an open job holds a [`Permit`]. A caller that gets none at once closes the idle connections of the jobs that
//! were used least recently ([`Idle`]). If no connection is idle, a read fails. A write waits for a release, and has a reserve of
//! its own: a writer needs its connection only for a commit, so waiting writers get one in turn, even while the callers that wait
//! for those writes hold snapshots.
//!
//! A caller may hold locks of its own job's connections while it asks for a permit. So [`Idle::close_idle`] only tries the locks of
//! connections and never waits for one, since two callers could otherwise wait for each other. `JOBS` is locked only while the list
//! is read or changed.

use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Weak};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use persist_core::Error;
use persist_core::error::Place;

const DESCRIPTORS_EACH: u64 = 3;
/// SQLite may take one of `SHARE` descriptors.
const SHARE: u64 = 2;
/// The lowest limit. One job that writes and reads needs several connections.
const AT_LEAST: usize = 8;

static BUDGET: LazyLock<Budget> = LazyLock::new(|| Budget::new(limit()));

/// The open jobs, in no order.
static JOBS: Mutex<Vec<Weak<dyn Idle>>> = Mutex::new(Vec::new());

/// The clock for "least recently used": the number of permits that were asked for so far. Unlike the system's clock it costs a
/// read nothing but a load, and it advances only when connections are opened.
static NOW: AtomicU64 = AtomicU64::new(0);

struct Budget {
    limit: usize,
    /// How many permits of the limit only commits may take.
    reserve: usize,
    open: Mutex<usize>,
    released: Condvar,
}

/// The connections of an open job, some of which may be idle.
pub(crate) trait Idle: Send + Sync {
    /// When the job was last used, as a time that [`now`] returned.
    fn last_used(&self) -> u64;

    /// Closes the job's idle connections. Returns how many it closed.
    fn close_idle(&self) -> usize;
}

/// The purpose of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A commit that waits for it.
    Commit,
    Other,
}

/// The right to have one connection open, until it is dropped.
pub(crate) struct Permit(());

fn limit() -> usize {
    #[cfg(unix)]
    let descriptors = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    #[cfg(not(unix))]
    let descriptors: Option<u64> = None;
    let limit = descriptors.map(|descriptors| descriptors / SHARE / DESCRIPTORS_EACH);
    limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX).max(AT_LEAST)
}

/// Returns the time on the budget's clock, which a job notes when it is used.
pub(crate) fn now() -> u64 {
    NOW.load(Ordering::Relaxed)
}

/// Lists a job, so that its idle connections can be closed for other jobs.
pub(crate) fn enter(job: Weak<dyn Idle>) {
    JOBS.lock().push(job);
}

/// Removes a job from the list.
pub(crate) fn leave<T>(job: &T) {
    // By address, since the job is being dropped: its weak references can't be upgraded any more.
    JOBS.lock().retain(|entered| !ptr::addr_eq(entered.as_ptr(), job));
}

/// Waits until a connection is closed, but no longer than `timeout`.
pub(crate) fn wait_for_release(timeout: Duration) {
    let mut open = BUDGET.open.lock();
    BUDGET.released.wait_for(&mut open, timeout);
}

impl Permit {
    /// Takes a permit. At the limit, closes idle connections of the jobs that were used least recently.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyOpen`] if no connection is idle.
    pub(crate) fn acquire(place: &Place, purpose: Purpose) -> Result<Self, Error> {
        /// Held while idle connections are closed. A second caller then waits, and finds the permits that the first one freed,
        /// instead of finding nothing idle and failing.
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

/// Closes idle connections, job by job, until a sixteenth of `limit` are closed, so that not every opening has to close one. All idle
/// connections of a job are closed together, since SQLite closes some descriptors only with the last connection to a file.
/// Returns whether it closed any.
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
