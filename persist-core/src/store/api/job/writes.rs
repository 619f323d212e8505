use std::convert::identity;

use crate::encoding::{PayloadEncode, StoreKey};
use crate::store::api::job::Job;
use crate::store::api::ticket::{Ticket, Value};
use crate::store::api::transaction;
use crate::store::api::transaction::Transaction;
use crate::store::base::bounds::KeyBounds;
use crate::store::base::category::Category;
use crate::store::base::error::{Error, Place};
use crate::store::base::op::{IntoPayload, Op, TxOp};
use crate::store::base::reports::Committed;
use crate::store::engine::work::Work;

/// Writes. They take effect in the order submitted. Except for the `submit` forms, each call has submitted its write
/// when it returns.
impl Job {
    /// Writes a batch: all of it or nothing.
    ///
    /// Blocks while the queue is full; [`submit`](Self::submit) does not. An empty batch waits for nothing, not even
    /// for earlier writes; [`flush`](Self::flush) and [`sync`](Self::sync) wait for those.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency, TxOp, key, payload};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// job.persist([
    ///     TxOp::put("msg", key!("general", 8i64), payload!("hi", true)),
    ///     TxOp::delete("msg", key!("general", 7i64)),
    ///     TxOp::delete_prefix("draft", key!("general")),
    /// ])
    /// .wait()?;
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn persist(&self, ops: impl IntoIterator<Item = TxOp>) -> Ticket<Committed> {
        let ops: Vec<TxOp> = ops.into_iter().collect();
        let batch: Vec<Op<'_>> = ops.iter().map(TxOp::as_op).collect();
        self.enqueue(&batch, identity)
    }

    /// Stores raw bytes under a key, replacing the row that was there.
    ///
    /// Blocks while the queue is full.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency, key};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// job.persist_put("raw", key!("a"), b"fire-and-forget");
    /// let committed = job.persist_put("raw", key!("b"), b"acknowledged").wait()?;
    /// assert!(committed.commit >= 1);
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn persist_put(
        &self,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
        payload: impl IntoPayload,
    ) -> Ticket<Committed> {
        let (category, key) = (Category::user(category.as_ref()), key.to_key());
        let payload = payload.payload_bytes();
        self.enqueue(&[Op::Put { category, key: key.as_bytes(), payload }], identity)
    }

    /// Encodes a value and stores it under a key, as [`persist_put`](Self::persist_put) does.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// job.persist_encoded("visits", "front page", &7u64);
    /// assert_eq!(job.get_as("visits", "front page").wait()?, Some(7u64));
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn persist_encoded<T: PayloadEncode + ?Sized>(
        &self,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
        value: &T,
    ) -> Ticket<Committed> {
        self.persist_put(category, key, value.to_payload())
    }

    /// Removes the row under a key, if there is one.
    ///
    /// Blocks while the queue is full.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// job.persist_put("raw", "a", b"1");
    /// job.persist_delete("raw", "a");
    /// assert!(!job.exists("raw", "a").wait()?);
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn persist_delete(
        &self,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
    ) -> Ticket<Committed> {
        self.delete(category.as_ref(), &key, identity)
    }

    /// Removes the row under a key, and returns in its ticket whether there was one.
    ///
    /// Blocks while the queue is full.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// job.persist_put("raw", "a", b"1");
    /// assert!(job.delete_acked("raw", "a").wait()?);
    /// assert!(!job.delete_acked("raw", "a").wait()?);
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn delete_acked(&self, category: impl AsRef<[u8]>, key: impl StoreKey) -> Ticket<bool> {
        self.delete(category.as_ref(), &key, Committed::has_removed)
    }

    /// Removes every row whose key begins with the bytes of `prefix`.
    ///
    /// Blocks while the queue is full.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency, key};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// job.persist_put("raw", key!("general", 7i64), b"1");
    /// job.persist_put("raw", key!("other", 7i64), b"2");
    /// job.persist_delete_prefix("raw", "general");
    /// assert_eq!(job.count("raw", ..).wait()?, 1);
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn persist_delete_prefix(
        &self,
        category: impl AsRef<[u8]>,
        prefix: impl StoreKey,
    ) -> Ticket<Committed> {
        let (category, prefix) = (Category::user(category.as_ref()), prefix.to_key());
        self.enqueue(&[Op::DeletePrefix { category, prefix: prefix.as_bytes() }], identity)
    }

    /// Removes every row of a range.
    ///
    /// Blocks while the queue is full.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// for n in 0..10u64 {
    ///     job.persist_put("raw", n, b"");
    /// }
    /// assert_eq!(job.persist_delete_range("raw", 2u64..5).wait()?.removed, 3);
    /// assert_eq!(job.count("raw", ..).wait()?, 7);
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn persist_delete_range(
        &self,
        category: impl AsRef<[u8]>,
        range: impl KeyBounds,
    ) -> Ticket<Committed> {
        let (category, span) = (Category::user(category.as_ref()), range.into_span());
        let span = span.as_span();
        self.enqueue(&[Op::DeleteRange { category, span }], identity)
    }

    /// Removes every row whose key begins with `prefix` and continues with a key in a range, which works as in
    /// [`scan_within`](Self::scan_within). An integer literal without a suffix is an `i32`: if that part of the key is a `u64`, write
    /// `..5u64`, since `..5` would remove other rows.
    ///
    /// Blocks while the queue is full.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency, key};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// for epoch in 1..=5i64 {
    ///     job.persist_put("raw", key!("general", epoch), b"");
    ///     job.persist_put("raw", key!("other", epoch), b"");
    /// }
    /// assert_eq!(job.persist_delete_within("raw", "general", 3i64..).wait()?.removed, 3);
    /// assert_eq!(job.count("raw", ..).wait()?, 7);
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn persist_delete_within(
        &self,
        category: impl AsRef<[u8]>,
        prefix: impl StoreKey,
        range: impl KeyBounds,
    ) -> Ticket<Committed> {
        let op = TxOp::delete_within(category, prefix, range);
        self.enqueue(&[op.as_op()], identity)
    }

    /// Writes everything that was submitted so far to the disk, where it survives a power cut even with a lower
    /// durability setting of the backend.
    ///
    /// Blocks while the queue is full.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// job.persist_put("raw", "a", b"1");
    /// job.sync().wait()?;
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn sync(&self) -> Ticket<()> {
        match self.handle().job() {
            Ok(job) => job.submit_alone(Work::Sync, Value::Of(drop)),
            Err(error) => Ticket::refused(error, None),
        }
    }

    /// Runs a transaction: calls `run` on the job's worker, where it reads and writes. Either all of its writes are
    /// applied or, if `run` returns an error or panics, none.
    ///
    /// The transaction takes its turn among the writes of the job, and later writes wait while it runs. `run` must not
    /// wait for the store: a blocking call inside it fails with [`Error::WouldDeadlock`]. A panic is reported as
    /// [`Error::Panicked`]. Blocks while the queue is full.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// let visit = || job.transact(|tx| {
    ///     let n: u64 = tx.get_as("counter", "visits")?.unwrap_or(0) + 1;
    ///     tx.persist_encoded("counter", "visits", &n)?;
    ///     Ok(n)
    /// });
    /// visit();
    /// assert_eq!(visit().wait()?, 2);
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn transact<T: Send + 'static>(
        &self,
        run: impl FnOnce(&Transaction<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Ticket<T> {
        self.enqueue_transaction(run, transaction::own_error)
    }

    /// Runs a transaction as [`transact`](Self::transact) does, with a closure that has its own error type. If the
    /// ticket is dropped, an error of the closure is kept as [`Error::RolledBack`].
    ///
    /// ```
    /// use persist_core::{Error, Memory, Persistency};
    ///
    /// #[derive(Debug)]
    /// enum Refusal { Overdrawn, Store(Error) }
    ///
    /// impl From<Error> for Refusal {
    ///     fn from(error: Error) -> Self {
    ///         Self::Store(error)
    ///     }
    /// }
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// let withdrawn = job.transact_with(|tx| {
    ///     tx.persist_encoded("log", 1u64, "ann withdraws 5")?;
    ///     let balance: u64 = tx.get_as("balance", "ann")?.unwrap_or(0);
    ///     let left = balance.checked_sub(5).ok_or(Refusal::Overdrawn)?;
    ///     Ok(tx.persist_encoded("balance", "ann", &left)?)
    /// });
    /// assert!(matches!(withdrawn.wait(), Err(Refusal::Overdrawn)));
    /// assert_eq!(job.count("log", ..).wait()?, 0);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn transact_with<T: Send + 'static, E: From<Error> + Send + 'static>(
        &self,
        run: impl FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Ticket<T, E> {
        self.enqueue_transaction(run, transaction::rolled_back)
    }

    fn delete<T>(
        &self,
        category: &[u8],
        key: &impl StoreKey,
        value: fn(Committed) -> T,
    ) -> Ticket<T> {
        let key = key.to_key();
        self.enqueue(
            &[Op::Delete { category: Category::user(category), key: key.as_bytes() }],
            value,
        )
    }

    fn enqueue<T>(&self, batch: &[Op<'_>], value: fn(Committed) -> T) -> Ticket<T> {
        match self.handle().job() {
            Ok(job) => job.submit(batch, value),
            Err(error) => Ticket::refused(error, None),
        }
    }

    /// `told` converts the closure's error into the one that the job's ledger of failures keeps.
    fn enqueue_transaction<T: Send + 'static, E: Send + 'static>(
        &self,
        run: impl FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
        told: fn(&E, &Place) -> Error,
    ) -> Ticket<T, E> {
        match self.handle().job() {
            Ok(job) => {
                let (work, value) = transaction::work(run, told, &job.limits, &job.tables);
                job.submit_alone(work, value)
            }
            Err(error) => Ticket::refused(error, None),
        }
    }
}
