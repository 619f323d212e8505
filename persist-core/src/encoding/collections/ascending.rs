//! The entries of sets and maps, which are encoded in ascending order of their keys' bytes, each key once.

use alloc::vec::{self, Vec};
use core::cmp::Ordering;

use crate::encoding::base::error::DecodeError;
use crate::encoding::base::source::{Source, truncated};
use crate::encoding::model::key_traits::KeyDecode;

/// An iterator over entries in ascending order.
pub(super) enum Ascending<I: Iterator> {
    /// The entries are already in order.
    AsTheyCome(I),
    Sorted(vec::IntoIter<I::Item>),
}

/// Returns `entries` in the order of `cmp`. They are collected and sorted only if they aren't in order.
pub(super) fn ascending<I: Iterator + Clone>(
    entries: I,
    cmp: impl Fn(&I::Item, &I::Item) -> Ordering,
) -> Ascending<I> {
    if entries.clone().is_sorted_by(|left, right| cmp(left, right).is_le()) {
        Ascending::AsTheyCome(entries)
    } else {
        let mut sorted: Vec<_> = entries.collect();
        sorted.sort_by(cmp);
        Ascending::Sorted(sorted.into_iter())
    }
}

impl<I: Iterator> Iterator for Ascending<I> {
    type Item = I::Item;

    #[inline]
    fn next(&mut self) -> Option<I::Item> {
        match self {
            Self::AsTheyCome(entries) => entries.next(),
            Self::Sorted(entries) => entries.next(),
        }
    }
}

/// The kind of collection, which determines the words of errors.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Set,
    Map,
}

/// Decodes a count and that many entries into a collection, which `with_capacity` creates.
///
/// The bytes of the keys must ascend strictly. No key's bytes are a prefix of another's, so the first different byte
/// decides. `insert` returns whether the key is new to the collection.
#[expect(clippy::question_mark, reason = "it would take more stack space")]
pub(super) fn decode_ascending<'de, K: KeyDecode<'de>, V, C>(
    source: &mut Source<'de>,
    kind: Kind,
    with_capacity: impl FnOnce(usize) -> C,
    mut decode_value: impl FnMut(&mut Source<'de>) -> Result<V, DecodeError>,
    mut insert: impl FnMut(&mut C, K, V) -> bool,
) -> Result<C, DecodeError> {
    let count = source.length()?;
    if count > source.remaining() {
        let at = source.offset();
        return Err(if source.has_no_bytes(K::decode_key) {
            without_bytes(kind, at)
        } else {
            truncated(entries_of(kind), at)
        });
    }
    let mut collection = with_capacity(source.room_for::<(K, V)>(count));
    let mut last: &[u8] = &[];
    for _ in 0..count {
        let at = source.offset();
        // In a build that isn't optimized, a `?` would take twice the stack space.
        let key = match K::decode_key(source) {
            Ok(key) => key,
            Err(error) => return Err(error),
        };
        let bytes = source.read_since(at);
        if bytes.is_empty() {
            return Err(without_bytes(kind, at));
        }
        let order = if source.is_flipped() { last.cmp(bytes).reverse() } else { last.cmp(bytes) };
        // No key is empty, so an empty `last` means that this key is the first.
        if order.is_ge() && !last.is_empty() {
            return Err(not_ascending(kind, order, at));
        }
        last = bytes;
        let is_new = match decode_value(source) {
            Ok(value) => insert(&mut collection, key, value),
            Err(error) => return Err(error),
        };
        if !is_new {
            return Err(not_ascending(kind, Ordering::Equal, at));
        }
    }
    Ok(collection)
}

const fn entries_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Set => "the elements of a set",
        Kind::Map => "the entries of a map",
    }
}

#[cold]
fn without_bytes(kind: Kind, at: usize) -> DecodeError {
    match kind {
        Kind::Set => DecodeError::new("elements that have bytes", "an element without any", at),
        Kind::Map => DecodeError::new("keys that have bytes", "a key without any", at),
    }
}

/// `order` is the order of the previous key relative to the key at `at`.
#[cold]
fn not_ascending(kind: Kind, order: Ordering, at: usize) -> DecodeError {
    let (expected, again) = match kind {
        Kind::Set => {
            ("the elements of a set in ascending order", "an element that is there already")
        }
        Kind::Map => ("the keys of a map in ascending order", "a key that is there already"),
    };
    DecodeError::new(expected, if order.is_eq() { again } else { "a smaller one" }, at)
}
