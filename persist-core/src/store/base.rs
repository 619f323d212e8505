//! Items that the whole store uses: errors, settings, reports, operations, key ranges, and rules for threads.

pub(crate) mod blocking;
pub(crate) mod bounds;
pub(crate) mod category;
pub(crate) mod config;
pub(crate) mod contained;
pub(crate) mod error;
pub(crate) mod op;
pub(crate) mod process;
pub(crate) mod reports;
pub(crate) mod sync;
