//! The code that a careful programmer writes for one shape: the exact length, one reserve, and adjacent fields of fixed
//! width joined in one array. The bytes are those of persist, and the decoder refuses the same input.

use super::{Decodes, DecodesBorrowed, Encodes};
use crate::encoding::shape::{Kind, Message, MessageRef, Pair, Record, Text};

pub(crate) struct HandWritten;

impl Encodes<Message> for HandWritten {
    #[inline(never)]
    fn encode(value: &Message, out: &mut Vec<u8>) {
        let channel = value.channel.as_bytes();
        let mut numbers = [0; 16];
        numbers[..8].copy_from_slice(&signed(value.epoch));
        numbers[8..].copy_from_slice(&value.seq.to_be_bytes());
        match short_len(channel.len()) {
            Some(len) => {
                out.reserve(2 + channel.len() + 16);
                out.extend_from_slice(&len);
            }
            None => {
                out.reserve(10 + channel.len() + 16);
                out.extend_from_slice(&long_len(channel.len()));
            }
        }
        out.extend_from_slice(channel);
        out.extend_from_slice(&numbers);
    }
}

impl Encodes<Pair> for HandWritten {
    #[inline(never)]
    fn encode(value: &Pair, out: &mut Vec<u8>) {
        let mut numbers = [0; 16];
        numbers[..8].copy_from_slice(&value.0.to_be_bytes());
        numbers[8..].copy_from_slice(&value.1.to_be_bytes());
        out.extend_from_slice(&numbers);
    }
}

impl Encodes<Record> for HandWritten {
    #[inline(never)]
    fn encode(value: &Record, out: &mut Vec<u8>) {
        let name = value.name.as_bytes();
        let tag = signed(value.kind as i64);
        let mut tail = [0; 43];
        tail[..8].copy_from_slice(&signed(value.at));
        tail[8] = u8::from(value.done);
        tail[9..11].copy_from_slice(&32u16.to_be_bytes());
        tail[11..].copy_from_slice(&value.digest);
        match short_len(name.len()) {
            Some(len) => {
                let mut head = [0; 10];
                head[..8].copy_from_slice(&tag);
                head[8..].copy_from_slice(&len);
                out.reserve(10 + name.len() + 43);
                out.extend_from_slice(&head);
            }
            None => {
                out.reserve(18 + name.len() + 43);
                out.extend_from_slice(&tag);
                out.extend_from_slice(&long_len(name.len()));
            }
        }
        out.extend_from_slice(name);
        out.extend_from_slice(&tail);
    }
}

impl Encodes<Text> for HandWritten {
    #[inline(never)]
    fn encode(value: &Text, out: &mut Vec<u8>) {
        let text = value.as_bytes();
        match short_len(text.len()) {
            Some(len) => {
                out.reserve(2 + text.len());
                out.extend_from_slice(&len);
            }
            None => {
                out.reserve(10 + text.len());
                out.extend_from_slice(&long_len(text.len()));
            }
        }
        out.extend_from_slice(text);
    }
}

fn signed(value: i64) -> [u8; 8] {
    (value ^ i64::MIN).to_be_bytes()
}

fn short_len(len: usize) -> Option<[u8; 2]> {
    u16::try_from(len).ok().filter(|len| *len < u16::MAX).map(u16::to_be_bytes)
}

#[cold]
fn long_len(len: usize) -> [u8; 10] {
    let mut bytes = [0xFF; 10];
    bytes[2..].copy_from_slice(&(len as u64).to_be_bytes());
    bytes
}

/// The mistake in the bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Malformed {
    Truncated,
    LeftOver,
    Length,
    Utf8,
    Tag,
    Bool,
}

impl Decodes<Message> for HandWritten {
    type Error = Malformed;

    #[inline(never)]
    fn decode(bytes: &[u8]) -> Result<Message, Malformed> {
        let (channel, rest) = take_text(bytes)?;
        let (epoch, rest) = take_signed(rest)?;
        let (seq, rest) = take_unsigned(rest)?;
        finish(rest)?;
        Ok(Message { channel: channel.to_owned(), epoch, seq })
    }
}

impl Decodes<Pair> for HandWritten {
    type Error = Malformed;

    #[inline(never)]
    fn decode(bytes: &[u8]) -> Result<Pair, Malformed> {
        let (first, rest) = take_unsigned(bytes)?;
        let (second, rest) = take_unsigned(rest)?;
        finish(rest)?;
        Ok((first, second))
    }
}

impl Decodes<Record> for HandWritten {
    type Error = Malformed;

    #[inline(never)]
    fn decode(bytes: &[u8]) -> Result<Record, Malformed> {
        let (tag, rest) = take_signed(bytes)?;
        let kind = match tag {
            0 => Kind::Created,
            1 => Kind::Changed,
            2 => Kind::Removed,
            _ => return Err(Malformed::Tag),
        };
        let (name, rest) = take_text(rest)?;
        let (at, rest) = take_signed(rest)?;
        let ([done], rest) = take(rest)?;
        let done = match done {
            0 => false,
            1 => true,
            _ => return Err(Malformed::Bool),
        };
        let (len, rest) = take(rest)?;
        if *len != 32u16.to_be_bytes() {
            return Err(Malformed::Length);
        }
        let (digest, rest) = take(rest)?;
        finish(rest)?;
        Ok(Record { kind, name: name.to_owned(), at, done, digest: *digest })
    }
}

impl Decodes<Text> for HandWritten {
    type Error = Malformed;

    #[inline(never)]
    fn decode(bytes: &[u8]) -> Result<Text, Malformed> {
        let (text, rest) = take_text(bytes)?;
        finish(rest)?;
        Ok(text.to_owned())
    }
}

impl DecodesBorrowed for HandWritten {
    type Message<'a> = MessageRef<'a>;
    type Error = Malformed;

    #[inline(never)]
    fn decode_borrowed(bytes: &[u8]) -> Result<MessageRef<'_>, Malformed> {
        let (channel, rest) = take_text(bytes)?;
        let (epoch, rest) = take_signed(rest)?;
        let (seq, rest) = take_unsigned(rest)?;
        finish(rest)?;
        Ok(MessageRef { channel, epoch, seq })
    }
}

fn take<const N: usize>(bytes: &[u8]) -> Result<(&[u8; N], &[u8]), Malformed> {
    bytes.split_first_chunk().ok_or(Malformed::Truncated)
}

fn take_unsigned(bytes: &[u8]) -> Result<(u64, &[u8]), Malformed> {
    let (number, rest) = take(bytes)?;
    Ok((u64::from_be_bytes(*number), rest))
}

fn take_signed(bytes: &[u8]) -> Result<(i64, &[u8]), Malformed> {
    let (number, rest) = take(bytes)?;
    Ok((i64::from_be_bytes(*number) ^ i64::MIN, rest))
}

fn take_text(bytes: &[u8]) -> Result<(&str, &[u8]), Malformed> {
    let (short, rest) = take(bytes)?;
    let (len, rest) = match u16::from_be_bytes(*short) {
        u16::MAX => take_long_len(rest)?,
        len => (usize::from(len), rest),
    };
    let (text, rest) = rest.split_at_checked(len).ok_or(Malformed::Truncated)?;
    Ok((std::str::from_utf8(text).map_err(|_| Malformed::Utf8)?, rest))
}

#[cold]
fn take_long_len(bytes: &[u8]) -> Result<(usize, &[u8]), Malformed> {
    let (len, rest) = take_unsigned(bytes)?;
    if len < u64::from(u16::MAX) {
        return Err(Malformed::Length);
    }
    Ok((usize::try_from(len).map_err(|_| Malformed::Length)?, rest))
}

fn finish(rest: &[u8]) -> Result<(), Malformed> {
    if rest.is_empty() { Ok(()) } else { Err(Malformed::LeftOver) }
}
