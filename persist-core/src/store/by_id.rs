//! The calls of a job by its id, for who doesn't want to carry the handle.

use std::path::Path;

use super::bounds::KeyBounds;
use super::op::{IntoPayload, TxOp};
use super::{
    BackupProgress, CheckReport, Error, Job, Persistency, Read, Request, RowBuf, Scan, Stats,
    Ticket, Transaction, View, ViewRead,
};
use crate::{PayloadDecode, PayloadEncode, StoreKey};

/// The calls of [`Job`] by its id. For an id that isn't open, a write is refused with a warning in the log
/// and its ticket fails, and a read fails, with [`Error::JobNotFound`].
///
/// ```
/// use persist_core::{Memory, Persistency, key};
///
/// let store = Persistency::open(Memory::new())?;
/// store.open_job("alpha").wait()?;
/// store.persist_put("alpha", "raw", key!("x"), b"1");
/// assert_eq!(store.get("alpha", "raw", key!("x")).wait()?.as_deref(), Some(&b"1"[..]));
/// assert!(store.get("beta", "raw", key!("x")).wait().is_err());
/// # Ok::<(), persist_core::Error>(())
/// ```
impl Persistency {
    /// [`Job::persist`] by id.
    pub fn persist(&self, id: &str, ops: impl IntoIterator<Item = TxOp>) -> Ticket<u64> {
        self.by_id(id).persist(ops)
    }

    /// [`Job::persist_put`] by id.
    pub fn persist_put(
        &self,
        id: &str,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
        payload: impl IntoPayload,
    ) -> Ticket<u64> {
        self.by_id(id).persist_put(category, key, payload)
    }

    /// [`Job::persist_encoded`] by id.
    pub fn persist_encoded<T: PayloadEncode + ?Sized>(
        &self,
        id: &str,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
        value: &T,
    ) -> Ticket<u64> {
        self.by_id(id).persist_encoded(category, key, value)
    }

    /// [`Job::persist_delete`] by id.
    pub fn persist_delete(
        &self,
        id: &str,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
    ) -> Ticket<u64> {
        self.by_id(id).persist_delete(category, key)
    }

    /// [`Job::persist_delete_prefix`] by id.
    pub fn persist_delete_prefix(
        &self,
        id: &str,
        category: impl AsRef<[u8]>,
        prefix: impl StoreKey,
    ) -> Ticket<u64> {
        self.by_id(id).persist_delete_prefix(category, prefix)
    }

    /// [`Job::persist_delete_range`] by id.
    pub fn persist_delete_range(
        &self,
        id: &str,
        category: impl AsRef<[u8]>,
        range: impl KeyBounds,
    ) -> Ticket<u64> {
        self.by_id(id).persist_delete_range(category, range)
    }

    /// [`Job::delete_acked`] by id.
    pub fn delete_acked(
        &self,
        id: &str,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
    ) -> Ticket<bool> {
        self.by_id(id).delete_acked(category, key)
    }

    /// [`Job::sync`] by id.
    pub fn sync(&self, id: &str) -> Ticket<()> {
        self.by_id(id).sync()
    }

    /// [`Job::transact`] by id.
    pub fn transact<T: Send + 'static>(
        &self,
        id: &str,
        run: impl FnOnce(&Transaction<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Ticket<T> {
        self.by_id(id).transact(run)
    }

    /// [`Job::transact_with`] by id.
    pub fn transact_with<T: Send + 'static, E: From<Error> + Send + 'static>(
        &self,
        id: &str,
        run: impl FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Ticket<T, E> {
        self.by_id(id).transact_with(run)
    }

    /// [`Job::get`] by id.
    pub fn get(
        &self,
        id: &str,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
    ) -> Read<'static, Option<Vec<u8>>> {
        self.by_id(id).get(category, key).into_owned()
    }

    /// [`Job::get_as`] by id.
    pub fn get_as<T>(
        &self,
        id: &str,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
    ) -> Read<'static, Option<T>>
    where
        T: for<'de> PayloadDecode<'de>,
    {
        self.by_id(id).get_as(category, key).into_owned()
    }

    /// [`Job::exists`] by id.
    pub fn exists(
        &self,
        id: &str,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
    ) -> Read<'static, bool> {
        self.by_id(id).exists(category, key).into_owned()
    }

    /// [`Job::first`] by id.
    pub fn first(
        &self,
        id: &str,
        category: impl AsRef<[u8]>,
        range: impl KeyBounds,
    ) -> Read<'static, Option<RowBuf>> {
        self.by_id(id).first(category, range).into_owned()
    }

    /// [`Job::last`] by id.
    pub fn last(
        &self,
        id: &str,
        category: impl AsRef<[u8]>,
        range: impl KeyBounds,
    ) -> Read<'static, Option<RowBuf>> {
        self.by_id(id).last(category, range).into_owned()
    }

    /// [`Job::get_many`] by id.
    pub fn get_many<K: StoreKey>(
        &self,
        id: &str,
        category: impl AsRef<[u8]>,
        keys: impl IntoIterator<Item = K>,
    ) -> Read<'static, Vec<Option<Vec<u8>>>> {
        self.by_id(id).get_many(category, keys).into_owned()
    }

    /// [`Job::read`] by id.
    pub fn read<T, F: FnOnce(&View<'_>) -> Result<T, Error>>(
        &self,
        id: &str,
        run: F,
    ) -> ViewRead<'static, F> {
        self.by_id(id).read(run).into_owned()
    }

    /// [`Job::read_with`] by id.
    pub fn read_with<T, E: From<Error>, F: FnOnce(&View<'_>) -> Result<T, E>>(
        &self,
        id: &str,
        run: F,
    ) -> ViewRead<'static, F> {
        self.by_id(id).read_with(run).into_owned()
    }

    /// [`Job::count`] by id.
    pub fn count(
        &self,
        id: &str,
        category: impl AsRef<[u8]>,
        range: impl KeyBounds,
    ) -> Read<'static, u64> {
        self.by_id(id).count(category, range).into_owned()
    }

    /// [`Job::categories`] by id.
    pub fn categories(&self, id: &str) -> Read<'static, Vec<Vec<u8>>> {
        self.by_id(id).categories().into_owned()
    }

    /// [`Job::scan`] by id.
    pub fn scan(
        &self,
        id: &str,
        category: impl AsRef<[u8]>,
        range: impl KeyBounds,
    ) -> Scan<'static> {
        self.by_id(id).scan(category, range).into_owned()
    }

    /// [`Job::scan_prefix`] by id.
    pub fn scan_prefix(
        &self,
        id: &str,
        category: impl AsRef<[u8]>,
        prefix: impl StoreKey,
    ) -> Scan<'static> {
        self.by_id(id).scan_prefix(category, prefix).into_owned()
    }

    /// [`Job::stats`] by id.
    pub fn stats(&self, id: &str) -> Read<'static, Stats> {
        self.by_id(id).stats().into_owned()
    }

    /// [`Job::check`] by id.
    pub fn check(&self, id: &str) -> Request<CheckReport> {
        self.by_id(id).check()
    }

    /// [`Job::compact`] by id.
    pub fn compact(&self, id: &str) -> Request<u64> {
        self.by_id(id).compact()
    }

    /// [`Job::backup_to`] by id.
    pub fn backup_to(&self, id: &str, path: impl AsRef<Path>) -> Request<()> {
        self.by_id(id).backup_to(path)
    }

    /// [`Job::backup_to_with`] by id.
    pub fn backup_to_with(
        &self,
        id: &str,
        path: impl AsRef<Path>,
        progress: impl FnMut(BackupProgress) + Send + 'static,
    ) -> Request<()> {
        self.by_id(id).backup_to_with(path, progress)
    }

    /// The open job, or a handle whose every call fails with what is wrong.
    fn by_id(&self, id: &str) -> Job {
        self.find(id).map_or_else(Job::unavailable, Job::open)
    }
}
