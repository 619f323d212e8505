//! Reads of an open job, backups and checks: the `Reader` and `Snapshot` of the port.

pub(crate) mod backup;
pub(crate) mod check;
pub(crate) mod queries;
pub(crate) mod reader;
pub(crate) mod snapshot;
