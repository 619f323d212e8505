//! The engine: a job's queue, capacity, worker and group commits; its snapshots; and the pool of threads for awaited reads.

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
