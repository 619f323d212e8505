//! Operations on a job that isn't open: probing, dropping and restoring it.

pub(crate) mod drop_job;
pub(crate) mod probe;
pub(crate) mod restore;
pub(crate) mod restore_draft;
pub(crate) mod single_file;
