//! Counts in the format, and helpers for sequences of a known number of elements.

use alloc::format;
use alloc::vec::Vec;
use core::cmp::Ordering;

use super::error::DecodeError;

/// Returns the short form of a count, or `None` if the count needs the long form.
#[inline]
pub(in crate::encoding) fn short_len(count: usize) -> Option<[u8; 2]> {
    u16::try_from(count).ok().filter(|short| *short < u16::MAX).map(u16::to_be_bytes)
}

/// Returns the long form of a count: `FF FF` and eight bytes.
#[inline]
pub(in crate::encoding) fn long_len(count: usize) -> [u8; 10] {
    let mut long = [0xFF; 10];
    long[2..].copy_from_slice(&(count as u64).to_be_bytes());
    long
}

/// Returns the number of bytes that [`Sink::write_len`](super::sink::Sink::write_len) writes.
pub(in crate::encoding) const fn len_of_len(count: usize) -> usize {
    if count < u16::MAX as usize { 2 } else { 10 }
}

/// Compares two collections of the same length by the first pair of entries that differ.
pub(in crate::encoding) fn entry_by_entry<T>(
    left: impl Iterator<Item = T>,
    right: impl Iterator<Item = T>,
    cmp: impl Fn(&T, &T) -> Ordering,
) -> Ordering {
    left.zip(right)
        .map(|(left, right)| cmp(&left, &right))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// Converts decoded elements to an array. `at` is the offset for the error if there are more or fewer than `N`.
pub(in crate::encoding) fn into_array<T, const N: usize>(
    elements: Vec<T>,
    at: usize,
) -> Result<[T; N], DecodeError> {
    elements.try_into().map_err(|elements: Vec<T>| wrong_count(N, elements.len(), at))
}

#[cold]
pub(in crate::encoding) fn wrong_count(expected: usize, found: usize, at: usize) -> DecodeError {
    DecodeError::new(format!("a length of {expected}"), format!("{found}"), at)
}
