//! The type of the crate `bytes`: written as bytes are.

use core::cmp::Ordering;

use ::bytes::Bytes;
use alloc::vec::Vec;

use super::lex::{read_as, written_as};
use super::same_in_payloads::same_in_payloads;
use super::{
    DecodeError, Describer, Descriptor, KeyDecode, KeyEncode, LexDecode, LexEncode, LexOrdered,
    SelfDelimiting, Sink, Source,
};

impl KeyEncode for Bytes {
    #[inline]
    fn encode_key(&self, sink: &mut Sink<'_>) {
        self[..].encode_key(sink);
    }

    #[inline]
    fn encoded_key_len(&self) -> usize {
        self[..].encoded_key_len()
    }

    #[inline]
    fn key_cmp(&self, other: &Self) -> Ordering {
        self[..].key_cmp(&other[..])
    }

    fn describe_key(_: &mut Describer) -> Descriptor {
        Descriptor::Bytes
    }
}

impl<'de> KeyDecode<'de> for Bytes {
    #[inline]
    fn decode_key(source: &mut Source<'de>) -> Result<Self, DecodeError> {
        Vec::decode_key(source).map(Self::from)
    }
}

same_in_payloads! { [] Bytes; }
impl SelfDelimiting for Bytes {}

written_as! { [] Bytes, [u8], |bytes| &bytes[..]; }
read_as! { [] Bytes, Vec<u8>, Self::from; }
impl LexOrdered for Bytes {}
