//! The WAL of a job: whether it belongs to the database file, when it is checkpointed, and when it must stay unchanged.

pub(crate) mod change_counter;
pub(crate) mod checkpointer;
pub(crate) mod checkpoints;
pub(crate) mod failure;
pub(crate) mod foreign_journal;
pub(crate) mod foreign_wal;
pub(crate) mod frames;
pub(crate) mod left_wal;
