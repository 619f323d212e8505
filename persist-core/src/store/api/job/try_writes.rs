use std::convert::identity;

use crate::encoding::{PayloadEncode, StoreKey};
use crate::store::api::job::Job;
use crate::store::api::reserve::Reserve;
use crate::store::api::ticket::Ticket;
use crate::store::api::try_error::TryError;
use crate::store::base::bounds::KeyBounds;
use crate::store::base::op::{IntoPayload, Op, TxOp};
use crate::store::base::reports::Committed;

/// Writes that never block, and reservations.
impl Job {
    /// Writes a batch as [`persist`](Self::persist) does, but returns the operations instead of blocking.
    ///
    /// # Errors
    ///
    /// [`Error::QueueFull`] if there is no capacity now; [`Error::JobNotFound`], [`Error::Closed`], or
    /// [`Error::InvalidArgument`] for a part that is too long. In each case nothing was submitted, and no failure is
    /// kept.
    ///
    /// [`Error::Closed`]: crate::Error::Closed
    /// [`Error::InvalidArgument`]: crate::Error::InvalidArgument
    /// [`Error::JobNotFound`]: crate::Error::JobNotFound
    /// [`Error::QueueFull`]: crate::Error::QueueFull
    pub fn try_persist(
        &self,
        ops: impl IntoIterator<Item = TxOp>,
    ) -> Result<Ticket<Committed>, TryError> {
        let ops: Vec<TxOp> = ops.into_iter().collect();
        let batch: Vec<Op<'_>> = ops.iter().map(TxOp::as_op).collect();
        let submitted = self.handle().job().and_then(|job| job.try_submit(&batch, identity));
        submitted.map_err(|error| TryError { error, ops })
    }

    /// Stores raw bytes under a key as [`persist_put`](Self::persist_put) does, but returns the operation instead of
    /// blocking.
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
    ) -> Result<Ticket<Committed>, TryError> {
        self.try_persist([TxOp::put(category, key, payload)])
    }

    /// Encodes a value and stores it as [`persist_encoded`](Self::persist_encoded) does, but returns the operation
    /// instead of blocking.
    ///
    /// # Errors
    ///
    /// As for [`try_persist`](Self::try_persist).
    pub fn try_persist_encoded<T: PayloadEncode + ?Sized>(
        &self,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
        value: &T,
    ) -> Result<Ticket<Committed>, TryError> {
        self.try_persist_put(category, key, value.to_payload())
    }

    /// Removes a row as [`persist_delete`](Self::persist_delete) does, but returns the operation instead of blocking.
    ///
    /// # Errors
    ///
    /// As for [`try_persist`](Self::try_persist).
    pub fn try_persist_delete(
        &self,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
    ) -> Result<Ticket<Committed>, TryError> {
        self.try_persist([TxOp::delete(category, key)])
    }

    /// Removes the rows of a prefix as [`persist_delete_prefix`](Self::persist_delete_prefix) does, but returns the
    /// operation instead of blocking.
    ///
    /// # Errors
    ///
    /// As for [`try_persist`](Self::try_persist).
    pub fn try_persist_delete_prefix(
        &self,
        category: impl AsRef<[u8]>,
        prefix: impl StoreKey,
    ) -> Result<Ticket<Committed>, TryError> {
        self.try_persist([TxOp::delete_prefix(category, prefix)])
    }

    /// Removes the rows of a range as [`persist_delete_range`](Self::persist_delete_range) does, but returns the
    /// operation instead of blocking.
    ///
    /// # Errors
    ///
    /// As for [`try_persist`](Self::try_persist).
    pub fn try_persist_delete_range(
        &self,
        category: impl AsRef<[u8]>,
        range: impl KeyBounds,
    ) -> Result<Ticket<Committed>, TryError> {
        self.try_persist([TxOp::delete_range(category, range)])
    }

    /// Removes the rows of a range within a prefix as [`persist_delete_within`](Self::persist_delete_within) does, but
    /// returns the operation instead of blocking.
    ///
    /// # Errors
    ///
    /// As for [`try_persist`](Self::try_persist).
    pub fn try_persist_delete_within(
        &self,
        category: impl AsRef<[u8]>,
        prefix: impl StoreKey,
        range: impl KeyBounds,
    ) -> Result<Ticket<Committed>, TryError> {
        self.try_persist([TxOp::delete_within(category, prefix, range)])
    }

    /// Reserves capacity in the queue for a write with a payload of `bytes` bytes. `.wait()` blocks; `.await` does not.
    ///
    /// With the [`Permit`](crate::Permit), one write of any kind can be made without blocking. A key and category of up
    /// to 1,024 bytes are included. The request fails with [`Error::InvalidArgument`] for more than
    /// [`Config::payload_limit_bytes`](crate::Config::payload_limit_bytes).
    ///
    /// ```
    /// use persist_core::{Memory, Persistency};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// let permit = job.reserve(5).wait()?;
    /// permit.persist_put("raw", "a", b"bytes");
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    ///
    /// [`Error::InvalidArgument`]: crate::Error::InvalidArgument
    pub fn reserve(&self, bytes: usize) -> Reserve<'_> {
        Reserve::bytes(self.handle(), bytes)
    }

    /// Reserves the capacity in the queue that a batch costs. [`TxOp`] documents the cost of an operation.
    ///
    /// The request fails with [`Error::InvalidArgument`] if a part of an operation is too long.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency, TxOp};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// let ops = vec![TxOp::put("raw", "a", b"1"), TxOp::put("raw", "b", b"2")];
    /// let permit = job.reserve_for(&ops).wait()?;
    /// permit.persist(ops).wait()?;
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    ///
    /// [`Error::InvalidArgument`]: crate::Error::InvalidArgument
    pub fn reserve_for(&self, ops: &[TxOp]) -> Reserve<'_> {
        Reserve::batch(self.handle(), ops)
    }
}
