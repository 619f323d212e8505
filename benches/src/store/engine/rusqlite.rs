//! SQLite by rusqlite alone, with the table of persist: one connection that writes, and one per reader.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use measure::data::{Row, RowKey};
use measure::engine::{Commits, Engine, Kept, Outcome, Reader, Visit};
use measure::sql::{CATEGORY, COUNT, CREATE, DELETE, GET, PUT, SCAN};
use measure::tasks::Awaited;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use tokio::task::spawn_blocking;

use super::OpenJob;

pub(crate) fn with(directory: &Path, commits: Commits, visit: Visit<'_>) -> Outcome<()> {
    visit(&Bare::open(directory.join("rows.db"), commits)?)
}

pub(crate) fn jobs(directory: &Path) -> OpenJob {
    let directory = directory.to_owned();
    Box::new(move |id| {
        let file = directory.join(id).with_extension("db");
        Ok(Box::new(Bare::open(file, Commits::Fast)?))
    })
}

fn open(file: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    Ok(connection)
}

/// The same on tokio's threads for blocking calls, as a user would write it by hand.
#[derive(Clone)]
pub(crate) struct AwaitedBare {
    bare: Arc<Bare>,
    /// The idle readers.
    readers: Arc<Mutex<Vec<BareReader>>>,
}

impl Awaited for AwaitedBare {
    async fn open(directory: &Path, commits: Commits) -> Outcome<Self> {
        let bare = Bare::open(directory.join("rows.db"), commits)?;
        Ok(Self { bare: Arc::new(bare), readers: Arc::default() })
    }

    async fn put(&self, key: RowKey, payload: &[u8]) -> Outcome<()> {
        let (bare, payload) = (self.bare.clone(), payload.to_vec());
        spawn_blocking(move || bare.put(&key, &payload)).await?
    }

    async fn get(&self, key: RowKey) -> Outcome<Option<Vec<u8>>> {
        let this = self.clone();
        spawn_blocking(move || {
            let kept = lock(&this.readers).pop();
            let reader = kept.map_or_else(|| this.bare.new_reader(), Ok)?;
            let found = reader.get(&key);
            lock(&this.readers).push(reader);
            found
        })
        .await?
    }

    async fn close(self) -> Outcome<()> {
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Bare {
    file: PathBuf,
    writer: Mutex<Connection>,
}

impl Bare {
    fn open(file: PathBuf, commits: Commits) -> Outcome<Self> {
        let writer = open(&file)?;
        let mode: String =
            writer.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
        if mode != "wal" {
            return Err(format!("the journal mode is {mode}").into());
        }
        let synchronous = match commits {
            Commits::Fast => "normal",
            Commits::Durable => "full",
        };
        writer.pragma_update(None, "synchronous", synchronous)?;
        writer.execute_batch(CREATE)?;
        Ok(Self { file, writer: Mutex::new(writer) })
    }

    fn new_reader(&self) -> Outcome<BareReader> {
        Ok(BareReader(open(&self.file)?))
    }

    fn writer(&self) -> MutexGuard<'_, Connection> {
        lock(&self.writer)
    }
}

impl Engine for Bare {
    fn put(&self, key: &RowKey, payload: &[u8]) -> Outcome<()> {
        self.writer().prepare_cached(PUT)?.execute(params![CATEGORY, key, payload])?;
        Ok(())
    }

    fn put_batch(&self, rows: &[Row<'_>]) -> Outcome<()> {
        let mut writer = self.writer();
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut put = transaction.prepare_cached(PUT)?;
        for (key, payload) in rows {
            put.execute(params![CATEGORY, key, payload])?;
        }
        drop(put);
        Ok(transaction.commit()?)
    }

    fn delete_batch(&self, keys: &[RowKey]) -> Outcome<()> {
        let mut writer = self.writer();
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut delete = transaction.prepare_cached(DELETE)?;
        for key in keys {
            delete.execute(params![CATEGORY, key])?;
        }
        drop(delete);
        Ok(transaction.commit()?)
    }

    fn reader(&self) -> Outcome<Box<dyn Reader + '_>> {
        Ok(Box::new(self.new_reader()?))
    }
}

struct BareReader(Connection);

impl Reader for BareReader {
    fn get(&self, key: &RowKey) -> Outcome<Option<Vec<u8>>> {
        let mut get = self.0.prepare_cached(GET)?;
        Ok(get.query_row(params![CATEGORY, key], |row| row.get(0)).optional()?)
    }

    fn scan(&self, start: &[u8], stop: &[u8], limit: Option<usize>) -> Outcome<Box<dyn Kept>> {
        // SQLite takes a negative limit for no limit.
        let limit = limit.map_or(Ok(-1), i64::try_from)?;
        let mut scan = self.0.prepare_cached(SCAN)?;
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let rows = scan.query_map(params![CATEGORY, start, stop, limit], row)?;
        Ok(Box::new(rows.collect::<rusqlite::Result<Vec<(Vec<u8>, Vec<u8>)>>>()?))
    }

    fn count(&self, start: &[u8], stop: &[u8]) -> Outcome<usize> {
        let mut count = self.0.prepare_cached(COUNT)?;
        let rows: i64 = count.query_row(params![CATEGORY, start, stop], |row| row.get(0))?;
        Ok(rows.try_into()?)
    }
}
