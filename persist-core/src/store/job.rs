use std::fmt;
use std::sync::{Arc, Weak};

use super::bounds::KeyBounds;
use super::bounds::sealed::SpanBuf;
use super::group_commit::Committed;
use super::handle::Handle;
use super::op::{IntoPayload, TxOp};
use super::open_job::OpenJob;
use super::persistency::Inner;
use super::port::Op;
use super::query::{self, Query};
use super::read::{Kind, Read};
use super::scan::Scan;
use super::ticket::{Given, Ticket};
use super::transaction::{self, Transaction};
use super::work::Work;
use super::{Error, Place};
use crate::{PayloadDecode, PayloadEncode, StoreKey};

/// A handle of an open job: one tenant's rows, with a queue and a worker thread of its own.
///
/// Clones are handles of the same job. It stays open while there is one, or while its
/// [`Persistency`](crate::Persistency) is; dropping the last one never blocks, and loses nothing.
///
/// Writes return a [`Ticket`] and are on their way at once; they take effect in the order submitted.
/// A plain write blocks while the queue is full, so don't flood a job from inside an executor.
/// Reads return a [`Read`] and have not begun.
///
/// ```
/// use persist_core::{KeyEncode, Memory, PayloadDecode, PayloadEncode, Persistency};
///
/// #[derive(KeyEncode)]
/// struct MessageKey { channel: String, seq: u64 }
///
/// #[derive(PayloadEncode, PayloadDecode, Debug, PartialEq)]
/// struct Message { sender: String, body: Vec<u8> }
///
/// let store = Persistency::open(Memory::new())?;
/// let job = store.open_job("alpha").wait()?;
/// let key = MessageKey { channel: "general".into(), seq: 1 };
/// job.persist_encoded("msg", &key, &Message { sender: "ann".into(), body: vec![1] });
/// let message: Option<Message> = job.get_as("msg", &key).wait()?;
/// assert_eq!(message, Some(Message { sender: "ann".into(), body: vec![1] }));
/// # Ok::<(), persist_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Job(Repr);

#[derive(Clone)]
enum Repr {
    Open(Arc<OpenJob>),
    /// What a subscript gives: it looks the job up at each call.
    ById {
        store: Weak<Inner>,
        id: Arc<str>,
    },
    /// There is none, and every call says why.
    Unavailable(Error),
}

impl Job {
    pub(super) fn open(job: Arc<OpenJob>) -> Self {
        Self(Repr::Open(job))
    }

    pub(super) fn by_id(store: Weak<Inner>, id: &str) -> Self {
        Self(Repr::ById { store, id: id.into() })
    }

    pub(super) fn unavailable(error: Error) -> Self {
        Self(Repr::Unavailable(error))
    }

    /// The job's id; empty for a subscript with an id that was never opened.
    pub fn id(&self) -> &str {
        match &self.0 {
            Repr::Open(job) => job.place().job(),
            Repr::ById { id, .. } => id,
            Repr::Unavailable(_) => "",
        }
    }

    /// Whether it is open: until it is closed, or its store is.
    pub fn is_open(&self) -> bool {
        self.handle().job().is_ok_and(|job| job.check_open().is_ok())
    }

    /// Whether both are handles of one open job.
    pub fn same_job(&self, other: &Self) -> bool {
        match (self.handle().job(), other.handle().job()) {
            (Ok(left), Ok(right)) => Arc::ptr_eq(left, right),
            _ => false,
        }
    }

    /// The newest failure of a write whose ticket has not told it: of fire-and-forget ones, that is.
    ///
    /// Failures are also logged when they happen, and [`close_job`](crate::Persistency::close_job) gives
    /// the first one.
    pub fn last_error(&self) -> Option<Error> {
        self.handle().job().ok().and_then(|job| job.last_error())
    }

    /// Writes a batch: whole or not at all. Its ticket gives the number of its commit.
    ///
    /// Blocks while the queue is full.
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
    pub fn persist(&self, ops: impl IntoIterator<Item = TxOp>) -> Ticket<u64> {
        let ops: Vec<TxOp> = ops.into_iter().collect();
        let batch: Vec<Op<'_>> = ops.iter().map(TxOp::as_op).collect();
        self.submit(&batch, sequence)
    }

    /// Stores bytes as they are under a key, replacing what was there. Its ticket gives the number of
    /// its commit: commits are counted from 1 at each open, and writes of one group share one.
    ///
    /// Blocks while the queue is full.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency, key};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// job.persist_put("raw", key!("a"), b"fire-and-forget");
    /// let commit: u64 = job.persist_put("raw", key!("b"), b"acknowledged").wait()?;
    /// assert!(commit >= 1);
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn persist_put(
        &self,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
        payload: impl IntoPayload,
    ) -> Ticket<u64> {
        let (category, key) = (category.as_ref(), key.to_key());
        let payload = payload.payload_bytes();
        self.submit(&[Op::Put { category, key: key.as_bytes(), payload }], sequence)
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
    ) -> Ticket<u64> {
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
    pub fn persist_delete(&self, category: impl AsRef<[u8]>, key: impl StoreKey) -> Ticket<u64> {
        self.delete(category.as_ref(), &key, sequence)
    }

    /// Removes the row under a key; its ticket tells whether there was one.
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
        self.delete(category.as_ref(), &key, |committed| committed.removed > 0)
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
    ) -> Ticket<u64> {
        let (category, prefix) = (category.as_ref(), prefix.to_key());
        self.submit(&[Op::DeletePrefix { category, prefix: prefix.as_bytes() }], sequence)
    }

    /// Removes every row of a range; its ticket tells how many there were.
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
    /// assert_eq!(job.persist_delete_range("raw", 2u64..5).wait()?, 3);
    /// assert_eq!(job.count("raw", ..).wait()?, 7);
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn persist_delete_range(
        &self,
        category: impl AsRef<[u8]>,
        range: impl KeyBounds,
    ) -> Ticket<u64> {
        let (category, span) = (category.as_ref(), range.into_span());
        let span = span.as_span();
        self.submit(&[Op::DeleteRange { category, span }], |committed| committed.removed)
    }

    /// Puts all that was submitted so far onto the disk. Then it survives a power cut, whatever the durability of the
    /// backend is.
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
        let ticket = |commit| Ticket::submitted(commit, 0, |_| ());
        match self.handle().job() {
            Ok(job) => job.submit_alone(Work::Sync, ticket),
            Err(error) => Ticket::refused(error, None),
        }
    }

    /// Runs `run` on the job's worker in a transaction of its own: it reads and writes, and all that it writes is
    /// applied, or, if it gives an error or panics, nothing.
    ///
    /// It takes its turn among the writes of the job, and holds them up while it runs. It must not wait for the store: a
    /// blocking call inside is an [`Error::WouldDeadlock`]. A panic comes back as [`Error::Panicked`]. Blocks while the queue
    /// is full.
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
        self.submit_transaction(run, |error, _| error.clone())
    }

    /// As [`transact`](Self::transact), for a closure with an error type of its own. If nobody holds the ticket, such an error is
    /// kept as [`Error::RolledBack`].
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
        self.submit_transaction(run, |_, place| Error::RolledBack { place: place.clone() })
    }

    /// The payload under a key.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// job.persist_put("raw", "a", b"1");
    /// assert_eq!(job.get("raw", "a").wait()?.as_deref(), Some(&b"1"[..]));
    /// assert_eq!(job.get("raw", "b").wait()?, None);
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn get(&self, category: impl AsRef<[u8]>, key: impl StoreKey) -> Read<'_, Option<Vec<u8>>> {
        self.handle().point(Query::key(category.as_ref(), &key), query::get)
    }

    /// The payload under a key, decoded. Other bytes there are an [`Error::Decode`].
    ///
    /// ```
    /// use persist_core::{Error, Memory, Persistency};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// job.persist_encoded("visits", "front page", &7u64);
    /// assert_eq!(job.get_as("visits", "front page").wait()?, Some(7u64));
    /// assert!(matches!(job.get_as::<bool>("visits", "front page").wait(), Err(Error::Decode { .. })));
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn get_as<T>(&self, category: impl AsRef<[u8]>, key: impl StoreKey) -> Read<'_, Option<T>>
    where
        T: for<'de> PayloadDecode<'de>,
    {
        self.handle().point(Query::key(category.as_ref(), &key), query::get_as)
    }

    /// Whether there is a row under a key.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// job.persist_put("raw", "a", b"1");
    /// assert!(job.exists("raw", "a").wait()?);
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn exists(&self, category: impl AsRef<[u8]>, key: impl StoreKey) -> Read<'_, bool> {
        self.handle().point(Query::key(category.as_ref(), &key), query::exists)
    }

    /// How many rows lie in a range.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency, key};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// for epoch in 1..=5i64 {
    ///     job.persist_put("raw", key!("general", epoch), b"");
    /// }
    /// assert_eq!(job.count("raw", ..).wait()?, 5);
    /// assert_eq!(job.count("raw", key!("general", 2i64)..key!("general", 4i64)).wait()?, 2);
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn count(&self, category: impl AsRef<[u8]>, range: impl KeyBounds) -> Read<'_, u64> {
        self.handle().long(Query::span(category.as_ref(), range.into_span()), query::count)
    }

    /// The categories that have rows, in ascending order.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// job.persist_put("raw", "a", b"1");
    /// job.persist_put("msg", "a", b"1");
    /// assert_eq!(job.categories().wait()?, [b"msg", b"raw"]);
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn categories(&self) -> Read<'_, Vec<Vec<u8>>> {
        self.handle().long(Query::span(b"", SpanBuf::all()), query::categories)
    }

    /// The rows of a range, in the order of their keys.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// for n in 1..=5u64 {
    ///     job.persist_put("raw", n, b"");
    /// }
    /// let rows = job.scan("raw", 2u64..=4).reverse().wait()?;
    /// let numbers: Result<Vec<u64>, _> = rows.iter().map(|row| row.key().decode()).collect();
    /// assert_eq!(numbers?, [4, 3, 2]);
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn scan(&self, category: impl AsRef<[u8]>, range: impl KeyBounds) -> Scan<'_> {
        Scan::new(self.handle(), Query::span(category.as_ref(), range.into_span()))
    }

    /// The rows whose keys begin with the bytes of `prefix`.
    ///
    /// A prefix is made of whole parts: text is written with its length in front, so `key!("chan")`
    /// is no prefix of `key!("channel")`.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency, key};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// job.persist_put("raw", key!("general", 1i64), b"1");
    /// job.persist_put("raw", key!("other", 1i64), b"2");
    /// for row in job.scan_prefix("raw", "general").iter() {
    ///     assert_eq!(row?.payload(), b"1");
    /// }
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn scan_prefix(&self, category: impl AsRef<[u8]>, prefix: impl StoreKey) -> Scan<'_> {
        let span = SpanBuf::prefix(&prefix.to_key());
        Scan::new(self.handle(), Query::span(category.as_ref(), span))
    }

    fn delete<T>(
        &self,
        category: &[u8],
        key: &impl StoreKey,
        value: fn(Committed) -> T,
    ) -> Ticket<T> {
        let key = key.to_key();
        self.submit(&[Op::Delete { category, key: key.as_bytes() }], value)
    }

    fn submit<T>(&self, batch: &[Op<'_>], value: fn(Committed) -> T) -> Ticket<T> {
        match self.handle().job() {
            Ok(job) => job.submit(batch, value),
            Err(error) => Ticket::refused(error, None),
        }
    }

    /// `told` is what the job's ledger says of the closure's error.
    fn submit_transaction<T: Send + 'static, E: Send + 'static>(
        &self,
        run: impl FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
        told: fn(&E, &Place) -> Error,
    ) -> Ticket<T, E> {
        match self.handle().job() {
            Ok(job) => {
                let given = Given::default();
                let closure = transaction::closure(run, told, &given, job.limits.clone());
                let ticket = |commit| Ticket::transaction(commit, given);
                job.submit_alone(Work::Transact(closure), ticket)
            }
            Err(error) => Ticket::refused(error, None),
        }
    }

    fn handle(&self) -> Handle<'_> {
        match &self.0 {
            Repr::Open(job) => Handle::Borrowed(job),
            Repr::ById { store, id } => match store.upgrade() {
                Some(store) => store.find(id).into(),
                None => Handle::Missing(Error::Closed { what: "the store".into() }),
            },
            Repr::Unavailable(error) => Handle::Missing(error.clone()),
        }
    }
}

impl<'job> Handle<'job> {
    fn point<T>(self, query: Query, run: query::Run<T>) -> Read<'job, T> {
        Read::new(self, query, run, Kind::Point)
    }

    fn long<T>(self, query: Query, run: query::Run<T>) -> Read<'job, T> {
        Read::new(self, query, run, Kind::Long)
    }
}

fn sequence(committed: Committed) -> u64 {
    committed.sequence
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").field("id", &self.id()).field("open", &self.is_open()).finish()
    }
}
