//! The hex form of keys and payloads.

use alloc::vec::Vec;
use core::fmt;

/// An error for text that is not plain hex and so can't be parsed as a [`Key`](crate::encoding::Key) or
/// [`Payload`](crate::encoding::Payload).
///
/// ```
/// use persist_core::{Key, key};
///
/// assert_eq!("0002686901".parse::<Key>()?, key!("hi", true));
/// let error = "00x2".parse::<Key>().unwrap_err();
/// assert_eq!(error.to_string(), "expected two hex digits (0-9, a-f) at byte 2");
/// # Ok::<(), persist_core::ParseKeyError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseKeyError {
    offset: usize,
}

impl ParseKeyError {
    /// Returns the offset of the error in the text, in bytes.
    ///
    /// ```
    /// use persist_core::Key;
    ///
    /// assert_eq!("00x2".parse::<Key>().unwrap_err().offset(), 2);
    /// ```
    pub fn offset(&self) -> usize {
        self.offset
    }
}

impl fmt::Display for ParseKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected two hex digits (0-9, a-f) at byte {}", self.offset)
    }
}

impl core::error::Error for ParseKeyError {}

pub(in crate::encoding) fn write(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

pub(in crate::encoding) fn parse(text: &str) -> Result<Vec<u8>, ParseKeyError> {
    let digits = text.as_bytes();
    let mut bytes = Vec::with_capacity(digits.len() / 2);
    for (index, pair) in digits.chunks(2).enumerate() {
        let error = ParseKeyError { offset: index * 2 };
        let &[high, low] = pair else { return Err(error) };
        match (nibble(high), nibble(low)) {
            (Some(high), Some(low)) => bytes.push(high << 4 | low),
            _ => return Err(error),
        }
    }
    Ok(bytes)
}

const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// Writes bytes in a readable form: printable ASCII verbatim, other bytes escaped.
pub(in crate::encoding) fn debug(
    name: &str,
    bytes: &[u8],
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    write!(f, "{name}(\"{}\")", bytes.escape_ascii())
}
