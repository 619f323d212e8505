//! Operations of a batch, owned and borrowed, and the capacity that they take in a queue.

use std::borrow::Cow;

use crate::encoding::{Key, Payload, StoreKey};
use crate::store::base::bounds::sealed::SpanBuf;
use crate::store::base::bounds::{KeyBounds, Span};
use crate::store::base::category::{Category, Space};

/// One operation of a batch.
///
/// In a job's queue, an operation costs 128 bytes plus the bytes of its category, its key (or prefix, or both ends of its range) and its
/// payload. [`Config::queue_limit_bytes`](crate::Config::queue_limit_bytes) limits the sum, and
/// [`Job::reserve_for`](crate::Job::reserve_for) reserves the capacity for a batch.
///
/// ```
/// use persist_core::{Memory, Persistency, TxOp, key, payload};
///
/// let store = Persistency::open(Memory::new())?;
/// let job = store.open_job("alpha").wait()?;
/// job.persist(vec![
///     TxOp::put("msg", key!("general", 8i64), payload!("hi", true)),
///     TxOp::delete("msg", key!("general", 7i64)),
///     TxOp::delete_prefix("raw", key!("general")),
/// ])
/// .wait()?;
/// # Ok::<(), persist_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TxOp {
    /// Stores a row, and replaces an existing row under the same key.
    Put {
        /// The key space.
        category: Vec<u8>,
        /// The row's key.
        key: Key,
        /// The row's payload.
        payload: Payload,
    },
    /// Removes a row, if there is one.
    Delete {
        /// The key space.
        category: Vec<u8>,
        /// The row's key.
        key: Key,
    },
    /// Removes every row whose key begins with `prefix`.
    DeletePrefix {
        /// The key space.
        category: Vec<u8>,
        /// The bytes that the keys begin with; empty for all keys.
        prefix: Key,
    },
    /// Removes every row whose key lies in a range.
    DeleteRange {
        /// The key space.
        category: Vec<u8>,
        /// The first key.
        start: Key,
        /// The first key after the range; `None` is an open end. An empty key makes the range empty.
        stop: Option<Key>,
    },
}

impl TxOp {
    /// Returns an operation that stores a raw payload under a key.
    #[inline]
    pub fn put(category: impl AsRef<[u8]>, key: impl StoreKey, payload: impl IntoPayload) -> Self {
        Self::Put {
            category: category.as_ref().to_vec(),
            key: key.to_key(),
            payload: payload.into_payload(),
        }
    }

    /// Returns an operation that removes the row under a key.
    pub fn delete(category: impl AsRef<[u8]>, key: impl StoreKey) -> Self {
        Self::Delete { category: category.as_ref().to_vec(), key: key.to_key() }
    }

    /// Returns an operation that removes all rows whose keys begin with the bytes of `prefix`.
    pub fn delete_prefix(category: impl AsRef<[u8]>, prefix: impl StoreKey) -> Self {
        Self::DeletePrefix { category: category.as_ref().to_vec(), prefix: prefix.to_key() }
    }

    /// Returns an operation that removes all rows whose keys lie in a range.
    ///
    /// ```
    /// use persist_core::{TxOp, key};
    ///
    /// let op = TxOp::delete_range("msg", key!(1u64)..key!(8u64));
    /// assert!(matches!(op, TxOp::DeleteRange { stop: Some(_), .. }));
    /// ```
    pub fn delete_range(category: impl AsRef<[u8]>, range: impl KeyBounds) -> Self {
        let SpanBuf { start, stop } = range.into_span();
        Self::DeleteRange { category: category.as_ref().to_vec(), start, stop }
    }

    /// Returns an operation that removes all rows whose keys begin with `prefix` and continue it by a key in a range. The range has the
    /// same meaning as for [`Job::scan_within`](crate::Job::scan_within).
    ///
    /// ```
    /// use persist_core::{TxOp, key};
    ///
    /// let op = TxOp::delete_within("msg", "general", ..=7i64);
    /// assert_eq!(op, TxOp::delete_range("msg", key!("general")..key!("general", 8i64)));
    /// ```
    pub fn delete_within(
        category: impl AsRef<[u8]>,
        prefix: impl StoreKey,
        range: impl KeyBounds,
    ) -> Self {
        let SpanBuf { start, stop } = range.into_span_within(&prefix.to_key());
        Self::DeleteRange { category: category.as_ref().to_vec(), start, stop }
    }

    /// Returns an owned copy of an operation of a user.
    pub(crate) fn from_op(op: &Op<'_>) -> Self {
        let owned = |category: Category<'_>, key: &[u8]| {
            debug_assert_eq!(category.space, Space::User);
            (category.name.to_vec(), Key::from_bytes(key))
        };
        match *op {
            Op::Put { category, key, payload } => {
                let (category, key) = owned(category, key);
                Self::Put { category, key, payload: Payload::from_bytes(payload) }
            }
            Op::Delete { category, key } => {
                let (category, key) = owned(category, key);
                Self::Delete { category, key }
            }
            Op::DeletePrefix { category, prefix } => {
                let (category, prefix) = owned(category, prefix);
                Self::DeletePrefix { category, prefix }
            }
            Op::DeleteRange { category, span } => {
                let (category, start) = owned(category, span.start);
                Self::DeleteRange { category, start, stop: span.stop.map(Key::from_bytes) }
            }
        }
    }

    pub(crate) fn as_op(&self) -> Op<'_> {
        match self {
            Self::Put { category, key, payload } => {
                let category = Category::user(category);
                Op::Put { category, key: key.as_bytes(), payload: payload.as_bytes() }
            }
            Self::Delete { category, key } => {
                Op::Delete { category: Category::user(category), key: key.as_bytes() }
            }
            Self::DeletePrefix { category, prefix } => {
                let category = Category::user(category);
                Op::DeletePrefix { category, prefix: prefix.as_bytes() }
            }
            Self::DeleteRange { category, start, stop } => {
                let (category, stop) = (Category::user(category), stop.as_ref().map(Key::as_bytes));
                Op::DeleteRange { category, span: Span { start: start.as_bytes(), stop } }
            }
        }
    }
}

/// One operation of a batch, borrowed, in the form that a backend receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op<'a> {
    /// Stores a row, and replaces an existing row under the same key.
    Put {
        /// The key space.
        category: Category<'a>,
        /// The row's key.
        key: &'a [u8],
        /// The row's payload.
        payload: &'a [u8],
    },
    /// Removes a row, if there is one.
    Delete {
        /// The key space.
        category: Category<'a>,
        /// The row's key.
        key: &'a [u8],
    },
    /// Removes every row whose key begins with `prefix`.
    DeletePrefix {
        /// The key space.
        category: Category<'a>,
        /// The bytes that the keys begin with; empty for all keys.
        prefix: &'a [u8],
    },
    /// Removes every row whose key lies in a span.
    DeleteRange {
        /// The key space.
        category: Category<'a>,
        /// The span of the keys.
        span: Span<'a>,
    },
}

impl<'a> Op<'a> {
    /// Returns the category.
    pub fn category(self) -> Category<'a> {
        match self {
            Op::Put { category, .. }
            | Op::Delete { category, .. }
            | Op::DeletePrefix { category, .. }
            | Op::DeleteRange { category, .. } => category,
        }
    }

    /// Returns the category's name, the key (or the bytes that determine the keys), and the payload, which is empty if the operation has none.
    /// For a range, these are the category, the start and the stop.
    pub(crate) fn parts(self) -> [&'a [u8]; 3] {
        match self {
            Op::Put { category, key, payload } => [category.name, key, payload],
            Op::Delete { category, key: bytes } | Op::DeletePrefix { category, prefix: bytes } => {
                [category.name, bytes, &[]]
            }
            // An open end and an empty stop are both empty bytes here. If the difference matters, use the span.
            Op::DeleteRange { category, span } => {
                [category.name, span.start, span.stop.unwrap_or_default()]
            }
        }
    }
}

/// The capacity that an operation takes in addition to its category, key and payload, in bytes. A transaction, a sync and a step of a
/// compaction take the same.
pub(crate) const OPERATION_COST: usize = 128;

/// Returns the capacity that a batch takes, in bytes.
pub(crate) fn cost_of<'a>(batch: impl Iterator<Item = Op<'a>>) -> usize {
    batch.map(op_cost).fold(0, usize::saturating_add)
}

fn op_cost(op: Op<'_>) -> usize {
    // The parts are within the limits of the configuration, far below an overflow.
    OPERATION_COST + op.parts().map(<[u8]>::len).iter().sum::<usize>()
}

/// Bytes that are stored verbatim: a [`Payload`], or owned or borrowed bytes.
///
/// Text and other values don't implement it, since it would be unclear whether to encode them or to store their own bytes.
///
/// ```compile_fail
/// use persist_core::TxOp;
///
/// let op = TxOp::put("msg", "key", "text");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a payload as it is",
    label = "not payload bytes",
    note = "to encode a value: `persist_encoded(category, key, &value)`, or `payload!(value)`",
    note = "for a text's own bytes: `.as_bytes()`"
)]
pub trait IntoPayload {
    /// Returns the bytes.
    fn payload_bytes(&self) -> &[u8];

    /// Returns the bytes as a payload. They are copied unless they are owned already.
    fn into_payload(self) -> Payload
    where
        Self: Sized,
    {
        Payload::from_bytes(self.payload_bytes())
    }
}

impl IntoPayload for Payload {
    fn payload_bytes(&self) -> &[u8] {
        self.as_bytes()
    }

    fn into_payload(self) -> Payload {
        self
    }
}

macro_rules! owned_bytes {
    ($($Bytes:ty),*) => {$(
        impl IntoPayload for $Bytes {
            fn payload_bytes(&self) -> &[u8] {
                self
            }

            fn into_payload(self) -> Payload {
                Payload::from_bytes(self)
            }
        }
    )*};
}

owned_bytes!(Vec<u8>, Box<[u8]>, Cow<'_, [u8]>);

impl IntoPayload for [u8] {
    fn payload_bytes(&self) -> &[u8] {
        self
    }
}

impl<const N: usize> IntoPayload for [u8; N] {
    fn payload_bytes(&self) -> &[u8] {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<T: IntoPayload + ?Sized> IntoPayload for &T {
    fn payload_bytes(&self) -> &[u8] {
        (**self).payload_bytes()
    }
}
