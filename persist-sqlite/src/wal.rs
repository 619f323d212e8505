//! The WAL next to a file: whether it belongs to the file, when it is checkpointed, and why it may be left alone.

pub(crate) mod change_counter;
pub(crate) mod checkpointer;
pub(crate) mod checkpoints;
pub(crate) mod failure;
pub(crate) mod foreign_journal;
pub(crate) mod foreign_wal;
pub(crate) mod frames;
pub(crate) mod left_wal;
