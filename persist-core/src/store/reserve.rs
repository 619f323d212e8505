//! Room in a queue, taken before what it is for.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use super::Error;
use super::group_commit::Committed;
use super::handle::Handle;
use super::op::{IntoPayload, TxOp};
use super::open_job::OpenJob;
use super::port::Op;
use super::queue::OPERATION_COST;
use super::room::Turn;
use super::ticket::Ticket;
use crate::{PayloadEncode, StoreKey};

/// What a permit has room for beside the bytes asked for: a category and a key of usual length.
const KEY_ROOM: usize = 1_024;

/// Waiting for room in a job's queue: what [`Job::reserve`](crate::Job::reserve) gives.
#[must_use = "nothing is reserved until `.wait()` or `.await`"]
#[derive(Debug)]
pub struct Reserve<'job> {
    handle: Handle<'job>,
    cost: usize,
}

impl<'job> Reserve<'job> {
    pub(super) fn new(handle: Handle<'job>, bytes: usize) -> Self {
        Self { handle, cost: bytes.saturating_add(OPERATION_COST + KEY_ROOM) }
    }

    /// The same request, no longer borrowing its job: it keeps the job open.
    pub fn into_owned(self) -> Reserve<'static> {
        Reserve { handle: self.handle.into_owned(), cost: self.cost }
    }

    /// Blocks until there is room. Who waits is served in turn.
    ///
    /// # Errors
    ///
    /// [`Error::JobNotFound`], [`Error::Closed`]; [`Error::WouldDeadlock`] on a worker's thread; [`Error::OtherProcess`] in a
    /// forked child that would have to wait for its parent.
    pub fn wait(self) -> Result<Permit, Error> {
        let job = self.handle.job()?;
        job.check_open()?;
        job.room().take(self.cost, || job.check_worth_waiting())?;
        Ok(Permit { job: Arc::clone(job), reserved: self.cost })
    }
}

impl<'job> IntoFuture for Reserve<'job> {
    type Output = Result<Permit, Error>;
    type IntoFuture = ReserveFuture<'job>;

    fn into_future(self) -> ReserveFuture<'job> {
        ReserveFuture { reserve: self, turn: Turn::default() }
    }
}

/// A [`Reserve`], awaited: without blocking a thread. Dropping it gives its turn to the next.
#[must_use = "a future does nothing unless it is awaited"]
#[derive(Debug)]
pub struct ReserveFuture<'job> {
    reserve: Reserve<'job>,
    turn: Turn,
}

impl Future for ReserveFuture<'_> {
    type Output = Result<Permit, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { reserve: Reserve { handle, cost }, turn } = self.get_mut();
        let job = handle.job()?;
        job.check_open()?;
        let check = || job.check_worth_waiting();
        ready!(job.room().poll_take(*cost, turn, context.waker(), check))?;
        Poll::Ready(Ok(Permit { job: Arc::clone(job), reserved: *cost }))
    }
}

impl Drop for ReserveFuture<'_> {
    fn drop(&mut self) {
        if let Ok(job) = self.reserve.handle.job() {
            job.room().forget(&mut self.turn);
        }
    }
}

/// Room in a job's queue for one write, which then doesn't block. Dropping it gives the room back.
///
/// It is for the bytes of payload that were asked for, and a key and category of up to 1,024 bytes. A write that takes more
/// gets it if there is room; otherwise its ticket fails with [`Error::QueueFull`].
///
/// ```
/// use persist_core::{Memory, Persistency};
///
/// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
/// let permit = job.reserve(5).wait()?; // or .await
/// permit.persist_put("raw", "a", b"bytes").wait()?;
/// # Ok::<(), persist_core::Error>(())
/// ```
pub struct Permit {
    job: Arc<OpenJob>,
    /// What is given back; nothing once a write has taken it over.
    reserved: usize,
}

impl Permit {
    /// [`Job::persist`](crate::Job::persist) in the room of this permit.
    pub fn persist(self, ops: impl IntoIterator<Item = TxOp>) -> Ticket<u64> {
        let ops: Vec<TxOp> = ops.into_iter().collect();
        let batch: Vec<Op<'_>> = ops.iter().map(TxOp::as_op).collect();
        self.submit(&batch)
    }

    /// [`Job::persist_put`](crate::Job::persist_put) in the room of this permit.
    pub fn persist_put(
        self,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
        payload: impl IntoPayload,
    ) -> Ticket<u64> {
        let (category, key) = (category.as_ref(), key.to_key());
        let payload = payload.payload_bytes();
        self.submit(&[Op::Put { category, key: key.as_bytes(), payload }])
    }

    /// [`Job::persist_encoded`](crate::Job::persist_encoded) in the room of this permit.
    pub fn persist_encoded<T: PayloadEncode + ?Sized>(
        self,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
        value: &T,
    ) -> Ticket<u64> {
        self.persist_put(category, key, value.to_payload())
    }

    fn submit(mut self, batch: &[Op<'_>]) -> Ticket<u64> {
        let Self { job, reserved } = &mut self;
        job.submit_reserved(batch, reserved, |committed: Committed| committed.sequence)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if self.reserved > 0 {
            self.job.room().give_back(self.reserved);
        }
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Permit({} bytes in {})", self.reserved, self.job.place())
    }
}
