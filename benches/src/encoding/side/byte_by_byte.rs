use persist_core::Lex;

use super::hand_written::Malformed;
use super::{Decodes, Encodes};
use crate::encoding::shape::LexText;

/// Ordered text in the simplest implementation, which looks at every byte.
pub(crate) struct ByteByByte;

impl Encodes<LexText> for ByteByByte {
    #[inline(never)]
    fn encode(value: &LexText, out: &mut Vec<u8>) {
        out.reserve(value.0.len() + 2);
        for byte in value.0.bytes() {
            out.push(byte);
            if byte == 0 {
                out.push(0xFF);
            }
        }
        out.extend_from_slice(&[0, 1]);
    }
}

impl Decodes<LexText> for ByteByByte {
    type Error = Malformed;

    #[inline(never)]
    fn decode(bytes: &[u8]) -> Result<LexText, Malformed> {
        let mut text = Vec::with_capacity(bytes.len());
        let mut rest = bytes.iter();
        loop {
            match rest.next() {
                Some(0) => match rest.next() {
                    Some(0xFF) => text.push(0),
                    Some(1) => break,
                    Some(_) => return Err(Malformed::Tag),
                    None => return Err(Malformed::Truncated),
                },
                Some(byte) => text.push(*byte),
                None => return Err(Malformed::Truncated),
            }
        }
        if !rest.as_slice().is_empty() {
            return Err(Malformed::LeftOver);
        }
        String::from_utf8(text).map(Lex).map_err(|_| Malformed::Utf8)
    }
}
