//! Awaited engines, for callers that block.

use std::path::Path;

use measure::data::{Row, RowKey};
use measure::engine::{Commits, Engine, Kept, Outcome, Reader, Visit};
use tokio::runtime::Runtime;

use crate::store::Store;

pub(crate) fn with<S: Store>(directory: &Path, commits: Commits, visit: Visit<'_>) -> Outcome<()> {
    let runtime = Runtime::new()?;
    let store = runtime.block_on(S::open(directory, commits))?;
    let blocking = Blocking { runtime, store };
    visit(&blocking)?;
    let Blocking { runtime, store } = blocking;
    runtime.block_on(store.close())
}

struct Blocking<S> {
    runtime: Runtime,
    store: S,
}

impl<S: Store> Engine for Blocking<S> {
    fn put(&self, key: &RowKey, payload: &[u8]) -> Outcome<()> {
        self.runtime.block_on(self.store.put(*key, payload))
    }

    fn put_batch(&self, rows: &[Row<'_>]) -> Outcome<()> {
        self.runtime.block_on(self.store.put_batch(rows))
    }

    fn delete_batch(&self, keys: &[RowKey]) -> Outcome<()> {
        self.runtime.block_on(self.store.delete_batch(keys))
    }

    fn reader(&self) -> Outcome<Box<dyn Reader + '_>> {
        Ok(Box::new(BlockingReader(self)))
    }
}

struct BlockingReader<'a, S>(&'a Blocking<S>);

impl<S: Store> Reader for BlockingReader<'_, S> {
    fn get(&self, key: &RowKey) -> Outcome<Option<Vec<u8>>> {
        let Blocking { runtime, store } = self.0;
        runtime.block_on(store.get(*key))
    }

    fn get_awaited(&self, key: &RowKey) -> Option<Outcome<Option<Vec<u8>>>> {
        Some(self.get(key))
    }

    fn scan(&self, start: &[u8], stop: &[u8], limit: Option<usize>) -> Outcome<Box<dyn Kept>> {
        let Blocking { runtime, store } = self.0;
        Ok(Box::new(runtime.block_on(store.scan(start, stop, limit))?))
    }

    fn count(&self, start: &[u8], stop: &[u8]) -> Outcome<usize> {
        let Blocking { runtime, store } = self.0;
        runtime.block_on(store.count(start, stop))
    }
}
