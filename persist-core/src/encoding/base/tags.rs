//! Flags and tags, which `bool`, options and enums begin with. A flag is the byte 00 or 01.

use alloc::format;

use super::error::DecodeError;
use super::source::Source;

#[inline]
pub(in crate::encoding) fn decode_bool(source: &mut Source<'_>) -> Result<bool, DecodeError> {
    decode_flag(source, "a bool", "a bool, 00 or 01,")
}

#[inline]
pub(in crate::encoding) fn decode_is_some(source: &mut Source<'_>) -> Result<bool, DecodeError> {
    decode_flag(source, "an option", "an option, 00 or 01,")
}

#[inline]
fn decode_flag(
    source: &mut Source<'_>,
    what: &'static str,
    expected: &'static str,
) -> Result<bool, DecodeError> {
    match u8::from_be_bytes(source.array(what)?) {
        0 => Ok(false),
        1 => Ok(true),
        other => Err(not_a_flag(expected, other, source.offset() - 1)),
    }
}

#[cold]
fn not_a_flag(expected: &'static str, found: u8, at: usize) -> DecodeError {
    DecodeError::new(expected, format!("{found:02x}"), at)
}

/// Returns the error of a decoder of an enum, for a tag that no variant has.
#[doc(hidden)]
#[cold]
pub fn unknown_tag(owner: &'static str, found: i64, offset: usize) -> DecodeError {
    DecodeError::new(format!("a tag of {owner}"), format!("{found}"), offset)
}
