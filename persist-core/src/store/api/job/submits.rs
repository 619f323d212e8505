use std::convert::identity;
use std::sync::Arc;

use crate::encoding::StoreKey;
use crate::store::api::flush::Flush;
use crate::store::api::job::Job;
use crate::store::api::submit::Submit;
use crate::store::api::ticket::Value;
use crate::store::api::transaction;
use crate::store::api::transaction::Transaction;
use crate::store::base::error::{Error, Place};
use crate::store::base::op::TxOp;
use crate::store::base::reports::Committed;
use crate::store::engine::waiting::Purpose;
use crate::store::engine::work::Work;

/// Writes for asynchronous code. They wait for capacity in the queue without blocking a thread, and return their ticket
/// once they are enqueued.
///
/// Writes take effect in the order of first polls. [`SubmitFuture`](crate::request::SubmitFuture) describes a future
/// that is held without being polled, or dropped.
impl Job {
    /// Submits a batch, as [`persist`](Self::persist) does, and waits for capacity without blocking a thread.
    ///
    /// ```
    /// use persist_core::{Error, Job, Memory, Persistency, TxOp};
    ///
    /// async fn import(job: &Job, lines: &[&str]) -> Result<(), Error> {
    ///     for (n, line) in (0u64..).zip(lines) {
    ///         job.submit([TxOp::put("line", n, line.as_bytes())]).await?; // the ticket is dropped
    ///     }
    ///     job.flush().await // reports the first failure
    /// }
    /// ```
    pub fn submit(&self, ops: impl IntoIterator<Item = TxOp>) -> Submit<'_, Committed> {
        let purpose = Purpose::Batch(ops.into_iter().collect());
        Submit::new(self.handle(), purpose, Value::Of(identity))
    }

    /// Submits an acknowledged delete, as [`delete_acked`](Self::delete_acked) does, and waits for capacity without
    /// blocking a thread.
    ///
    /// ```
    /// use persist_core::{Error, Job};
    ///
    /// async fn remove(job: &Job, name: &str) -> Result<bool, Error> {
    ///     job.submit_delete_acked("user", name).await?.await
    /// }
    /// ```
    pub fn submit_delete_acked(
        &self,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
    ) -> Submit<'_, bool> {
        let purpose = Purpose::Batch(vec![TxOp::delete(category, key)]);
        Submit::new(self.handle(), purpose, Value::Of(Committed::has_removed))
    }

    /// Submits a sync, as [`sync`](Self::sync) does, and waits for capacity without blocking a thread.
    ///
    /// ```
    /// use persist_core::{Error, Job};
    ///
    /// async fn checkpoint(job: &Job) -> Result<(), Error> {
    ///     job.submit_sync().await?.await
    /// }
    /// ```
    pub fn submit_sync(&self) -> Submit<'_, ()> {
        Submit::new(self.handle(), Purpose::Alone(Work::Sync), Value::Of(drop))
    }

    /// Submits a transaction, as [`transact`](Self::transact) does, and waits for capacity without blocking a thread.
    ///
    /// ```
    /// use persist_core::{Error, Job};
    ///
    /// async fn count(job: &Job) -> Result<u64, Error> {
    ///     let ticket = job
    ///         .submit_transact(|tx| {
    ///             let n: u64 = tx.get_as("counter", "visits")?.unwrap_or(0) + 1;
    ///             tx.persist_encoded("counter", "visits", &n)?;
    ///             Ok(n)
    ///         })
    ///         .await?;
    ///     ticket.await
    /// }
    /// ```
    pub fn submit_transact<T: Send + 'static>(
        &self,
        run: impl FnOnce(&Transaction<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Submit<'_, T> {
        self.submit_transaction(run, transaction::own_error)
    }

    /// Submits a transaction whose closure has its own error type, as [`transact_with`](Self::transact_with) does, and
    /// waits for capacity without blocking a thread.
    ///
    /// ```
    /// use persist_core::{Error, Job};
    ///
    /// async fn claim(job: &Job, name: String) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    ///     let ticket = job
    ///         .submit_transact_with(move |tx| {
    ///             if tx.get("user", &name)?.is_some() {
    ///                 return Err(format!("{name} is taken").into());
    ///             }
    ///             Ok::<_, Box<dyn std::error::Error + Send + Sync>>(tx.persist_put("user", &name, b"")?)
    ///         })
    ///         .await?;
    ///     ticket.await
    /// }
    /// ```
    pub fn submit_transact_with<T: Send + 'static, E: From<Error> + Send + 'static>(
        &self,
        run: impl FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Submit<'_, T, E> {
        self.submit_transaction(run, transaction::rolled_back)
    }

    /// Waits until everything that was submitted before is committed or has failed. It does not wait for the disk;
    /// [`sync`](Self::sync) does.
    ///
    /// A flush covers the writes that were submitted when [`wait`](Flush::wait) is called or the future is first
    /// polled. A write is submitted once its ticket exists; one that still waits for capacity is not covered. The
    /// result is the first failure among them that no ticket has reported. That failure counts as reported then:
    /// neither [`last_error`](Self::last_error) nor the close returns it again.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// for n in 0..1_000u64 {
    ///     job.persist_put("raw", n, b"fire-and-forget");
    /// }
    /// job.flush().wait()?; // all of them are committed
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn flush(&self) -> Flush<'_> {
        Flush::new(self.handle())
    }

    fn submit_transaction<T: Send + 'static, E: Send + 'static>(
        &self,
        run: impl FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
        told: fn(&E, &Place) -> Error,
    ) -> Submit<'_, T, E> {
        let handle = self.handle();
        let (purpose, value) = match handle.job() {
            Ok(job) => {
                let (work, value) = transaction::work(run, told, &job.limits, &job.tables);
                (Purpose::Alone(work), value)
            }
            // The handle reports the error.
            Err(_) => (Purpose::Batch(Vec::new()), Value::Given(Arc::default())),
        };
        Submit::new(handle, purpose, value)
    }
}
