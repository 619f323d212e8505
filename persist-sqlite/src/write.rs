//! Writes to an open job: the `Writer` and `Transaction` of the port.

pub(crate) mod apply;
pub(crate) mod commits;
pub(crate) mod compaction;
pub(crate) mod read_only;
pub(crate) mod transaction;
pub(crate) mod writer;
