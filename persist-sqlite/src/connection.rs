//! How one connection to a file is opened and set up, and how many a process may have.

pub(crate) mod budget;
pub(crate) mod open;
pub(crate) mod settings;
