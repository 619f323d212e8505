use crate::encoding::{PayloadDecode, StoreKey};
use crate::store::api::job::Job;
use crate::store::api::open_job::Handle;
use crate::store::api::query;
use crate::store::api::query::Query;
use crate::store::api::read::{Kind, Read};
use crate::store::api::rows::RowBuf;
use crate::store::api::run::{Run, Then};
use crate::store::api::scan::Scan;
use crate::store::api::view::View;
use crate::store::api::view_read::ViewRead;
use crate::store::base::bounds::KeyBounds;
use crate::store::base::bounds::sealed::SpanBuf;
use crate::store::base::error::Error;

/// Reads. Each call returns a request, which runs when it is waited for or awaited.
impl Job {
    /// Reads the payload under a key.
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
        self.handle()
            .point(Query::key(category.as_ref(), &key), Run::Get(Then::Known(query::unchanged)))
    }

    /// Reads and decodes the payload under a key. A payload that is not the encoding of one `T` is an [`Error::Decode`].
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
    ///
    /// # Types that borrow
    ///
    /// `T` owns its data, since the payload is dropped before this returns. For a type that borrows from the payload, such
    /// as `&str` or a struct with a lifetime, the compiler reports that the "implementation of `PayloadDecode` is not
    /// general enough". Read the payload with [`get`](Self::get) and decode it with
    /// [`from_payload_bytes`](PayloadDecode::from_payload_bytes):
    ///
    /// ```
    /// use persist_core::{Memory, PayloadDecode, PayloadEncode, Persistency};
    ///
    /// #[derive(PayloadEncode, PayloadDecode)]
    /// struct Message<'a> { sender: &'a str }
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// job.persist_encoded("msg", 1u64, &Message { sender: "ann" });
    /// let payload = job.get("msg", 1u64).wait()?.expect("it was just written");
    /// let message = Message::from_payload_bytes(&payload)?;
    /// assert_eq!(message.sender, "ann");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn get_as<T>(&self, category: impl AsRef<[u8]>, key: impl StoreKey) -> Read<'_, Option<T>>
    where
        T: for<'de> PayloadDecode<'de>,
    {
        self.handle()
            .point(Query::key(category.as_ref(), &key), Run::Get(Then::Known(query::decode)))
    }

    /// Checks whether there is a row under a key, without reading its payload.
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
        self.handle().point(Query::key(category.as_ref(), &key), Run::Known(query::exists))
    }

    /// Counts the rows of a range.
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
        self.handle().long(
            Query::span(category.as_ref(), range.into_span()),
            Run::Count(Then::Known(query::unchanged)),
        )
    }

    /// Counts the rows whose keys begin with `prefix` and continue with a key in a range, which works as in
    /// [`scan_within`](Self::scan_within). The range `..` counts all rows of the prefix.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency, key};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// for epoch in 1..=5i64 {
    ///     job.persist_put("raw", key!("general", epoch), b"");
    ///     job.persist_put("raw", key!("other", epoch), b"");
    /// }
    /// assert_eq!(job.count_within("raw", "general", ..).wait()?, 5);
    /// assert_eq!(job.count_within("raw", "general", 4i64..).wait()?, 2);
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn count_within(
        &self,
        category: impl AsRef<[u8]>,
        prefix: impl StoreKey,
        range: impl KeyBounds,
    ) -> Read<'_, u64> {
        self.handle().long(
            Query::within(category.as_ref(), &prefix, range),
            Run::Count(Then::Known(query::unchanged)),
        )
    }

    /// Lists the categories that have rows, in ascending order.
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
        self.handle().long(Query::everything(), Run::Known(query::categories))
    }

    /// Scans the rows of a range, in the order of their keys.
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

    /// Scans the rows whose keys begin with the bytes of `prefix`.
    ///
    /// A prefix consists of whole parts. Text is written after its length, so `key!("chan")` is not a prefix of
    /// `key!("channel")`.
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
        self.scan_within(category, prefix, ..)
    }

    /// Scans the rows whose keys begin with `prefix` and continue with a key in a range.
    ///
    /// A bound represents every key that begins with the prefix followed by that bound: `..=k` includes all of them,
    /// `..k` none, and a range that excludes `k` as its start begins after the last of them. An open end is the end of
    /// the prefix, so the rows of the next prefix are never included.
    ///
    /// An integer literal without a suffix is an `i32`, also in a range. If that part of the key is a `u64`, write `..5u64`: `..5`
    /// compiles, but its bound has other bytes, so that it includes other rows.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency, key};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// for epoch in 5..=7i64 {
    ///     job.persist_put("msg", key!("general", epoch, "ann"), b"");
    ///     job.persist_put("msg", key!("general", epoch, "bob"), b"");
    ///     job.persist_put("msg", key!("other", epoch, "ann"), b"");
    /// }
    /// assert_eq!(job.scan_within("msg", "general", ..=6i64).wait()?.len(), 4);
    /// assert_eq!(job.scan_within("msg", "general", 7i64..).wait()?.len(), 2);
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn scan_within(
        &self,
        category: impl AsRef<[u8]>,
        prefix: impl StoreKey,
        range: impl KeyBounds,
    ) -> Scan<'_> {
        Scan::new(self.handle(), Query::within(category.as_ref(), &prefix, range))
    }

    /// Reads the first row of a range.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// for n in 1..=5u64 {
    ///     job.persist_encoded("raw", n, &(n * n));
    /// }
    /// let (first, last) = (job.first("raw", 2u64..).wait()?, job.last("raw", ..).wait()?);
    /// assert_eq!(first.unwrap().decode::<u64>(), Ok(4));
    /// assert_eq!(last.unwrap().key().decode::<u64>(), Ok(5));
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn first(
        &self,
        category: impl AsRef<[u8]>,
        range: impl KeyBounds,
    ) -> Read<'_, Option<RowBuf>> {
        self.end_of(category.as_ref(), range, false)
    }

    /// Reads the last row of a range. [`first`](Self::first) has an example.
    pub fn last(
        &self,
        category: impl AsRef<[u8]>,
        range: impl KeyBounds,
    ) -> Read<'_, Option<RowBuf>> {
        self.end_of(category.as_ref(), range, true)
    }

    /// Reads the payloads under several keys from one snapshot, in the order of the given keys.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// job.persist_put("raw", 1u64, b"one");
    /// job.persist_put("raw", 3u64, b"three");
    /// let found = job.get_many("raw", [3u64, 2, 1]).wait()?;
    /// assert_eq!(found, [Some(b"three".to_vec()), None, Some(b"one".to_vec())]);
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn get_many<K: StoreKey>(
        &self,
        category: impl AsRef<[u8]>,
        keys: impl IntoIterator<Item = K>,
    ) -> Read<'_, Vec<Option<Vec<u8>>>> {
        let keys = keys.into_iter().map(|key| key.to_key()).collect();
        self.handle().long(Query::keys(category.as_ref(), keys), Run::Known(query::get_many))
    }

    /// Runs several reads on one snapshot. `run` receives a [`View`] of the job, which has the same reads.
    ///
    /// `.wait()` calls `run` on the calling thread, so `run` may borrow. An awaited `run` is called on a thread of the
    /// store. Its reads see every write submitted before. After
    /// [`Config::snapshot_timeout`](crate::Config::snapshot_timeout) they return [`Error::SnapshotExpired`].
    ///
    /// ```
    /// use persist_core::{Memory, Persistency};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// job.persist_put("raw", 1u64, b"one");
    /// let (one, n) = job.read(|at| Ok((at.get("raw", 1u64)?, at.count("raw", ..)?))).wait()?;
    /// assert_eq!((one.as_deref(), n), (Some(&b"one"[..]), 1));
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn read<T, F: FnOnce(&View<'_>) -> Result<T, Error>>(&self, run: F) -> ViewRead<'_, F> {
        ViewRead::new(self.handle(), run)
    }

    /// Runs several reads on one snapshot as [`read`](Self::read) does, for a closure with its own error type.
    ///
    /// ```
    /// use persist_core::{Error, Memory, Persistency};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// let read = job.read_with(|at| match at.get("raw", 1u64)? {
    ///     Some(payload) => Ok::<_, Box<dyn std::error::Error>>(payload),
    ///     None => Err("there is no row 1".into()),
    /// });
    /// assert_eq!(read.wait().unwrap_err().to_string(), "there is no row 1");
    /// # Ok::<(), Error>(())
    /// ```
    pub fn read_with<T, E: From<Error>, F: FnOnce(&View<'_>) -> Result<T, E>>(
        &self,
        run: F,
    ) -> ViewRead<'_, F> {
        ViewRead::new(self.handle(), run)
    }

    fn end_of(
        &self,
        category: &[u8],
        range: impl KeyBounds,
        reverse: bool,
    ) -> Read<'_, Option<RowBuf>> {
        let query = Query::end_of(category, range, reverse);
        self.handle().point(query, Run::Page(Then::Known(query::first_of)))
    }
}

impl Job {
    /// Scans a span of a category.
    pub(crate) fn scan_span(&self, category: &str, span: SpanBuf) -> Scan<'_> {
        Scan::new(self.handle(), Query::span(category.as_bytes(), span))
    }
}

impl<'job> Handle<'job> {
    fn point<T>(self, query: Query, run: Run<T>) -> Read<'job, T> {
        Read::new(self, query, run, Kind::Point)
    }

    fn long<T>(self, query: Query, run: Run<T>) -> Read<'job, T> {
        Read::new(self, query, run, Kind::Long)
    }
}
