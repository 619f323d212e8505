//! The files of a job and their root: names, entries, locks, claims, and the schema in a database. No connection is opened here.

pub(crate) mod access;
pub(crate) mod claim;
pub(crate) mod job_file;
pub(crate) mod network;
pub(crate) mod presence;
pub(crate) mod root;
pub(crate) mod schema;
pub(crate) mod storage;
