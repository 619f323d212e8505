//! Bytes with their zeros escaped: `00` is written `00 FF`, and `00 01` is the end.
//!
//! The end has two bytes because what follows may begin with `FF`.

use alloc::borrow::Cow;
use alloc::format;

use crate::encoding::source::truncated;
use crate::encoding::{DecodeError, Sink, Source};

const END: u8 = 0x01;
const ZERO: u8 = 0xFF;
const WHAT: &str = "the end of a Lex value, 00 01";

/// How many bytes are looked at together, in search of zeros.
const CHUNK: usize = 32;

/// Appends `bytes` without the end.
///
/// Runs without zeros are copied whole. A chunk with zeros goes through a buffer without branching on
/// its bytes, so that zeros cost no more where they come dense.
#[inline]
pub(in crate::encoding) fn encode_escaped(bytes: &[u8], sink: &mut Sink<'_>) {
    if has_no_zero(bytes) {
        sink.write(bytes);
    } else {
        encode_with_zeros(bytes, sink);
    }
}

fn encode_with_zeros(mut bytes: &[u8], sink: &mut Sink<'_>) {
    while !bytes.is_empty() {
        let clean = bytes.chunks(CHUNK).take_while(|chunk| has_no_zero(chunk)).map(<[u8]>::len);
        let (clean, rest) = bytes.split_at(clean.sum());
        let (mixed, rest) = rest.split_at(rest.len().min(CHUNK));
        let mut escaped = [0; 2 * CHUNK];
        let mut len = 0;
        for &byte in mixed {
            // The remainders spare the checks of bounds that always hold.
            escaped[len % (2 * CHUNK)] = byte;
            escaped[(len + 1) % (2 * CHUNK)] = ZERO;
            len += 1 + usize::from(byte == 0);
        }
        sink.write(clean);
        sink.write(&escaped[..len]);
        bytes = rest;
    }
}

/// How many bytes [`encode_escaped`] appends.
#[inline]
pub(in crate::encoding) fn escaped_len(bytes: &[u8]) -> usize {
    bytes.len() + bytes.iter().filter(|byte| **byte == 0).count()
}

/// Looks at words of eight bytes; the last may overlap the one before.
#[inline]
fn has_no_zero(bytes: &[u8]) -> bool {
    let Some(last) = bytes.last_chunk::<8>() else { return !bytes.contains(&0) };
    let words = bytes.as_chunks::<8>().0;
    !words.iter().any(|word| word_has_zero(*word)) && !word_has_zero(*last)
}

/// Subtracting one borrows from the high bit of a byte only if it was zero or had that bit.
const fn word_has_zero(word: [u8; 8]) -> bool {
    const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);
    let word = u64::from_ne_bytes(word);
    word.wrapping_sub(ONES) & !word & HIGHS != 0
}

/// Takes bytes up to their end, borrowed if none was escaped and none is flipped.
pub(in crate::encoding) fn decode_escaped<'de>(
    source: &mut Source<'de>,
) -> Result<Cow<'de, [u8]>, DecodeError> {
    let flip = if source.is_flipped() { 0xFF } else { 0 };
    let mut bytes = Cow::Borrowed(&[][..]);
    loop {
        let unread = source.unread();
        let zero = unread.iter().position(|byte| byte ^ flip == 0);
        let escape = zero.and_then(|zero| Some((zero, unread.get(zero + 1)? ^ flip)));
        let Some((run_len, escape)) = escape else {
            return Err(truncated(WHAT, source.offset()));
        };
        let run = source.bytes(run_len, WHAT)?;
        let at = source.offset();
        source.array::<2>(WHAT)?;
        if bytes.is_empty() {
            bytes = run;
        } else {
            bytes.to_mut().extend_from_slice(&run);
        }
        match escape {
            END => return Ok(bytes),
            ZERO => bytes.to_mut().push(0),
            other => {
                let found = format!("00 {other:02x}");
                return Err(DecodeError::new(
                    "an escaped zero, 00 FF, or the end, 00 01,",
                    found,
                    at,
                ));
            }
        }
    }
}
