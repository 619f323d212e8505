//! One connection: how it is opened, set up and prepared for each use, and how many the process may have.

pub(crate) mod budget;
pub(crate) mod job_connection;
pub(crate) mod open;
pub(crate) mod prepare;
pub(crate) mod settings;
pub(crate) mod setup;
