//! The engine: a job's queue, capacity, worker and group commits; its snapshots; and the pool of threads for awaited reads.
//!
//! Two locks are held while a backend works: the committer's (`worker.rs`), by the thread that commits, and a snapshot's
//! (`snapshots.rs`), by the thread that reads from it. All other locks are held for bookkeeping only. Code of callers (a closure, a
//! waker, a drop) runs with no lock held, or under the committer's lock only. A blocking call that it makes there returns
//! `WouldDeadlock`.

pub(crate) mod capacity;
pub(crate) mod catalog;
pub(crate) mod committer;
pub(crate) mod failures;
pub(crate) mod filter;
pub(crate) mod group_commit;
pub(crate) mod planner;
pub(crate) mod pool;
pub(crate) mod queue;
pub(crate) mod snapshots;
pub(crate) mod turn;
pub(crate) mod waiting;
pub(crate) mod wakers;
pub(crate) mod work;
pub(crate) mod worker;
