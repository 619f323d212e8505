//! How one connection to a file is opened and set up, and how many a process may have.

pub(crate) mod budget;
pub(crate) mod job_connection;
pub(crate) mod open;
pub(crate) mod prepare;
pub(crate) mod settings;
pub(crate) mod setup;
