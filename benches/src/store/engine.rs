//! The engines of this program, behind one small trait.

use measure::engine::{Engine, Outcome};

/// Opens or creates the job with this id, in a store that was opened before.
pub(super) type OpenJob = Box<dyn FnMut(&str) -> Outcome<Box<dyn Engine>>>;

#[cfg(feature = "peers")]
pub(super) mod fjall;
#[cfg(feature = "peers")]
pub(super) mod heed;
pub(super) mod persist;
#[cfg(feature = "peers")]
pub(super) mod redb;
pub(super) mod rusqlite;
#[cfg(feature = "peers")]
pub(super) mod sled;
