//! What all rooms use: the errors, and the version of SQLite.

pub(crate) mod errors;
pub(crate) mod system;
pub(crate) mod version;
