//! The sides that are compared, and their operations on a shape.

mod byte_by_byte;
mod bytekey;
mod foundationdb;
mod hand_written;
mod memcomparable;
mod persist;
mod storekey;

pub(crate) use byte_by_byte::ByteByByte;
pub(crate) use bytekey::Bytekey;
pub(crate) use foundationdb::Foundationdb;
pub(crate) use hand_written::HandWritten;
pub(crate) use memcomparable::Memcomparable;
pub(crate) use persist::Persist;
pub(crate) use storekey::Storekey;

use super::shape::{Message, MessageCow, MessageRef};

/// Appends values to a vector. Each method is a function that is not inlined, so the measurement includes a call of it.
pub(crate) trait Encodes<T> {
    /// Appends `value` to `out`.
    fn encode(value: &T, out: &mut Vec<u8>);
}

pub(crate) trait Decodes<T> {
    type Error;

    /// Reads a value from all of `bytes`.
    fn decode(bytes: &[u8]) -> Result<T, Self::Error>;
}

/// Reads a [`Message`] without copying its text.
pub(crate) trait DecodesBorrowed {
    type Message<'a>: Into<Message>;
    type Error;

    fn decode_borrowed(bytes: &[u8]) -> Result<Self::Message<'_>, Self::Error>;
}

impl From<MessageRef<'_>> for Message {
    fn from(message: MessageRef<'_>) -> Self {
        Self { channel: message.channel.to_owned(), epoch: message.epoch, seq: message.seq }
    }
}

impl From<MessageCow<'_>> for Message {
    fn from(message: MessageCow<'_>) -> Self {
        Self { channel: message.channel.into_owned(), epoch: message.epoch, seq: message.seq }
    }
}
