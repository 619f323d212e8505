use crate::encoding::{PayloadEncode, StoreKey};
use crate::store::api::job::Job;
use crate::store::api::persistency::Persistency;
use crate::store::api::read::Read;
use crate::store::api::scan::Scan;
use crate::store::api::ticket::Ticket;
use crate::store::base::bounds::KeyBounds;
use crate::store::base::op::{IntoPayload, TxOp};
use crate::store::base::reports::Committed;

/// The most common calls of [`Job`] by job id. All others are calls of the handle that [`job`](Self::job) returns.
///
/// For an id that is not open, a write is refused with a warning in the log and its ticket fails, and a read fails, with
/// [`Error::JobNotFound`](crate::Error::JobNotFound).
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
    pub fn persist(&self, id: &str, ops: impl IntoIterator<Item = TxOp>) -> Ticket<Committed> {
        self.by_id(id).persist(ops)
    }

    /// [`Job::persist_put`] by id.
    pub fn persist_put(
        &self,
        id: &str,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
        payload: impl IntoPayload,
    ) -> Ticket<Committed> {
        self.by_id(id).persist_put(category, key, payload)
    }

    /// [`Job::persist_encoded`] by id.
    pub fn persist_encoded<T: PayloadEncode + ?Sized>(
        &self,
        id: &str,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
        value: &T,
    ) -> Ticket<Committed> {
        self.by_id(id).persist_encoded(category, key, value)
    }

    /// [`Job::persist_delete`] by id.
    pub fn persist_delete(
        &self,
        id: &str,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
    ) -> Ticket<Committed> {
        self.by_id(id).persist_delete(category, key)
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

    /// [`Job::get`] by id.
    pub fn get(
        &self,
        id: &str,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
    ) -> Read<'static, Option<Vec<u8>>> {
        self.by_id(id).get(category, key).into_owned()
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

    /// [`Job::count`] by id.
    pub fn count(
        &self,
        id: &str,
        category: impl AsRef<[u8]>,
        range: impl KeyBounds,
    ) -> Read<'static, u64> {
        self.by_id(id).count(category, range).into_owned()
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

    /// The open job, or a handle whose every call fails with the reason.
    fn by_id(&self, id: &str) -> Job {
        self.find(id).map_or_else(Job::unavailable, Job::open)
    }
}
