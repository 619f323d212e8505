//! The engine: a job's queue, capacity, worker and group commits; its snapshots; and the pool of threads for awaited reads.
//!
//! The lock of the committer (`worker.rs`) is the only one that is held for long: by the thread that commits, around all locks that
//! it needs meanwhile. The other locks are held for bookkeeping only, not while a backend works, and not while code of callers
//! runs. Such code (a closure, a waker, a drop) may run under the committer's lock, but a blocking call that it makes returns
//! `WouldDeadlock`.

pub(crate) mod capacity;
pub(crate) mod close_signal;
pub(crate) mod committer;
pub(crate) mod failures;
pub(crate) mod filter;
pub(crate) mod group_commit;
pub(crate) mod pool;
pub(crate) mod queue;
pub(crate) mod snapshots;
pub(crate) mod turn;
pub(crate) mod waiting;
pub(crate) mod wakers;
pub(crate) mod work;
pub(crate) mod worker;
