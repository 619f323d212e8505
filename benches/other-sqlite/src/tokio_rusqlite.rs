//! tokio-rusqlite with the table of persist: one connection that writes, and one that reads.

use std::path::Path;
use std::time::Duration;

use measure::data::{Row, RowKey};
use measure::engine::{Commits, Outcome};
use measure::sql::{CATEGORY, COUNT, CREATE, DELETE, GET, PUT, SCAN};
use measure::tasks::Awaited;
use rusqlite::{OptionalExtension, TransactionBehavior, params};
use tokio_rusqlite::Connection;

use crate::store::{Rows, Store};

#[derive(Clone)]
pub(crate) struct TokioRusqlite {
    writer: Connection,
    reader: Connection,
}

impl Awaited for TokioRusqlite {
    async fn open(directory: &Path, commits: Commits) -> Outcome<Self> {
        let file = directory.join("rows.db");
        let writer = Connection::open(&file).await?;
        let synchronous = match commits {
            Commits::Fast => "normal",
            Commits::Durable => "full",
        };
        let mode: String = call(&writer, move |connection| {
            connection.busy_timeout(Duration::from_secs(5))?;
            let mode = connection
                .pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
            connection.pragma_update(None, "synchronous", synchronous)?;
            connection.execute_batch(CREATE)?;
            Ok(mode)
        })
        .await?;
        if mode != "wal" {
            return Err(format!("the journal mode is {mode}").into());
        }
        let reader = Connection::open(&file).await?;
        call(&reader, |connection| connection.busy_timeout(Duration::from_secs(5))).await?;
        Ok(Self { writer, reader })
    }

    async fn put(&self, key: RowKey, payload: &[u8]) -> Outcome<()> {
        let payload = payload.to_vec();
        call(&self.writer, move |connection| {
            connection.prepare_cached(PUT)?.execute(params![CATEGORY, key, payload])?;
            Ok(())
        })
        .await
    }

    async fn get(&self, key: RowKey) -> Outcome<Option<Vec<u8>>> {
        call(&self.reader, move |connection| {
            let mut get = connection.prepare_cached(GET)?;
            get.query_row(params![CATEGORY, key], |row| row.get(0)).optional()
        })
        .await
    }

    async fn close(self) -> Outcome<()> {
        self.reader.close().await?;
        Ok(self.writer.close().await?)
    }
}

impl Store for TokioRusqlite {
    async fn put_batch(&self, rows: &[Row<'_>]) -> Outcome<()> {
        let rows: Vec<(RowKey, Vec<u8>)> =
            rows.iter().map(|(key, payload)| (*key, payload.to_vec())).collect();
        call(&self.writer, move |connection| {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut put = transaction.prepare_cached(PUT)?;
            for (key, payload) in rows {
                put.execute(params![CATEGORY, key, payload])?;
            }
            drop(put);
            transaction.commit()
        })
        .await
    }

    async fn delete_batch(&self, keys: &[RowKey]) -> Outcome<()> {
        let keys = keys.to_vec();
        call(&self.writer, move |connection| {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut delete = transaction.prepare_cached(DELETE)?;
            for key in keys {
                delete.execute(params![CATEGORY, key])?;
            }
            drop(delete);
            transaction.commit()
        })
        .await
    }

    async fn scan(&self, start: &[u8], stop: &[u8], limit: Option<usize>) -> Outcome<Rows> {
        let (start, stop) = (start.to_vec(), stop.to_vec());
        // SQLite takes a negative limit for no limit.
        let limit = limit.map_or(Ok(-1), i64::try_from)?;
        call(&self.reader, move |connection| {
            let mut scan = connection.prepare_cached(SCAN)?;
            let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
            scan.query_map(params![CATEGORY, start, stop, limit], row)?.collect()
        })
        .await
    }

    async fn count(&self, start: &[u8], stop: &[u8]) -> Outcome<usize> {
        let (start, stop) = (start.to_vec(), stop.to_vec());
        let rows: i64 = call(&self.reader, move |connection| {
            let mut count = connection.prepare_cached(COUNT)?;
            count.query_row(params![CATEGORY, start, stop], |row| row.get(0))
        })
        .await?;
        Ok(rows.try_into()?)
    }
}

/// Runs a call on the connection's own thread.
async fn call<T: Send + 'static>(
    connection: &Connection,
    function: impl FnOnce(&mut rusqlite::Connection) -> rusqlite::Result<T> + Send + 'static,
) -> Outcome<T> {
    Ok(connection.call(function).await?)
}
