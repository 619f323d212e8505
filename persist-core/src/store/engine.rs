//! A job's queue, its worker and its group commits; snapshots, and the pool of threads.

pub(crate) mod committer;
pub(crate) mod failures;
pub(crate) mod filter;
pub(crate) mod group_commit;
pub(crate) mod pool;
pub(crate) mod queue;
pub(crate) mod room;
pub(crate) mod snapshots;
pub(crate) mod waiting;
pub(crate) mod wakers;
pub(crate) mod work;
pub(crate) mod worker;
