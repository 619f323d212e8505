//! The operations of an engine, so that all engines are measured by the same code.

use std::error::Error;
use std::path::Path;

use crate::data::{Row, RowKey};

pub type Fault = Box<dyn Error + Send + Sync>;
pub type Outcome<T> = Result<T, Fault>;

/// The failures that a commit survives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Commits {
    /// A crash of the process (with redb and sled only the durable commits do).
    Fast,
    /// A power cut.
    Durable,
}

/// An open store of ordered rows.
pub trait Engine: Sync {
    /// Puts one row, without waiting where the engine allows that.
    fn put(&self, key: &RowKey, payload: &[u8]) -> Outcome<()>;

    /// Puts one row, and returns once it is committed.
    fn put_acknowledged(&self, key: &RowKey, payload: &[u8]) -> Outcome<()> {
        self.put(key, payload)
    }

    /// Puts all rows or none.
    fn put_batch(&self, rows: &[Row<'_>]) -> Outcome<()>;

    /// Deletes all keys or none.
    fn delete_batch(&self, keys: &[RowKey]) -> Outcome<()>;

    /// Returns once all writes so far are committed.
    fn settle(&self) -> Outcome<()> {
        Ok(())
    }

    /// Returns the reader of one thread. Every call sees the newest commit.
    fn reader(&self) -> Outcome<Box<dyn Reader + '_>>;
}

/// The reads of one thread. Ranges are half open.
pub trait Reader {
    fn get(&self, key: &RowKey) -> Outcome<Option<Vec<u8>>>;

    /// Awaits a get, if the engine has that.
    fn get_awaited(&self, _key: &RowKey) -> Option<Outcome<Option<Vec<u8>>>> {
        None
    }

    fn scan(&self, start: &[u8], stop: &[u8], limit: Option<usize>) -> Outcome<Box<dyn Kept>>;

    fn count(&self, start: &[u8], stop: &[u8]) -> Outcome<usize>;
}

/// Rows that a scan has brought into memory, in the form that the engine's users get.
pub trait Kept {
    fn count(&self) -> usize;

    fn row(&self, index: usize) -> Option<(&[u8], &[u8])>;
}

impl<K: AsRef<[u8]>, P: AsRef<[u8]>> Kept for Vec<(K, P)> {
    fn count(&self) -> usize {
        self.len()
    }

    fn row(&self, index: usize) -> Option<(&[u8], &[u8])> {
        self.get(index).map(|(key, payload)| (key.as_ref(), payload.as_ref()))
    }
}

/// A function that uses an engine while it is open.
pub type Visit<'v> = &'v mut dyn FnMut(&dyn Engine) -> Outcome<()>;

/// Opens or creates a store in a directory, and closes it after the visit.
pub type With = fn(&Path, Commits, Visit<'_>) -> Outcome<()>;
