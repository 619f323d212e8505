//! The connections of an open job: the ones for reads, and the one that writes.

pub(crate) mod connections;
pub(crate) mod read_connection;
pub(crate) mod read_pool;
pub(crate) mod write_connection;
