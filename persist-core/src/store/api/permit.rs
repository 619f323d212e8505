use std::convert::identity;
use std::fmt;
use std::mem;
use std::sync::Arc;

use crate::encoding::{PayloadEncode, StoreKey};
use crate::store::api::open_job::OpenJob;
use crate::store::api::ticket::{Ticket, Value};
use crate::store::api::transaction;
use crate::store::api::transaction::Transaction;
use crate::store::base::bounds::KeyBounds;
use crate::store::base::category::Category;
use crate::store::base::error::Error;
use crate::store::base::op::{IntoPayload, Op, TxOp};
use crate::store::base::reports::Committed;
use crate::store::engine::work::Work;

/// Capacity in a job's queue for one write, which then does not block. Dropping the permit releases the capacity.
///
/// A permit owns its capacity, so other writes have less of it until the permit is used or dropped.
///
/// [`Job::reserve`](crate::Job::reserve) takes capacity for the bytes of a payload and for one operation with a key and
/// category of up to 1,024 bytes. [`Job::reserve_for`](crate::Job::reserve_for) takes the capacity of a given batch. If
/// a write costs more, it is submitted if there is capacity for the rest; otherwise its ticket fails with
/// [`Error::QueueFull`].
///
/// ```
/// use persist_core::{Memory, Persistency, TxOp};
///
/// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
/// let permit = job.reserve(5).wait()?; // or .await
/// permit.persist_put("raw", "a", b"bytes").wait()?;
///
/// let ops = vec![TxOp::put("raw", "b", b"1"), TxOp::delete("raw", "a")];
/// let permit = job.reserve_for(&ops).wait()?;
/// assert_eq!(permit.persist(ops).wait()?.removed, 1);
/// # Ok::<(), persist_core::Error>(())
/// ```
pub struct Permit {
    job: Arc<OpenJob>,
    /// The bytes to release; 0 once a write has taken over the capacity.
    reserved: usize,
}

/// Each method does the same as the method of [`Job`](crate::Job) of that name, and consumes the permit.
impl Permit {
    pub(crate) fn new(job: Arc<OpenJob>, reserved: usize) -> Self {
        Self { job, reserved }
    }

    /// Writes a batch, as [`Job::persist`](crate::Job::persist) does.
    pub fn persist(self, ops: impl IntoIterator<Item = TxOp>) -> Ticket<Committed> {
        let ops: Vec<TxOp> = ops.into_iter().collect();
        let batch: Vec<Op<'_>> = ops.iter().map(TxOp::as_op).collect();
        self.submit(&batch, identity)
    }

    /// Stores raw bytes under a key, as [`Job::persist_put`](crate::Job::persist_put) does.
    pub fn persist_put(
        self,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
        payload: impl IntoPayload,
    ) -> Ticket<Committed> {
        let (category, key) = (Category::user(category.as_ref()), key.to_key());
        let payload = payload.payload_bytes();
        self.submit(&[Op::Put { category, key: key.as_bytes(), payload }], identity)
    }

    /// Encodes a value and stores it, as [`Job::persist_encoded`](crate::Job::persist_encoded) does.
    pub fn persist_encoded<T: PayloadEncode + ?Sized>(
        self,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
        value: &T,
    ) -> Ticket<Committed> {
        self.persist_put(category, key, value.to_payload())
    }

    /// Removes a row, as [`Job::persist_delete`](crate::Job::persist_delete) does.
    pub fn persist_delete(
        self,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
    ) -> Ticket<Committed> {
        let key = key.to_key();
        self.submit(
            &[Op::Delete { category: Category::user(category.as_ref()), key: key.as_bytes() }],
            identity,
        )
    }

    /// Removes a row and returns whether there was one, as [`Job::delete_acked`](crate::Job::delete_acked) does.
    pub fn delete_acked(self, category: impl AsRef<[u8]>, key: impl StoreKey) -> Ticket<bool> {
        let key = key.to_key();
        let op = Op::Delete { category: Category::user(category.as_ref()), key: key.as_bytes() };
        self.submit(&[op], Committed::has_removed)
    }

    /// Removes the rows of a prefix, as [`Job::persist_delete_prefix`](crate::Job::persist_delete_prefix) does.
    pub fn persist_delete_prefix(
        self,
        category: impl AsRef<[u8]>,
        prefix: impl StoreKey,
    ) -> Ticket<Committed> {
        let (category, prefix) = (Category::user(category.as_ref()), prefix.to_key());
        self.submit(&[Op::DeletePrefix { category, prefix: prefix.as_bytes() }], identity)
    }

    /// Removes the rows of a range, as [`Job::persist_delete_range`](crate::Job::persist_delete_range) does.
    pub fn persist_delete_range(
        self,
        category: impl AsRef<[u8]>,
        range: impl KeyBounds,
    ) -> Ticket<Committed> {
        let (category, span) = (Category::user(category.as_ref()), range.into_span());
        self.submit(&[Op::DeleteRange { category, span: span.as_span() }], identity)
    }

    /// Removes the rows of a range within a prefix, as [`Job::persist_delete_within`](crate::Job::persist_delete_within) does.
    pub fn persist_delete_within(
        self,
        category: impl AsRef<[u8]>,
        prefix: impl StoreKey,
        range: impl KeyBounds,
    ) -> Ticket<Committed> {
        self.persist([TxOp::delete_within(category, prefix, range)])
    }

    /// Writes everything that was submitted so far to the disk, as [`Job::sync`](crate::Job::sync) does.
    pub fn sync(self) -> Ticket<()> {
        self.submit_alone(Work::Sync, Value::Of(drop))
    }

    /// Runs a transaction, as [`Job::transact`](crate::Job::transact) does.
    pub fn transact<T: Send + 'static>(
        self,
        run: impl FnOnce(&Transaction<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Ticket<T> {
        let (work, value) =
            transaction::work(run, transaction::own_error, &self.job.limits, &self.job.tables);
        self.submit_alone(work, value)
    }

    /// Runs a transaction whose closure has its own error type, as [`Job::transact_with`](crate::Job::transact_with)
    /// does.
    pub fn transact_with<T: Send + 'static, E: From<Error> + Send + 'static>(
        self,
        run: impl FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Ticket<T, E> {
        let (work, value) =
            transaction::work(run, transaction::rolled_back, &self.job.limits, &self.job.tables);
        self.submit_alone(work, value)
    }

    fn submit<T>(mut self, batch: &[Op<'_>], value: fn(Committed) -> T) -> Ticket<T> {
        let Self { job, reserved } = &mut self;
        job.submit_reserved(batch, reserved, value)
    }

    fn submit_alone<T, E>(mut self, work: Work, value: Value<T, E>) -> Ticket<T, E> {
        let Self { job, reserved } = &mut self;
        job.submit_alone_reserved(work, reserved, value)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let reserved = mem::take(&mut self.reserved);
        if reserved > 0 {
            self.job.release(reserved);
        }
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Permit({} bytes in {})", self.reserved, self.job.place())
    }
}
