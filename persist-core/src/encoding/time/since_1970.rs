//! Instants as seconds and nanoseconds since the beginning of 1970, and civil dates as days since then.

use alloc::format;

use super::duration::{decode_nanos, with_nanos};
use crate::encoding::base::error::DecodeError;
use crate::encoding::base::source::Source;
use crate::encoding::numbers::primitives::{decode_signed, signed};

/// The bytes of an instant: the whole seconds at or before it, and the nanoseconds from there.
#[inline]
pub(in crate::encoding) fn instant(secs: i64, nanos: u32) -> [u8; 12] {
    with_nanos(signed(secs), nanos)
}

/// Takes an instant that has fewer nanoseconds than `limit`, and gives it to `make`.
///
/// # Errors
///
/// If `make` gives nothing: then the type can't hold it, as `expected` says.
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

/// Takes the days of a date and gives them to `make`.
///
/// # Errors
///
/// If `make` gives nothing: then the type can't hold the date, as `expected` says.
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
