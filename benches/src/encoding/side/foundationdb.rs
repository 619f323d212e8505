use std::borrow::Cow;

use foundationdb_tuple::{Bytes, PackError, PackResult, pack_into, unpack};

use super::{Decodes, DecodesBorrowed, Encodes};
use crate::encoding::shape::{Kind, Message, MessageCow, Pair, Record, Text};

/// The crate has no derive. Its users write a type as a tuple of its fields, like this code.
pub(crate) struct Foundationdb;

impl Encodes<Message> for Foundationdb {
    #[inline(never)]
    fn encode(value: &Message, out: &mut Vec<u8>) {
        pack_into(&(value.channel.as_str(), value.epoch, value.seq), out);
    }
}

impl Encodes<Pair> for Foundationdb {
    #[inline(never)]
    fn encode(value: &Pair, out: &mut Vec<u8>) {
        pack_into(value, out);
    }
}

impl Encodes<Record> for Foundationdb {
    #[inline(never)]
    fn encode(value: &Record, out: &mut Vec<u8>) {
        let Record { kind, name, at, done, digest } = value;
        pack_into(&(*kind as u64, name.as_str(), *at, *done, digest.as_slice()), out);
    }
}

impl Encodes<Text> for Foundationdb {
    #[inline(never)]
    fn encode(value: &Text, out: &mut Vec<u8>) {
        pack_into(&value.as_str(), out);
    }
}

impl Decodes<Message> for Foundationdb {
    type Error = PackError;

    #[inline(never)]
    fn decode(bytes: &[u8]) -> PackResult<Message> {
        let (channel, epoch, seq) = unpack(bytes)?;
        Ok(Message { channel, epoch, seq })
    }
}

impl Decodes<Pair> for Foundationdb {
    type Error = PackError;

    #[inline(never)]
    fn decode(bytes: &[u8]) -> PackResult<Pair> {
        unpack(bytes)
    }
}

impl Decodes<Record> for Foundationdb {
    type Error = PackError;

    #[inline(never)]
    fn decode(bytes: &[u8]) -> PackResult<Record> {
        let (kind, name, at, done, digest): (u64, _, _, _, Bytes<'_>) = unpack(bytes)?;
        let kind = match kind {
            0 => Kind::Created,
            1 => Kind::Changed,
            2 => Kind::Removed,
            _ => return Err(PackError::Message("an unknown kind".into())),
        };
        let digest = digest[..].try_into();
        let digest = digest.map_err(|_| PackError::Message("a digest of 32 bytes".into()))?;
        Ok(Record { kind, name, at, done, digest })
    }
}

impl Decodes<Text> for Foundationdb {
    type Error = PackError;

    #[inline(never)]
    fn decode(bytes: &[u8]) -> PackResult<Text> {
        unpack(bytes)
    }
}

impl DecodesBorrowed for Foundationdb {
    type Message<'a> = MessageCow<'a>;
    type Error = PackError;

    #[inline(never)]
    fn decode_borrowed(bytes: &[u8]) -> PackResult<MessageCow<'_>> {
        let (channel, epoch, seq): (Cow<'_, str>, _, _) = unpack(bytes)?;
        Ok(MessageCow { channel, epoch, seq })
    }
}
