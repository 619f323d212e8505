//! LMDB by heed, without syncs unless commits are durable.

use std::ops::Bound;
use std::path::Path;

use heed::types::Bytes;
use heed::{CommitOrAbort, Env, EnvFlags, EnvOpenOptions, RwTxn};
use measure::data::{Row, RowKey};
use measure::engine::{Commits, Engine, Fault, Kept, Outcome, Reader, Visit};

/// Reserved address space. The file takes only what it needs.
const MAP_BYTES: usize = 16 << 30;

type Database<'e> = heed::Database<'e, Bytes, Bytes>;

pub(crate) fn with(directory: &Path, commits: Commits, visit: Visit<'_>) -> Outcome<()> {
    let env = open(directory, commits)?;
    let creation = env.create_databases_and_commit(env.write_txn()?, |opener, transaction| {
        let database = opener.create_database::<Bytes, Bytes>(transaction, None)?;
        Ok::<_, Fault>(CommitOrAbort::<_, ()>::Commit(database))
    })?;
    let rows = creation.commit().ok_or("the database was not created")?;
    visit(&Heed { env: &env, rows })
}

#[expect(unsafe_code, reason = "a memory map of a file that nothing else touches")]
fn open(directory: &Path, commits: Commits) -> heed::Result<Env> {
    let mut options = EnvOpenOptions::new();
    options.map_size(MAP_BYTES);
    if commits == Commits::Fast {
        // SAFETY: with NO_SYNC a crash of the system may damage the file, which is of no use then.
        unsafe { options.flags(EnvFlags::NO_SYNC) };
    }
    // SAFETY: the file is in a directory of this run, and only LMDB changes it.
    unsafe { options.open(directory) }
}

struct Heed<'e> {
    env: &'e Env,
    rows: Database<'e>,
}

impl Heed<'_> {
    fn commit(&self, write: impl FnOnce(&mut RwTxn<'_>) -> heed::Result<()>) -> Outcome<()> {
        let mut transaction = self.env.write_txn()?;
        write(&mut transaction)?;
        Ok(transaction.commit()?)
    }
}

impl Engine for Heed<'_> {
    fn put(&self, key: &RowKey, payload: &[u8]) -> Outcome<()> {
        self.commit(|transaction| self.rows.put(transaction, key, payload))
    }

    fn put_batch(&self, rows: &[Row<'_>]) -> Outcome<()> {
        self.commit(|transaction| {
            rows.iter().try_for_each(|(key, payload)| self.rows.put(transaction, key, payload))
        })
    }

    fn delete_batch(&self, keys: &[RowKey]) -> Outcome<()> {
        self.commit(|transaction| {
            keys.iter().try_for_each(|key| self.rows.delete(transaction, key).map(|_| ()))
        })
    }

    fn reader(&self) -> Outcome<Box<dyn Reader + '_>> {
        Ok(Box::new(HeedReader { env: self.env, rows: self.rows }))
    }
}

struct HeedReader<'e> {
    env: &'e Env,
    rows: Database<'e>,
}

impl Reader for HeedReader<'_> {
    fn get(&self, key: &RowKey) -> Outcome<Option<Vec<u8>>> {
        let transaction = self.env.read_txn()?;
        Ok(self.rows.get(&transaction, key)?.map(<[u8]>::to_vec))
    }

    fn scan(&self, start: &[u8], stop: &[u8], limit: Option<usize>) -> Outcome<Box<dyn Kept>> {
        let transaction = self.env.read_txn()?;
        let rows = self.rows.range(&transaction, &bounds(start, stop))?;
        let kept = rows
            .take(limit.unwrap_or(usize::MAX))
            .map(|row| row.map(|(key, payload)| (key.to_vec(), payload.to_vec())));
        Ok(Box::new(kept.collect::<heed::Result<Vec<_>>>()?))
    }

    fn count(&self, start: &[u8], stop: &[u8]) -> Outcome<usize> {
        let transaction = self.env.read_txn()?;
        self.rows.range(&transaction, &bounds(start, stop))?.try_fold(0, |count, row| {
            row?;
            Ok(count + 1)
        })
    }
}

fn bounds<'a>(start: &'a [u8], stop: &'a [u8]) -> (Bound<&'a [u8]>, Bound<&'a [u8]>) {
    (Bound::Included(start), Bound::Excluded(stop))
}
