//! The kinds of engines, and where they are.

use measure::engine::With;
use measure::work::Work;

#[cfg(feature = "peers")]
use super::engine::{fjall, heed, redb, sled};
use super::engine::{persist, rusqlite};

#[derive(Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    package: &'static str,
    /// The works of `compare` that it is measured at.
    pub(crate) takes_part: fn(Work) -> bool,
    pub(crate) with: With,
}

impl Kind {
    pub(crate) const PERSIST: Self = Self::new("persist", "persist-sqlite", persist::with);
    /// What all others are compared with.
    pub(crate) const BARE: Self = Self::new("rusqlite", "rusqlite", rusqlite::with);

    pub(crate) fn all() -> Vec<Self> {
        vec![
            Self::PERSIST,
            Self::variant("persist-mmap", persist::with_mmap),
            Self::variant("persist-exclusive", persist::with_exclusive),
            Self::variant("persist-exclusive-mmap", persist::with_exclusive_mmap),
            Self::BARE,
            #[cfg(feature = "peers")]
            Self::new("redb", "redb", redb::with),
            #[cfg(feature = "peers")]
            Self::new("fjall", "fjall", fjall::with),
            #[cfg(feature = "peers")]
            Self::new("heed", "heed", heed::with),
            // On Linux it calls sync_file_range, which leaves out the file's length and the disk's own cache.
            #[cfg(feature = "peers")]
            Self { takes_part: |work| !work.is_durable(), ..Self::new("sled", "sled", sled::with) },
        ]
    }

    const fn new(name: &'static str, package: &'static str, with: With) -> Self {
        Self { name, package, takes_part: |_| true, with }
    }

    /// persist with settings that are there for the sake of its reads.
    const fn variant(name: &'static str, with: With) -> Self {
        Self { takes_part: Work::is_read, ..Self::new(name, "persist-sqlite", with) }
    }

    /// The version that the lock file has.
    pub(crate) fn version(self) -> &'static str {
        let lock = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock"));
        let entry = format!("name = \"{}\"\nversion = \"", self.package);
        let after = lock.split_once(&entry).map_or("", |(_, after)| after);
        after.split('"').next().unwrap_or_default()
    }
}
