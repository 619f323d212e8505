//! The files of a job, by name and by entry: no connection is opened here.

pub(crate) mod access;
pub(crate) mod claim;
pub(crate) mod job_file;
pub(crate) mod network;
pub(crate) mod presence;
pub(crate) mod root;
pub(crate) mod schema;
pub(crate) mod storage;
