//! fjall, which hands each commit to the operating system, like SQLite.

use std::path::Path;

use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};
use measure::data::{Row, RowKey};
use measure::engine::{Commits, Engine, Kept, Outcome, Reader, Visit};

pub(crate) fn with(directory: &Path, commits: Commits, visit: Visit<'_>) -> Outcome<()> {
    let database = Database::builder(directory).open()?;
    let rows = database.keyspace("rows", KeyspaceCreateOptions::default)?;
    visit(&Fjall { database, rows, commits })
}

struct Fjall {
    database: Database,
    rows: Keyspace,
    commits: Commits,
}

impl Fjall {
    fn commit(&self, write: impl FnOnce(&mut fjall::OwnedWriteBatch)) -> Outcome<()> {
        let mode = match self.commits {
            Commits::Fast => PersistMode::Buffer,
            Commits::Durable => PersistMode::SyncAll,
        };
        let mut batch = self.database.batch().durability(Some(mode));
        write(&mut batch);
        Ok(batch.commit()?)
    }
}

impl Engine for Fjall {
    fn put(&self, key: &RowKey, payload: &[u8]) -> Outcome<()> {
        self.rows.insert(key, payload)?;
        if self.commits == Commits::Durable {
            self.database.persist(PersistMode::SyncAll)?;
        }
        Ok(())
    }

    fn put_batch(&self, rows: &[Row<'_>]) -> Outcome<()> {
        self.commit(|batch| {
            for (key, payload) in rows {
                batch.insert(&self.rows, key.as_slice(), *payload);
            }
        })
    }

    fn delete_batch(&self, keys: &[RowKey]) -> Outcome<()> {
        self.commit(|batch| {
            for key in keys {
                batch.remove(&self.rows, key.as_slice());
            }
        })
    }

    fn reader(&self) -> Outcome<Box<dyn Reader + '_>> {
        Ok(Box::new(FjallReader(&self.rows)))
    }
}

struct FjallReader<'a>(&'a Keyspace);

impl Reader for FjallReader<'_> {
    fn get(&self, key: &RowKey) -> Outcome<Option<Vec<u8>>> {
        Ok(self.0.get(key)?.map(|payload| payload.to_vec()))
    }

    fn scan(&self, start: &[u8], stop: &[u8], limit: Option<usize>) -> Outcome<Box<dyn Kept>> {
        let rows = self.0.range(start..stop).take(limit.unwrap_or(usize::MAX));
        Ok(Box::new(rows.map(fjall::Guard::into_inner).collect::<fjall::Result<Vec<_>>>()?))
    }

    fn count(&self, start: &[u8], stop: &[u8]) -> Outcome<usize> {
        self.0.range(start..stop).try_fold(0, |count, row| {
            row.key()?;
            Ok(count + 1)
        })
    }
}
