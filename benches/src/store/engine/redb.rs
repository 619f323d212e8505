//! redb. Commits that aren't durable reach the file with the last commit, at the close.

use std::path::Path;

use measure::data::{Row, RowKey};
use measure::engine::{Commits, Engine, Kept, Outcome, Reader, Visit};
use redb::{Database, Durability, ReadOnlyTable, ReadableDatabase, Table, TableDefinition};

const ROWS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("rows");

pub(crate) fn with(directory: &Path, commits: Commits, visit: Visit<'_>) -> Outcome<()> {
    let database = Database::create(directory.join("rows.redb"))?;
    let durability = match commits {
        Commits::Fast => Durability::None,
        Commits::Durable => Durability::Immediate,
    };
    let engine = Redb { database, durability };
    engine.commit(|_| Ok(()))?;
    visit(&engine)?;
    Redb { durability: Durability::Immediate, ..engine }.commit(|_| Ok(()))
}

struct Redb {
    database: Database,
    durability: Durability,
}

impl Redb {
    fn commit(
        &self,
        write: impl FnOnce(&mut Table<'_, &[u8], &[u8]>) -> Outcome<()>,
    ) -> Outcome<()> {
        let mut transaction = self.database.begin_write()?;
        transaction.set_durability(self.durability)?;
        write(&mut transaction.open_table(ROWS)?)?;
        Ok(transaction.commit()?)
    }
}

impl Engine for Redb {
    fn put(&self, key: &RowKey, payload: &[u8]) -> Outcome<()> {
        self.commit(|rows| {
            rows.insert(key.as_slice(), payload)?;
            Ok(())
        })
    }

    fn put_batch(&self, batch: &[Row<'_>]) -> Outcome<()> {
        self.commit(|rows| {
            for (key, payload) in batch {
                rows.insert(key.as_slice(), *payload)?;
            }
            Ok(())
        })
    }

    fn delete_batch(&self, keys: &[RowKey]) -> Outcome<()> {
        self.commit(|rows| {
            for key in keys {
                rows.remove(key.as_slice())?;
            }
            Ok(())
        })
    }

    fn reader(&self) -> Outcome<Box<dyn Reader + '_>> {
        Ok(Box::new(RedbReader(&self.database)))
    }
}

struct RedbReader<'a>(&'a Database);

impl RedbReader<'_> {
    fn rows(&self) -> Outcome<ReadOnlyTable<&'static [u8], &'static [u8]>> {
        Ok(self.0.begin_read()?.open_table(ROWS)?)
    }
}

impl Reader for RedbReader<'_> {
    fn get(&self, key: &RowKey) -> Outcome<Option<Vec<u8>>> {
        Ok(self.rows()?.get(key.as_slice())?.map(|payload| payload.value().to_vec()))
    }

    fn scan(&self, start: &[u8], stop: &[u8], limit: Option<usize>) -> Outcome<Box<dyn Kept>> {
        let rows = self.rows()?;
        let rows = rows.range::<&[u8]>(start..stop)?.take(limit.unwrap_or(usize::MAX));
        let kept = rows
            .map(|row| row.map(|(key, payload)| (key.value().to_vec(), payload.value().to_vec())));
        Ok(Box::new(kept.collect::<Result<Vec<_>, _>>()?))
    }

    fn count(&self, start: &[u8], stop: &[u8]) -> Outcome<usize> {
        self.rows()?.range::<&[u8]>(start..stop)?.try_fold(0, |count, row| {
            row?;
            Ok(count + 1)
        })
    }
}
