//! `Bytes` of the crate `bytes`, encoded as bytes.

use alloc::vec::Vec;
use core::cmp::Ordering;

use ::bytes::Bytes;

use crate::encoding::base::error::DecodeError;
use crate::encoding::base::sink::Sink;
use crate::encoding::base::source::Source;
use crate::encoding::descriptor::describer::Describer;
use crate::encoding::descriptor::shape::Descriptor;
use crate::encoding::lex::decode::read_as;
use crate::encoding::lex::encode::written_as;
use crate::encoding::lex::traits::{LexDecode, LexEncode, LexOrdered};
use crate::encoding::model::impl_macros::same_in_payloads;
use crate::encoding::model::key_traits::{KeyDecode, KeyEncode};
use crate::encoding::model::markers::SelfDelimiting;

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
