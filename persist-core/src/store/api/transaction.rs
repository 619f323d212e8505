use std::sync::Arc;

use crate::encoding::{PayloadEncode, StoreKey};
use crate::store::api::limits::Limits;
use crate::store::api::ticket::{Given, Value};
use crate::store::api::view::At;
use crate::store::base::bounds::KeyBounds;
use crate::store::base::category::Category;
use crate::store::base::contained;
use crate::store::base::error::{Error, Place};
use crate::store::base::op::{IntoPayload, Op, TxOp};
use crate::store::engine::catalog::Tables;
use crate::store::engine::planner::Written;
use crate::store::engine::work::{Closure, Transact, Work};
use crate::store::port::stop::Stop;
use crate::store::port::write::WriteTransaction;

/// The argument of the closure of [`Job::transact`](crate::Job::transact), which reads and writes. Its reads see its
/// writes; other readers do not see them before the transaction has ended.
///
/// A write that is refused because its key or payload is too long has no effect on the rest. After any other failed
/// write, nothing of the transaction is applied, even if the closure returns `Ok`.
pub type Transaction<'a> = At<'a, dyn WriteTransaction + 'a>;

impl Transaction<'_> {
    /// Writes a batch.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for a part that is too long; errors of the backend.
    pub fn persist(&self, ops: impl IntoIterator<Item = TxOp>) -> Result<(), Error> {
        ops.into_iter().try_for_each(|op| self.apply(&op.as_op()).map(drop))
    }

    /// Stores raw bytes under a key, replacing the row that was there.
    ///
    /// # Errors
    ///
    /// As for [`persist`](Self::persist).
    pub fn persist_put(
        &self,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
        payload: impl IntoPayload,
    ) -> Result<(), Error> {
        let (category, key) = (Category::user(category.as_ref()), key.to_key());
        let payload = payload.payload_bytes();
        self.apply(&Op::Put { category, key: key.as_bytes(), payload }).map(drop)
    }

    /// Encodes a value and stores it under a key, replacing the row that was there.
    ///
    /// # Errors
    ///
    /// As for [`persist`](Self::persist).
    pub fn persist_encoded<T: PayloadEncode + ?Sized>(
        &self,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
        value: &T,
    ) -> Result<(), Error> {
        self.persist_put(category, key, value.to_payload())
    }

    /// Removes the row under a key. Returns whether there was one.
    ///
    /// # Errors
    ///
    /// As for [`persist`](Self::persist).
    pub fn persist_delete(
        &self,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
    ) -> Result<bool, Error> {
        let (category, key) = (Category::user(category.as_ref()), key.to_key());
        Ok(self.apply(&Op::Delete { category, key: key.as_bytes() })? > 0)
    }

    /// Removes every row whose key begins with the bytes of `prefix`. Returns the number of removed rows.
    ///
    /// # Errors
    ///
    /// As for [`persist`](Self::persist).
    pub fn persist_delete_prefix(
        &self,
        category: impl AsRef<[u8]>,
        prefix: impl StoreKey,
    ) -> Result<u64, Error> {
        let (category, prefix) = (Category::user(category.as_ref()), prefix.to_key());
        self.apply(&Op::DeletePrefix { category, prefix: prefix.as_bytes() })
    }

    /// Removes every row of a range. Returns the number of removed rows.
    ///
    /// # Errors
    ///
    /// As for [`persist`](Self::persist).
    pub fn persist_delete_range(
        &self,
        category: impl AsRef<[u8]>,
        range: impl KeyBounds,
    ) -> Result<u64, Error> {
        let (category, span) = (Category::user(category.as_ref()), range.into_span());
        self.apply(&Op::DeleteRange { category, span: span.as_span() })
    }

    /// Removes every row whose key begins with `prefix` and continues with a key in a range, as
    /// [`Job::persist_delete_within`](crate::Job::persist_delete_within) does. Returns the number of removed rows.
    ///
    /// # Errors
    ///
    /// As for [`persist`](Self::persist).
    pub fn persist_delete_within(
        &self,
        category: impl AsRef<[u8]>,
        prefix: impl StoreKey,
        range: impl KeyBounds,
    ) -> Result<u64, Error> {
        self.apply(&TxOp::delete_within(category, prefix, range).as_op())
    }

    pub(crate) fn place(&self) -> &Place {
        self.limits.place()
    }

    pub(crate) fn apply(&self, op: &Op<'_>) -> Result<u64, Error> {
        self.limits.check(op)?;
        self.note_write(op);
        self.source.borrow_mut().apply(op)
    }
}

/// Returns the work of a transaction, and the value of its ticket.
///
/// `told` converts the closure's error into the one that the job's ledger of failures keeps.
pub(crate) fn work<T: Send + 'static, E: Send + 'static>(
    run: impl FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
    told: fn(&E, &Place) -> Error,
    limits: &Limits,
    tables: &Tables,
) -> (Work, Value<T, E>) {
    let given = Given::default();
    let closure = closure(run, told, &given, limits.clone(), tables.clone());
    (Work::Transact(Transact::new(closure)), Value::Given(given))
}

/// Returns the ledger's error for a closure that fails with the store's own error type.
pub(crate) fn own_error(error: &Error, _: &Place) -> Error {
    error.clone()
}

/// Returns the ledger's error for a closure with another error type.
pub(crate) fn rolled_back<E>(_: &E, place: &Place) -> Error {
    Error::RolledBack { place: place.clone() }
}

/// Returns the closure that the worker runs for a transaction. It stores the result of `run` in `given`. If `run`
/// fails, it returns an error, so that the worker rolls back.
fn closure<T: Send + 'static, E: Send + 'static>(
    run: impl FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
    told: fn(&E, &Place) -> Error,
    given: &Given<T, E>,
    limits: Limits,
    tables: Tables,
) -> Box<Closure> {
    let given = Arc::clone(given);
    let mut run = Some(run);
    Box::new(move |transaction| {
        let Some(run) = run.take() else {
            return Err(Error::Unsupported { what: "a transaction that runs twice".into() });
        };
        let mut written = Written::default();
        let result = contained::run(|| {
            let mut at: Transaction<'_> = At::new(transaction, &limits, Stop::default());
            if !tables.is_empty() {
                at.note_categories();
            }
            let result = run(&at);
            written = at.written();
            result
        });
        let result =
            result.map_err(|message| Error::Panicked { place: limits.place().clone(), message })?;
        let told = match &result {
            Ok(_) => Ok(written),
            Err(error) => Err(told(error, limits.place())),
        };
        *given.lock() = Some(result);
        told
    })
}
