//! Ranges of keys: the ranges that users pass, and the spans of bytes that they are converted to.

use std::ops::{
    Bound, Range, RangeBounds, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive,
};

use sealed::{Bounds, Sealed, SpanBuf};

use crate::encoding::{Key, KeyEncode, KeyRange, OrderPreserving, Prefixed, StoreKey};

/// The ranges that scans, counts and range deletes accept: Rust's own ranges over keys, `..`, a pair of bounds, a
/// [`KeyRange`], or a [prefix](crate::fields::KeyPrefix) of a key type.
///
/// A range over values selects the rows whose keys are in that range by `Ord`, so the type has to be [`OrderPreserving`].
/// An inverted range is empty.
///
/// For [`scan`](crate::Job::scan) and the other calls without a prefix, the bounds are whole keys. `..=k` includes `k`, but
/// not longer keys that begin with it, and a range that excludes `k` as its start includes those.
///
/// For [`scan_within`](crate::Job::scan_within) and the other calls with a prefix, the bounds continue that prefix, and a
/// bound represents every key that begins with it: `..=k` includes all of them, `..k` none, and a range that excludes `k`
/// as its start begins after the last of them. An open end is the end of the prefix.
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
    note = "ranges are `..`, `a..b`, `a..=b` and so on over keys, a pair of `Bound`s, a `KeyRange`, or `KeyType::prefix(…)`"
)]
pub trait KeyBounds: Sealed {}

pub(crate) mod sealed {
    use std::ops::Bound;

    use crate::encoding::Key;

    /// The keys from `start` up to, but excluding, `stop`; `None` is an open end.
    #[derive(Clone, Debug)]
    pub struct SpanBuf {
        pub(crate) start: Key,
        pub(crate) stop: Option<Key>,
    }

    /// The start and the end of a range.
    pub(crate) type Bounds = (Bound<Key>, Bound<Key>);

    pub trait Sealed: Sized {
        fn into_bounds(self) -> Bounds;

        /// Returns the span of the keys between the bounds.
        fn into_span(self) -> SpanBuf {
            SpanBuf::between(self.into_bounds())
        }

        /// Returns the span of the keys that begin with `prefix` and continue it by a key between the bounds.
        fn into_span_within(self, prefix: &Key) -> SpanBuf {
            SpanBuf::within(prefix, self.into_bounds())
        }
    }
}

/// A span of keys, from `start` up to, but excluding, `stop`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span<'a> {
    /// The first key.
    pub start: &'a [u8],
    /// The first key after the span; `None` is an open end. An empty stop makes the span empty, since no key is less than it.
    pub stop: Option<&'a [u8]>,
}

impl Span<'_> {
    /// Returns whether no key can be in the span.
    pub fn is_empty(&self) -> bool {
        self.stop.is_some_and(|stop| stop <= self.start)
    }
}

impl SpanBuf {
    pub(crate) fn as_span(&self) -> Span<'_> {
        Span { start: self.start.as_bytes(), stop: self.stop.as_ref().map(Key::as_bytes) }
    }

    pub(crate) const fn all() -> Self {
        Self { start: Key::new(), stop: None }
    }

    const fn empty() -> Self {
        Self { start: Key::new(), stop: Some(Key::new()) }
    }

    fn between((start, stop): Bounds) -> Self {
        let start = match start {
            Bound::Unbounded => Key::new(),
            Bound::Included(key) => key,
            Bound::Excluded(key) => next_key(key.as_bytes()),
        };
        let stop = match stop {
            Bound::Unbounded => None,
            Bound::Included(key) => Some(next_key(key.as_bytes())),
            Bound::Excluded(key) => Some(key),
        };
        Self { start, stop }
    }

    fn within(prefix: &Key, (start, stop): Bounds) -> Self {
        let joined = |key: &Key| {
            let mut joined = prefix.clone();
            joined.push(key);
            joined
        };
        let start = match start {
            Bound::Unbounded => prefix.clone(),
            Bound::Included(key) => joined(&key),
            Bound::Excluded(key) => match end_of_prefix(&joined(&key)) {
                Some(end) => end,
                // The bound consists of FF bytes only, so no key comes after the keys that begin with it.
                None => return Self::empty(),
            },
        };
        // None of these ends is greater than the end of the prefix.
        let stop = match stop {
            Bound::Unbounded => end_of_prefix(prefix),
            Bound::Included(key) => end_of_prefix(&joined(&key)),
            Bound::Excluded(key) => Some(joined(&key)),
        };
        Self { start, stop }
    }

    /// Narrows the span to the keys strictly after `key`, in the direction of the scan.
    pub(crate) fn narrow_behind(&mut self, key: &[u8], reverse: bool) {
        if reverse {
            if self.stop.as_ref().is_none_or(|stop| key < stop.as_bytes()) {
                self.stop = Some(Key::from_bytes(key));
            }
        } else if self.start.as_bytes() <= key {
            self.start = next_key(key);
        }
    }
}

/// Returns the first key after `key`. That is `key` followed by a zero byte: no other key lies between the two.
fn next_key(key: &[u8]) -> Key {
    let mut next = Vec::with_capacity(key.len() + 1);
    next.extend_from_slice(key);
    next.push(0);
    Key::from_bytes(next)
}

/// Returns the first key after all that begin with `prefix`, if there is one.
fn end_of_prefix(prefix: &Key) -> Option<Key> {
    KeyRange::prefix(prefix).stop().cloned()
}

fn bounds_of<K: StoreKey>(range: &impl RangeBounds<K>) -> Bounds {
    (range.start_bound().map(KeyEncode::to_key), range.end_bound().map(KeyEncode::to_key))
}

macro_rules! std_ranges {
    ($($Range:ty),*) => {$(
        impl<K: StoreKey + OrderPreserving> KeyBounds for $Range {}

        impl<K: StoreKey + OrderPreserving> Sealed for $Range {
            fn into_bounds(self) -> Bounds {
                bounds_of(&self)
            }
        }
    )*};
}

std_ranges!(
    Range<K>,
    RangeFrom<K>,
    RangeInclusive<K>,
    RangeTo<K>,
    RangeToInclusive<K>,
    (Bound<K>, Bound<K>)
);

impl KeyBounds for RangeFull {}

impl Sealed for RangeFull {
    fn into_bounds(self) -> Bounds {
        (Bound::Unbounded, Bound::Unbounded)
    }
}

impl KeyBounds for &KeyRange {}

impl Sealed for &KeyRange {
    fn into_bounds(self) -> Bounds {
        let stop = self.stop().cloned().map_or(Bound::Unbounded, Bound::Excluded);
        (Bound::Included(self.start().clone()), stop)
    }
}

impl KeyBounds for KeyRange {}

impl Sealed for KeyRange {
    fn into_bounds(self) -> Bounds {
        (&self).into_bounds()
    }
}

impl<K, R> KeyBounds for Prefixed<K, R> {}

impl<K, R> Sealed for Prefixed<K, R> {
    fn into_bounds(self) -> Bounds {
        self.keys().into_bounds()
    }
}
