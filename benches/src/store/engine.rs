//! The engines of this program, all behind one small trait.

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
