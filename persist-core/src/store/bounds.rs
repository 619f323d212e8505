use std::ops::{
    Bound, Range, RangeBounds, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive,
};

use sealed::{Sealed, SpanBuf};

use super::port::Span;
use crate::{Key, KeyRange, OrderPreserving, StoreKey};

/// What scans and counts take as a range: Rust's own ranges over keys, `..`, a pair of bounds, or a
/// [`KeyRange`].
///
/// Rust's ranges mean what `Ord` says, so they need [`OrderPreserving`]. An empty or inverted one is
/// empty, and `..=k` takes in `k` but not longer keys that begin with it: for those there is
/// [`scan_prefix`](crate::Job::scan_prefix).
///
/// ```
/// use persist_core::{Memory, Persistency, key};
///
/// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
/// for seq in 0..10u64 {
///     job.persist_put("msg", seq, b"");
/// }
/// assert_eq!(job.count("msg", ..).wait()?, 10);
/// assert_eq!(job.count("msg", 3u64..=5).wait()?, 3);
/// assert_eq!(job.count("msg", key!(8u64)..).wait()?, 2);
/// # Ok::<(), persist_core::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a range of keys",
    label = "not a range",
    note = "ranges are `..`, `a..b`, `a..=b` and so on over keys, a pair of `Bound`s, or a `KeyRange`"
)]
pub trait KeyBounds: Sealed {}

pub(super) mod sealed {
    use crate::Key;

    /// Keys from `start` up to, but without, `stop`.
    #[derive(Clone, Debug)]
    pub struct SpanBuf {
        pub(in crate::store) start: Key,
        pub(in crate::store) stop: Option<Key>,
    }

    pub trait Sealed {
        fn into_span(self) -> SpanBuf;
    }
}

impl SpanBuf {
    pub(super) fn as_span(&self) -> Span<'_> {
        Span { start: self.start.as_bytes(), stop: self.stop.as_ref().map(Key::as_bytes) }
    }

    pub(super) const fn all() -> Self {
        Self { start: Key::new(), stop: None }
    }

    pub(super) fn prefix(prefix: &Key) -> Self {
        (&KeyRange::prefix(prefix)).into_span()
    }

    /// Leaves only what comes strictly behind `key`, in the direction of the scan.
    pub(super) fn narrow_behind(&mut self, key: &[u8], reverse: bool) {
        if reverse {
            if self.stop.as_ref().is_none_or(|stop| key < stop.as_bytes()) {
                self.stop = Some(Key::from_bytes(key));
            }
        } else if self.start.as_bytes() <= key {
            self.start = next_key(key);
        }
    }
}

/// The first key behind `key`: nothing lies between a key and itself with a zero byte more.
fn next_key(key: &[u8]) -> Key {
    let mut next = Vec::with_capacity(key.len() + 1);
    next.extend_from_slice(key);
    next.push(0);
    Key::from_bytes(next)
}

fn span_of<K: StoreKey>(range: &impl RangeBounds<K>) -> SpanBuf {
    let start = match range.start_bound() {
        Bound::Unbounded => Key::new(),
        Bound::Included(key) => key.to_key(),
        Bound::Excluded(key) => next_key(key.to_key().as_bytes()),
    };
    let stop = match range.end_bound() {
        Bound::Unbounded => None,
        Bound::Included(key) => Some(next_key(key.to_key().as_bytes())),
        Bound::Excluded(key) => Some(key.to_key()),
    };
    SpanBuf { start, stop }
}

macro_rules! std_ranges {
    ($($Range:ident)*) => {$(
        impl<K: StoreKey + OrderPreserving> KeyBounds for $Range<K> {}

        impl<K: StoreKey + OrderPreserving> Sealed for $Range<K> {
            fn into_span(self) -> SpanBuf {
                span_of(&self)
            }
        }
    )*};
}

std_ranges!(Range RangeFrom RangeInclusive RangeTo RangeToInclusive);

impl<K: StoreKey + OrderPreserving> KeyBounds for (Bound<K>, Bound<K>) {}

impl<K: StoreKey + OrderPreserving> Sealed for (Bound<K>, Bound<K>) {
    fn into_span(self) -> SpanBuf {
        span_of(&self)
    }
}

impl KeyBounds for RangeFull {}

impl Sealed for RangeFull {
    fn into_span(self) -> SpanBuf {
        SpanBuf::all()
    }
}

impl KeyBounds for &KeyRange {}

impl Sealed for &KeyRange {
    fn into_span(self) -> SpanBuf {
        let stop = (!self.stop().is_empty()).then(|| self.stop().clone());
        SpanBuf { start: self.start().clone(), stop }
    }
}

impl KeyBounds for KeyRange {}

impl Sealed for KeyRange {
    fn into_span(self) -> SpanBuf {
        (&self).into_span()
    }
}
