//! The places of the two backends.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use persist_conformance::Fixture;
use persist_core::Memory;
use persist_core::port::Backend;
use persist_sqlite::Sqlite;
use persist_tests::scripted::Scripted;
use tempfile::TempDir;

pub(crate) struct InMemory(Memory);

impl InMemory {
    pub(crate) fn new() -> Self {
        Self(Memory::new())
    }
}

impl Fixture for InMemory {
    fn backend(&self) -> Arc<dyn Backend> {
        Arc::new(self.0.clone())
    }
}

/// Rows in memory, with transactions that the engine runs over a snapshot.
pub(crate) struct WithoutTransactions(Scripted);

impl WithoutTransactions {
    pub(crate) fn new() -> Self {
        Self(Scripted::without_transactions())
    }
}

impl Fixture for WithoutTransactions {
    fn backend(&self) -> Arc<dyn Backend> {
        Arc::new(self.0.clone())
    }
}

/// SQLite in a directory that is removed at the end.
pub(crate) struct InFiles(TempDir);

impl InFiles {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Returns the store's root. It doesn't exist until a job opens.
    pub(crate) fn root(&self) -> PathBuf {
        self.0.path().join("root")
    }

    /// Returns the names of all entries in the root, in ascending order.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.root()).unwrap();
        let name = |entry: fs::DirEntry| entry.file_name().into_string().unwrap();
        let mut names: Vec<_> = entries.map(|entry| name(entry.unwrap())).collect();
        names.sort();
        names
    }
}

impl Fixture for InFiles {
    fn backend(&self) -> Arc<dyn Backend> {
        Arc::new(Sqlite::at(self.root()))
    }
}
