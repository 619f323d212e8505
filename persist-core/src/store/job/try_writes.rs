use std::fmt;

use crate::store::bounds::KeyBounds;
use crate::store::group_commit::Committed;
use crate::store::op::{IntoPayload, TxOp};
use crate::store::port::Op;
use crate::store::reserve::Reserve;
use crate::store::ticket::Ticket;
use crate::store::{Error, Job};
use crate::{PayloadEncode, StoreKey};

/// Writes that never block, for where no thread may be held up.
impl Job {
    /// As [`persist`](Self::persist), but where that would block it gives the operations back.
    ///
    /// # Errors
    ///
    /// [`Error::QueueFull`] if there is no room now; [`Error::JobNotFound`], [`Error::Closed`], or [`Error::InvalidArgument`]
    /// for what is too long. Nothing was submitted then, and no failure is kept of it.
    pub fn try_persist(
        &self,
        ops: impl IntoIterator<Item = TxOp>,
    ) -> Result<Ticket<u64>, TryError> {
        let ops: Vec<TxOp> = ops.into_iter().collect();
        self.try_submit(ops, |committed| committed.sequence)
    }

    /// As [`persist_put`](Self::persist_put), but where that would block it gives the operation back.
    ///
    /// ```
    /// use persist_core::{Error, Memory, Persistency, TryError};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// match job.try_persist_put("raw", "a", b"1") {
    ///     Ok(_ticket) => {}
    ///     Err(TryError { error: Error::QueueFull { .. }, ops, .. }) => {
    ///         // Later, or elsewhere: nothing is lost.
    ///         job.persist(ops);
    ///     }
    ///     Err(other) => return Err(other.error),
    /// }
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`try_persist`](Self::try_persist).
    pub fn try_persist_put(
        &self,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
        payload: impl IntoPayload,
    ) -> Result<Ticket<u64>, TryError> {
        self.try_persist([TxOp::put(category, key, payload)])
    }

    /// As [`persist_encoded`](Self::persist_encoded), but where that would block it gives the operation back.
    ///
    /// # Errors
    ///
    /// As for [`try_persist`](Self::try_persist).
    pub fn try_persist_encoded<T: PayloadEncode + ?Sized>(
        &self,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
        value: &T,
    ) -> Result<Ticket<u64>, TryError> {
        self.try_persist_put(category, key, value.to_payload())
    }

    /// As [`persist_delete`](Self::persist_delete), but where that would block it gives the operation back.
    ///
    /// # Errors
    ///
    /// As for [`try_persist`](Self::try_persist).
    pub fn try_persist_delete(
        &self,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
    ) -> Result<Ticket<u64>, TryError> {
        self.try_persist([TxOp::delete(category, key)])
    }

    /// As [`persist_delete_prefix`](Self::persist_delete_prefix), but where that would block it gives the operation back.
    ///
    /// # Errors
    ///
    /// As for [`try_persist`](Self::try_persist).
    pub fn try_persist_delete_prefix(
        &self,
        category: impl AsRef<[u8]>,
        prefix: impl StoreKey,
    ) -> Result<Ticket<u64>, TryError> {
        self.try_persist([TxOp::delete_prefix(category, prefix)])
    }

    /// As [`persist_delete_range`](Self::persist_delete_range), but where that would block it gives the operation back.
    ///
    /// # Errors
    ///
    /// As for [`try_persist`](Self::try_persist).
    pub fn try_persist_delete_range(
        &self,
        category: impl AsRef<[u8]>,
        range: impl KeyBounds,
    ) -> Result<Ticket<u64>, TryError> {
        let ops = vec![TxOp::delete_range(category, range)];
        self.try_submit(ops, |committed| committed.removed)
    }

    /// Submits as [`persist_delete_within`](Self::persist_delete_within) does, but returns the operation where that would
    /// block.
    ///
    /// # Errors
    ///
    /// As for [`try_persist`](Self::try_persist).
    pub fn try_persist_delete_within(
        &self,
        category: impl AsRef<[u8]>,
        prefix: impl StoreKey,
        range: impl KeyBounds,
    ) -> Result<Ticket<u64>, TryError> {
        let ops = vec![TxOp::delete_within(category, prefix, range)];
        self.try_submit(ops, |committed| committed.removed)
    }

    /// Room in the queue for a write with `bytes` of payload: waited for, or awaited without blocking a thread. The
    /// [`Permit`](crate::Permit) that it gives then writes at once.
    pub fn reserve(&self, bytes: usize) -> Reserve<'_> {
        Reserve::new(self.handle(), bytes)
    }

    fn try_submit<T>(
        &self,
        ops: Vec<TxOp>,
        value: fn(Committed) -> T,
    ) -> Result<Ticket<T>, TryError> {
        let batch: Vec<Op<'_>> = ops.iter().map(TxOp::as_op).collect();
        let submitted = self.handle().job().and_then(|job| job.try_submit(&batch, value));
        submitted.map_err(|error| TryError { error, ops })
    }
}

/// Why a write was not submitted, and the write itself.
#[derive(Clone)]
#[non_exhaustive]
pub struct TryError {
    /// Why.
    pub error: Error,
    /// What was not submitted.
    pub ops: Vec<TxOp>,
}

/// Shows how many changes there are, and not what is in them: an error may come into a log.
impl fmt::Debug for TryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TryError")
            .field("error", &self.error)
            .field("ops", &format_args!("{} changes", self.ops.len()))
            .finish()
    }
}

impl fmt::Display for TryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for TryError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error.source()
    }
}
