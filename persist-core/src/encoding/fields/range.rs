//! Ranges of one field after a prefix.

use alloc::vec::Vec;
use core::mem::swap;
use core::ops::{Bound, Range, RangeBounds, RangeFrom, RangeInclusive, RangeTo, RangeToInclusive};

use super::argument::Ranged;
use super::field::KeyField;
use crate::encoding::base::sink::Sink;
use crate::encoding::model::key::Key;
use crate::encoding::model::key_range::KeyRange;

/// A range of values of the field number `N` of a `K`.
pub trait FieldRange<K, const N: usize> {
    /// Returns the keys that begin with `prefix` and whose next field lies in the range.
    fn key_range(self, prefix: &[u8]) -> KeyRange;
}

/// Returns the first key behind all keys that begin with `prefix`, or `None` if there is none.
fn behind(prefix: &[u8]) -> Option<Key> {
    KeyRange::prefix(&Key::from_bytes(prefix)).stop().cloned()
}

fn key_range<K, A, const N: usize>(range: &impl RangeBounds<A>, prefix: &[u8]) -> KeyRange
where
    K: KeyField<N, A, Ranged>,
{
    let at = |argument: &A| {
        let mut bytes = Vec::from(prefix);
        K::encode_field(argument, &mut Sink::new(&mut bytes));
        Key::from_bytes(bytes)
    };
    let (mut from, mut to) = (range.start_bound(), range.end_bound());
    if K::IS_DESCENDING {
        swap(&mut from, &mut to);
    }
    let start = match from {
        Bound::Unbounded => Key::from_bytes(prefix),
        Bound::Included(argument) => at(argument),
        Bound::Excluded(argument) => match behind(at(argument).as_bytes()) {
            Some(start) => start,
            // No key is behind this value, so the range is empty.
            None => return KeyRange::new(Key::new(), Key::new()),
        },
    };
    let stop = match to {
        Bound::Unbounded => behind(prefix),
        Bound::Excluded(argument) => Some(at(argument)),
        Bound::Included(argument) => behind(at(argument).as_bytes()),
    };
    match stop {
        Some(stop) => KeyRange::new(start, stop),
        None => KeyRange::from_start(start),
    }
}

macro_rules! ranges {
    ($($Range:ident)*) => {$(
        impl<K: KeyField<N, A, Ranged>, A, const N: usize> FieldRange<K, N> for $Range<A> {
            fn key_range(self, prefix: &[u8]) -> KeyRange {
                key_range::<K, A, N>(&self, prefix)
            }
        }
    )*};
}

ranges!(Range RangeFrom RangeInclusive RangeTo RangeToInclusive);

impl<K: KeyField<N, A, Ranged>, A, const N: usize> FieldRange<K, N> for (Bound<A>, Bound<A>) {
    fn key_range(self, prefix: &[u8]) -> KeyRange {
        key_range::<K, A, N>(&self, prefix)
    }
}
