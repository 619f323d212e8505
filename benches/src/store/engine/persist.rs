//! persist, with a job in SQLite.

use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use measure::data::{Row, RowKey};
use measure::engine::{Commits, Engine, Kept, Outcome, Reader, Visit};
use measure::tasks::Awaited;
use persist_core::{Durability, Job, Key, Persistency, Rows, TxOp};
use persist_sqlite::Sqlite;

use super::OpenJob;

const CATEGORY: &str = "row";

/// More than the size of all files.
const MMAP_BYTES: u64 = 16 << 30;

pub(crate) fn with(directory: &Path, commits: Commits, visit: Visit<'_>) -> Outcome<()> {
    with_backend(Sqlite::at(directory), commits, visit)
}

pub(crate) fn with_mmap(directory: &Path, commits: Commits, visit: Visit<'_>) -> Outcome<()> {
    with_backend(Sqlite::at(directory).mmap(MMAP_BYTES), commits, visit)
}

pub(crate) fn with_exclusive(directory: &Path, commits: Commits, visit: Visit<'_>) -> Outcome<()> {
    with_backend(Sqlite::at(directory).exclusive(true), commits, visit)
}

pub(crate) fn with_exclusive_mmap(
    directory: &Path,
    commits: Commits,
    visit: Visit<'_>,
) -> Outcome<()> {
    with_backend(Sqlite::at(directory).exclusive(true).mmap(MMAP_BYTES), commits, visit)
}

fn with_backend(backend: Sqlite, commits: Commits, visit: Visit<'_>) -> Outcome<()> {
    let store = Persistency::open(backend.durability(durability(commits)))?;
    let job = store.open_job("rows").wait()?;
    visit(&Persist(job))?;
    // The close reports the failures that no ticket has reported.
    Ok(store.close().wait()?)
}

/// A job and its store, which is closed for the failures that it reports.
#[derive(Clone)]
pub(crate) struct AwaitedPersist {
    store: Persistency,
    job: Job,
}

impl Awaited for AwaitedPersist {
    async fn open(directory: &Path, commits: Commits) -> Outcome<Self> {
        let store = Persistency::open(Sqlite::at(directory).durability(durability(commits)))?;
        let job = store.open_job("rows").await?;
        Ok(Self { store, job })
    }

    async fn put(&self, key: RowKey, payload: &[u8]) -> Outcome<()> {
        self.job.persist_put(CATEGORY, Key::from_bytes(key), payload).await?;
        Ok(())
    }

    async fn get(&self, key: RowKey) -> Outcome<Option<Vec<u8>>> {
        Ok(self.job.get(CATEGORY, Key::from_bytes(key)).await?)
    }

    async fn close(self) -> Outcome<()> {
        Ok(self.store.close().await?)
    }
}

pub(crate) fn jobs(directory: &Path) -> Outcome<OpenJob> {
    let store = Persistency::open(Sqlite::at(directory))?;
    Ok(Box::new(move |id| Ok(Box::new(Persist(store.open_job(id).wait()?)))))
}

fn durability(commits: Commits) -> Durability {
    match commits {
        Commits::Fast => Durability::Normal,
        Commits::Durable => Durability::Full,
    }
}

struct Persist(Job);

impl Engine for Persist {
    fn put(&self, key: &RowKey, payload: &[u8]) -> Outcome<()> {
        self.0.persist_put(CATEGORY, Key::from_bytes(key), payload);
        Ok(())
    }

    fn put_acknowledged(&self, key: &RowKey, payload: &[u8]) -> Outcome<()> {
        self.0.persist_put(CATEGORY, Key::from_bytes(key), payload).wait()?;
        Ok(())
    }

    fn put_batch(&self, rows: &[Row<'_>]) -> Outcome<()> {
        let put = |(key, payload): &Row<'_>| TxOp::put(CATEGORY, Key::from_bytes(key), *payload);
        self.0.persist(rows.iter().map(put));
        Ok(())
    }

    fn delete_batch(&self, keys: &[RowKey]) -> Outcome<()> {
        self.0.persist(keys.iter().map(|key| TxOp::delete(CATEGORY, Key::from_bytes(key))));
        Ok(())
    }

    fn settle(&self) -> Outcome<()> {
        // Writes take effect in the order of submission. The row of this key doesn't exist.
        self.0.persist_delete("settled", Key::new()).wait()?;
        Ok(())
    }

    fn reader(&self) -> Outcome<Box<dyn Reader + '_>> {
        Ok(Box::new(JobReader(&self.0)))
    }
}

struct JobReader<'a>(&'a Job);

impl Reader for JobReader<'_> {
    fn get(&self, key: &RowKey) -> Outcome<Option<Vec<u8>>> {
        Ok(self.0.get(CATEGORY, Key::from_bytes(key)).wait()?)
    }

    fn get_awaited(&self, key: &RowKey) -> Option<Outcome<Option<Vec<u8>>>> {
        let read = self.0.get(CATEGORY, Key::from_bytes(key));
        Some(block_on(read).map_err(Into::into))
    }

    fn scan(&self, start: &[u8], stop: &[u8], limit: Option<usize>) -> Outcome<Box<dyn Kept>> {
        let scan = self.0.scan(CATEGORY, Key::from_bytes(start)..Key::from_bytes(stop));
        let scan = match limit {
            Some(rows) => scan.limit(rows),
            None => scan,
        };
        Ok(Box::new(KeptRows(scan.wait()?)))
    }

    fn count(&self, start: &[u8], stop: &[u8]) -> Outcome<usize> {
        let range = Key::from_bytes(start)..Key::from_bytes(stop);
        Ok(self.0.count(CATEGORY, range).wait()?.try_into()?)
    }
}

struct KeptRows(Rows);

impl Kept for KeptRows {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn row(&self, index: usize) -> Option<(&[u8], &[u8])> {
        let row = self.0.get(index)?;
        Some((row.key().as_bytes(), row.payload()))
    }
}

/// A waker that unparks the thread that waits for a future.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs a future, with the smallest possible executor.
fn block_on<F: IntoFuture>(future: F) -> F::Output {
    thread_local! {
        static WAKER: Waker = Waker::from(Arc::new(Unpark(thread::current())));
    }
    let mut future = pin!(future.into_future());
    WAKER.with(|waker| {
        let mut context = Context::from_waker(waker);
        loop {
            match future.as_mut().poll(&mut context) {
                Poll::Ready(output) => return output,
                Poll::Pending => thread::park(),
            }
        }
    })
}
