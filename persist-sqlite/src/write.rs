//! Writes to an open job: the port's `Writer` and `Transaction`.

pub(crate) mod apply;
pub(crate) mod commits;
pub(crate) mod compaction;
pub(crate) mod read_only;
pub(crate) mod transaction;
pub(crate) mod writer;
