//! Escaped bytes: `00` is written as `00 FF`, and `00 01` is the terminator.
//!
//! The terminator can't be `00` alone, since the next part of a key may begin with `FF`.

use alloc::borrow::Cow;
use alloc::format;
use alloc::vec::Vec;

use super::zeros::before_zero;
use crate::encoding::base::error::DecodeError;
use crate::encoding::base::sink::Sink;
use crate::encoding::base::source::{Source, truncated};

const END: u8 = 0x01;
const ZERO: u8 = 0xFF;
const WHAT: &str = "the end of a Lex value, 00 01";

/// The number of bytes that are escaped at once if there are zeros among them.
const CHUNK: usize = 32;

/// Appends `bytes` without the terminator.
#[inline]
pub(in crate::encoding) fn encode_escaped(bytes: &[u8], sink: &mut Sink<'_>) {
    let (clean, rest) = bytes.split_at(before_zero::<0>(bytes));
    sink.write(clean);
    if !rest.is_empty() {
        encode_with_zeros(rest, sink);
    }
}

/// Escapes chunks with zeros through a buffer and copies the bytes in between.
///
/// The loop over a chunk has no branches, so that many zeros cost no more than few.
fn encode_with_zeros(mut bytes: &[u8], sink: &mut Sink<'_>) {
    while !bytes.is_empty() {
        let (clean, rest) = bytes.split_at(before_zero::<0>(bytes));
        let (mixed, rest) = rest.split_at(rest.len().min(CHUNK));
        let mut escaped = [0; 2 * CHUNK];
        let mut len = 0;
        for &byte in mixed {
            // The index is always in bounds. The remainder lets the compiler see that, so that it generates no check.
            escaped[len % (2 * CHUNK)] = byte;
            escaped[(len + 1) % (2 * CHUNK)] = ZERO;
            len += 1 + usize::from(byte == 0);
        }
        sink.write(clean);
        sink.write(escaped.get(..len).unwrap_or_default());
        bytes = rest;
    }
}

/// Returns the number of bytes that [`encode_escaped`] appends.
#[inline]
pub(in crate::encoding) fn escaped_len(bytes: &[u8]) -> usize {
    bytes.len() + count_zeros(bytes)
}

/// Returns the number of zeros.
#[inline]
#[allow(clippy::naive_bytecount)] // The compiler vectorizes this, so a crate would be no faster.
pub(super) fn count_zeros(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == 0).count()
}

/// Takes bytes up to their terminator, borrowed from the input if none was escaped and bits are not flipped.
#[inline]
pub(in crate::encoding) fn decode_escaped<'de>(
    source: &mut Source<'de>,
) -> Result<Cow<'de, [u8]>, DecodeError> {
    if !source.is_flipped() {
        let unread = source.unread();
        let (clean, rest) = unread.split_at(before_zero::<0>(unread));
        if let [0, END, rest @ ..] = rest {
            source.go_on_at(rest);
            return Ok(Cow::Borrowed(clean));
        }
    }
    let decode =
        if source.is_flipped() { decode_with_zeros::<0xFF> } else { decode_with_zeros::<0> };
    let (rest, bytes) = decode(source.unread(), source.offset())?;
    source.go_on_at(rest);
    Ok(Cow::Owned(bytes))
}

/// Returns the input after the terminator, and the bytes before it. `FLIP` is `FF` if all bits are flipped, otherwise 0.
fn decode_with_zeros<const FLIP: u8>(
    input: &[u8],
    start: usize,
) -> Result<(&[u8], Vec<u8>), DecodeError> {
    let mut rest = input;
    let mut bytes = Vec::new();
    loop {
        let run = rest;
        let (clean, escapes) = run.split_at(before_zero::<FLIP>(run));
        bytes.extend(clean.iter().map(|byte| byte ^ FLIP));
        let is_zero = |pair: &&[u8; 2]| **pair == [FLIP, FLIP ^ ZERO];
        let zeros = escapes.as_chunks().0.iter().take_while(is_zero).count();
        bytes.resize(bytes.len() + zeros, 0);
        rest = escapes.get(2 * zeros..).unwrap_or_default();
        match rest {
            [zero, escape, behind @ ..] if zero ^ FLIP == 0 => match escape ^ FLIP {
                END => return Ok((behind, bytes)),
                other => return Err(not_an_escape(other, start + input.len() - rest.len())),
            },
            [_, _, ..] => {}
            _ => {
                let unended = if zeros == 0 { run } else { rest };
                return Err(truncated(WHAT, start + input.len() - unended.len()));
            }
        }
    }
}

#[cold]
fn not_an_escape(found: u8, at: usize) -> DecodeError {
    let found = format!("00 {found:02x}");
    DecodeError::new("an escaped zero, 00 FF, or the end, 00 01,", found, at)
}
