//! Reads, backups and checks of an open job: the port's `Reader` and `Snapshot`.

pub(crate) mod backup;
pub(crate) mod check;
pub(crate) mod queries;
pub(crate) mod reader;
pub(crate) mod snapshot;
pub(crate) mod stoppable;
