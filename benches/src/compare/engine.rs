//! The engines, all behind one small trait.

#[cfg(feature = "peers")]
mod fjall;
#[cfg(feature = "peers")]
mod heed;
mod persist;
#[cfg(feature = "peers")]
mod redb;
mod rusqlite;
#[cfg(feature = "peers")]
mod sled;

use std::error::Error;
use std::path::Path;

use super::data::{Row, RowKey};

pub(crate) type Fault = Box<dyn Error + Send + Sync>;
pub(crate) type Outcome<T> = Result<T, Fault>;

/// What a commit survives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Commits {
    /// The death of the process (of redb and sled only what was made durable does).
    Fast,
    /// A power cut.
    Durable,
}

/// An open store of ordered rows.
pub(crate) trait Engine: Sync {
    /// Puts one row, which nobody waits for where the engine allows it.
    fn put(&self, key: &[u8], payload: &[u8]) -> Outcome<()>;

    /// Puts one row, and comes back when it is committed.
    fn put_acknowledged(&self, key: &[u8], payload: &[u8]) -> Outcome<()> {
        self.put(key, payload)
    }

    /// Puts all rows or none.
    fn put_batch(&self, rows: &[Row<'_>]) -> Outcome<()>;

    /// Deletes all keys or none.
    fn delete_batch(&self, keys: &[RowKey]) -> Outcome<()>;

    /// Comes back when all writes so far are committed.
    fn settle(&self) -> Outcome<()> {
        Ok(())
    }

    /// What one thread reads with. Every call sees the newest commit.
    fn reader(&self) -> Outcome<Box<dyn Reader + '_>>;
}

/// Ranges are half open.
pub(crate) trait Reader {
    fn get(&self, key: &[u8]) -> Outcome<Option<Vec<u8>>>;

    /// As a task that awaits it, if the engine has that.
    fn get_awaited(&self, _key: &[u8]) -> Option<Outcome<Option<Vec<u8>>>> {
        None
    }

    fn scan(&self, start: &[u8], stop: &[u8], limit: Option<usize>) -> Outcome<Box<dyn Kept>>;

    fn count(&self, start: &[u8], stop: &[u8]) -> Outcome<usize>;
}

/// Rows that a scan has brought into memory, in the form in which the engine's users keep them.
pub(crate) trait Kept {
    fn len(&self) -> usize;

    fn row(&self, index: usize) -> Option<(&[u8], &[u8])>;
}

impl<K: AsRef<[u8]>, P: AsRef<[u8]>> Kept for Vec<(K, P)> {
    fn len(&self) -> usize {
        self.len()
    }

    fn row(&self, index: usize) -> Option<(&[u8], &[u8])> {
        self.get(index).map(|(key, payload)| (key.as_ref(), payload.as_ref()))
    }
}

/// What is done with an engine while it is open.
pub(crate) type Visit<'v> = &'v mut dyn FnMut(&dyn Engine) -> Outcome<()>;

/// A kind of engine, and how it is opened.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    package: &'static str,
    /// Whether what it says is durable is on the disk.
    pub(crate) is_durable: bool,
    with: fn(&Path, Commits, Visit<'_>) -> Outcome<()>,
}

impl Kind {
    pub(crate) const PERSIST: Self =
        Self { name: "persist", package: "persist-sqlite", is_durable: true, with: persist::with };
    /// What all others are compared with.
    pub(crate) const BARE: Self =
        Self { name: "rusqlite", package: "rusqlite", is_durable: true, with: rusqlite::with };

    pub(crate) fn all() -> Vec<Self> {
        vec![
            Self::PERSIST,
            Self::BARE,
            #[cfg(feature = "peers")]
            Self { name: "redb", package: "redb", is_durable: true, with: redb::with },
            #[cfg(feature = "peers")]
            Self { name: "fjall", package: "fjall", is_durable: true, with: fjall::with },
            #[cfg(feature = "peers")]
            Self { name: "heed", package: "heed", is_durable: true, with: heed::with },
            // On Linux it calls sync_file_range, which leaves out the file's length and the disk's own cache.
            #[cfg(feature = "peers")]
            Self { name: "sled", package: "sled", is_durable: false, with: sled::with },
        ]
    }

    /// Opens what is in `directory`, or creates it, and closes it after the visit.
    pub(crate) fn with(
        self,
        directory: &Path,
        commits: Commits,
        mut visit: impl FnMut(&dyn Engine) -> Outcome<()>,
    ) -> Outcome<()> {
        (self.with)(directory, commits, &mut visit)
            .map_err(|fault| format!("{}: {fault}", self.name).into())
    }

    /// The version that the lock file has.
    pub(crate) fn version(self) -> &'static str {
        let lock = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock"));
        let entry = format!("name = \"{}\"\nversion = \"", self.package);
        let after = lock.split_once(&entry).map_or("", |(_, after)| after);
        after.split('"').next().unwrap_or_default()
    }
}
