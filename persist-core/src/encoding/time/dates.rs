//! What the types of civil dates share: days since 1970-01-01.

use alloc::format;

use crate::encoding::base::error::DecodeError;
use crate::encoding::base::source::Source;
use crate::encoding::numbers::primitives::decode_signed;

/// Takes the days of a date and gives them to `make`.
///
/// # Errors
///
/// If `make` gives nothing: then the type can't hold the date, as `expected` says.
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

#[cold]
fn no_such_date(expected: &'static str, days: i64, at: usize) -> DecodeError {
    DecodeError::new(expected, format!("one of {days} days since 1970-01-01"), at)
}
