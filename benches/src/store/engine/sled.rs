//! sled, which writes to its file twice a second unless it is asked to flush.

use measure::data::{Row, RowKey};
use measure::engine::{Commits, Engine, Kept, Outcome, Reader, Visit};
use std::path::Path;

pub(crate) fn with(directory: &Path, commits: Commits, visit: Visit<'_>) -> Outcome<()> {
    let rows = sled::open(directory)?;
    visit(&Sled { rows: &rows, commits })?;
    rows.flush()?;
    Ok(())
}

struct Sled<'a> {
    rows: &'a sled::Db,
    commits: Commits,
}

impl Sled<'_> {
    fn apply(&self, batch: sled::Batch) -> Outcome<()> {
        self.rows.apply_batch(batch)?;
        self.flush_if_durable()
    }

    fn flush_if_durable(&self) -> Outcome<()> {
        if self.commits == Commits::Durable {
            self.rows.flush()?;
        }
        Ok(())
    }
}

impl Engine for Sled<'_> {
    fn put(&self, key: &RowKey, payload: &[u8]) -> Outcome<()> {
        self.rows.insert(key, payload)?;
        self.flush_if_durable()
    }

    fn put_batch(&self, rows: &[Row<'_>]) -> Outcome<()> {
        let mut batch = sled::Batch::default();
        for (key, payload) in rows {
            batch.insert(key, *payload);
        }
        self.apply(batch)
    }

    fn delete_batch(&self, keys: &[RowKey]) -> Outcome<()> {
        let mut batch = sled::Batch::default();
        for key in keys {
            batch.remove(key);
        }
        self.apply(batch)
    }

    fn reader(&self) -> Outcome<Box<dyn Reader + '_>> {
        Ok(Box::new(SledReader(self.rows)))
    }
}

struct SledReader<'a>(&'a sled::Db);

impl Reader for SledReader<'_> {
    fn get(&self, key: &RowKey) -> Outcome<Option<Vec<u8>>> {
        Ok(self.0.get(key)?.map(|payload| payload.to_vec()))
    }

    fn scan(&self, start: &[u8], stop: &[u8], limit: Option<usize>) -> Outcome<Box<dyn Kept>> {
        let rows = self.0.range(start..stop).take(limit.unwrap_or(usize::MAX));
        Ok(Box::new(rows.collect::<sled::Result<Vec<_>>>()?))
    }

    fn count(&self, start: &[u8], stop: &[u8]) -> Outcome<usize> {
        self.0.range(start..stop).try_fold(0, |count, row| {
            row?;
            Ok(count + 1)
        })
    }
}
