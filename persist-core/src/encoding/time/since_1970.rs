//! The encoding of instants, as seconds and nanoseconds since the beginning of 1970, and of civil dates, as days since then.

use alloc::format;

use super::duration::{decode_nanos, with_nanos};
use crate::encoding::base::error::DecodeError;
use crate::encoding::base::source::Source;
use crate::encoding::numbers::primitives::{decode_signed, signed};

/// Encodes an instant as the seconds, rounded down, and the nanoseconds since then.
#[inline]
pub(in crate::encoding) fn instant(secs: i64, nanos: u32) -> [u8; 12] {
    with_nanos(signed(secs), nanos)
}

/// Decodes an instant and converts it by `make`. Nanoseconds must be below `limit`.
///
/// # Errors
///
/// If `make` returns `None`, since the type can't represent the instant. `expected` names the type for the error.
#[inline]
pub(in crate::encoding) fn decode_instant<T>(
    source: &mut Source<'_>,
    limit: u32,
    expected: &'static str,
    make: impl FnOnce(i64, u32) -> Option<T>,
) -> Result<T, DecodeError> {
    let at = source.offset();
    let secs = decode_signed(source, "the seconds of a time")?;
    let nanos = decode_nanos(source, "the nanoseconds of a time", limit)?;
    make(secs, nanos).ok_or_else(|| no_such_instant(expected, secs, nanos, at))
}

#[cold]
fn no_such_instant(expected: &'static str, secs: i64, nanos: u32, at: usize) -> DecodeError {
    let found = format!("one of {secs} seconds and {nanos} nanoseconds since 1970");
    DecodeError::new(expected, found, at)
}

/// Decodes the days of a date and converts them by `make`.
///
/// # Errors
///
/// If `make` returns `None`, since the type can't represent the date. `expected` names the type for the error.
#[cfg(any(feature = "jiff", feature = "chrono"))]
#[inline]
pub(in crate::encoding) fn decode_date<T>(
    source: &mut Source<'_>,
    expected: &'static str,
    make: impl FnOnce(i64) -> Option<T>,
) -> Result<T, DecodeError> {
    let at = source.offset();
    let days = decode_signed(source, "a date")?;
    make(days).ok_or_else(|| no_such_date(expected, days, at))
}

#[cfg(any(feature = "jiff", feature = "chrono"))]
#[cold]
fn no_such_date(expected: &'static str, days: i64, at: usize) -> DecodeError {
    DecodeError::new(expected, format!("one of {days} days since 1970-01-01"), at)
}
