use crate::encoding::{PayloadEncode, StoreKey};
use crate::store::api::job::Job;
use crate::store::api::persistency::Persistency;
use crate::store::api::read::Read;
use crate::store::api::scan::Scan;
use crate::store::api::ticket::Ticket;
use crate::store::base::bounds::KeyBounds;
use crate::store::base::op::{IntoPayload, TxOp};
use crate::store::base::reports::Committed;

/// The most common methods of [`Job`], by job id. The handle that [`job`](Self::job) returns has all methods.
///
/// If no job with the id is open, writes and reads fail with [`Error::JobNotFound`](crate::Error::JobNotFound). A
/// refused write is also logged as a warning.
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
    /// Writes a batch, as [`Job::persist`] does.
    pub fn persist(&self, id: &str, ops: impl IntoIterator<Item = TxOp>) -> Ticket<Committed> {
        self.by_id(id).persist(ops)
    }

    /// Stores raw bytes under a key, as [`Job::persist_put`] does.
    pub fn persist_put(
        &self,
        id: &str,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
        payload: impl IntoPayload,
    ) -> Ticket<Committed> {
        self.by_id(id).persist_put(category, key, payload)
    }

    /// Encodes a value and stores it under a key, as [`Job::persist_encoded`] does.
    pub fn persist_encoded<T: PayloadEncode + ?Sized>(
        &self,
        id: &str,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
        value: &T,
    ) -> Ticket<Committed> {
        self.by_id(id).persist_encoded(category, key, value)
    }

    /// Removes the row under a key, as [`Job::persist_delete`] does.
    pub fn persist_delete(
        &self,
        id: &str,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
    ) -> Ticket<Committed> {
        self.by_id(id).persist_delete(category, key)
    }

    /// Removes the row under a key and returns in its ticket whether there was one, as [`Job::delete_acked`] does.
    pub fn delete_acked(
        &self,
        id: &str,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
    ) -> Ticket<bool> {
        self.by_id(id).delete_acked(category, key)
    }

    /// Reads the payload under a key, as [`Job::get`] does.
    pub fn get(
        &self,
        id: &str,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
    ) -> Read<'static, Option<Vec<u8>>> {
        self.by_id(id).get(category, key).into_owned()
    }

    /// Checks whether there is a row under a key, as [`Job::exists`] does.
    pub fn exists(
        &self,
        id: &str,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
    ) -> Read<'static, bool> {
        self.by_id(id).exists(category, key).into_owned()
    }

    /// Counts the rows of a range, as [`Job::count`] does.
    pub fn count(
        &self,
        id: &str,
        category: impl AsRef<[u8]>,
        range: impl KeyBounds,
    ) -> Read<'static, u64> {
        self.by_id(id).count(category, range).into_owned()
    }

    /// Scans the rows of a range, as [`Job::scan`] does.
    pub fn scan(
        &self,
        id: &str,
        category: impl AsRef<[u8]>,
        range: impl KeyBounds,
    ) -> Scan<'static> {
        self.by_id(id).scan(category, range).into_owned()
    }

    /// Scans the rows whose keys begin with the bytes of `prefix`, as [`Job::scan_prefix`] does.
    pub fn scan_prefix(
        &self,
        id: &str,
        category: impl AsRef<[u8]>,
        prefix: impl StoreKey,
    ) -> Scan<'static> {
        self.by_id(id).scan_prefix(category, prefix).into_owned()
    }

    /// Returns the open job, or a handle whose every call fails with the reason.
    fn by_id(&self, id: &str) -> Job {
        self.find(id).map_or_else(Job::unavailable, Job::open)
    }
}
