//! The errors of the backend, the probes of the system that explain them, and the version of SQLite. All rooms import this one.

pub(crate) mod errors;
pub(crate) mod system;
pub(crate) mod version;
