//! `denokv_sqlite` with its own table: one worker that writes, and two that read.

use std::num::NonZeroU32;
use std::path::Path;

use deno_error::JsErrorBox;
use denokv_proto::{
    AtomicWrite, Consistency, KvEntry, KvValue, Mutation, MutationKind, ReadRange,
    SnapshotReadOptions,
};
use denokv_sqlite::{Connection, Sqlite, SqliteConfig, SqliteNotifier};
use measure::data::{Row, RowKey};
use measure::engine::{Commits, Outcome};
use measure::tasks::Awaited;
use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};

use crate::store::{Rows, Store};

#[derive(Clone)]
pub(crate) struct DenoKv(Sqlite);

impl DenoKv {
    /// Applies all mutations or none.
    async fn commit(&self, mutations: impl Iterator<Item = (RowKey, MutationKind)>) -> Outcome<()> {
        let mutation =
            |(key, kind): (RowKey, _)| Mutation { key: key.into(), kind, expire_at: None };
        let mutations = mutations.map(mutation).collect();
        // Without checks it can't refuse anything.
        self.0.atomic_write(AtomicWrite { checks: vec![], mutations, enqueues: vec![] }).await?;
        Ok(())
    }

    async fn read(&self, start: &[u8], end: &[u8], limit: NonZeroU32) -> Outcome<Vec<KvEntry>> {
        let (start, end) = (start.into(), end.into());
        let range = ReadRange { start, end, limit, reverse: false };
        let options = SnapshotReadOptions { consistency: Consistency::Strong };
        let ranges = self.0.snapshot_read(vec![range], options).await?;
        Ok(ranges.into_iter().flat_map(|range| range.entries).collect())
    }
}

impl Awaited for DenoKv {
    async fn open(directory: &Path, commits: Commits) -> Outcome<Self> {
        let file = directory.join("rows.db");
        let synchronous = match commits {
            Commits::Fast => "normal",
            Commits::Durable => "full",
        };
        let connect = || {
            let connection = Connection::open(&file)?;
            connection.pragma_update(None, "synchronous", synchronous)?;
            Ok(connection)
        };
        let connect = || {
            let connection = connect()
                .map_err(|error: rusqlite::Error| JsErrorBox::generic(error.to_string()))?;
            let versionstamps: Box<dyn RngCore + Send> = Box::new(StdRng::seed_from_u64(0));
            Ok((connection, versionstamps))
        };
        let config = SqliteConfig { num_workers: 3, batch_timeout: None };
        Ok(Self(Sqlite::new(connect, SqliteNotifier::default(), config)?))
    }

    async fn put(&self, key: RowKey, payload: &[u8]) -> Outcome<()> {
        self.commit([(key, set(payload))].into_iter()).await
    }

    async fn get(&self, key: RowKey) -> Outcome<Option<Vec<u8>>> {
        let mut end = key.to_vec();
        end.push(0);
        let entry = self.read(&key, &end, NonZeroU32::MIN).await?.pop();
        entry.map(|entry| bytes(entry.value)).transpose()
    }

    async fn close(self) -> Outcome<()> {
        self.0.close();
        Ok(())
    }
}

impl Store for DenoKv {
    async fn put_batch(&self, rows: &[Row<'_>]) -> Outcome<()> {
        self.commit(rows.iter().map(|(key, payload)| (*key, set(payload)))).await
    }

    async fn delete_batch(&self, keys: &[RowKey]) -> Outcome<()> {
        self.commit(keys.iter().map(|key| (*key, MutationKind::Delete))).await
    }

    async fn scan(&self, start: &[u8], stop: &[u8], limit: Option<usize>) -> Outcome<Rows> {
        let limit = limit
            .map_or(Ok(NonZeroU32::MAX), |limit| NonZeroU32::try_from(u32::try_from(limit)?))?;
        let entries = self.read(start, stop, limit).await?;
        entries.into_iter().map(|entry| Ok((entry.key, bytes(entry.value)?))).collect()
    }

    /// Counts by a scan, since there is no other way.
    async fn count(&self, start: &[u8], stop: &[u8]) -> Outcome<usize> {
        Ok(self.read(start, stop, NonZeroU32::MAX).await?.len())
    }
}

fn set(payload: &[u8]) -> MutationKind {
    MutationKind::Set(KvValue::Bytes(payload.into()))
}

fn bytes(value: KvValue) -> Outcome<Vec<u8>> {
    match value {
        KvValue::Bytes(bytes) => Ok(bytes),
        other => Err(format!("{other:?} is not a row of this benchmark").into()),
    }
}
