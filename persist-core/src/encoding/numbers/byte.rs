//! `u8`. It overrides the methods for sequences of elements, so that bytes are copied and not encoded one by one.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::encoding::base::error::DecodeError;
use crate::encoding::base::joiner::Joiner;
use crate::encoding::base::sink::Sink;
use crate::encoding::base::source::Source;
use crate::encoding::descriptor::describer::Describer;
use crate::encoding::descriptor::shape::Descriptor;
use crate::encoding::lex::escape::{decode_escaped, encode_escaped, escaped_len};
use crate::encoding::model::key_traits::{KeyDecode, KeyEncode};
use crate::encoding::model::markers::{SelfDelimiting, SelfDelimitingPayload, StoreKey};
use crate::encoding::model::payload_traits::{PayloadDecode, PayloadEncode};

impl KeyEncode for u8 {
    #[inline]
    fn encode_key(&self, sink: &mut Sink<'_>) {
        sink.write(&[*self]);
    }

    #[inline]
    fn encoded_key_len(&self) -> usize {
        1
    }

    #[inline]
    fn key_cmp(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn __join_key(&self, joiner: &mut Joiner<'_, '_>) {
        joiner.put([*self]);
    }

    #[inline]
    fn __encode_key_elements(elements: &[Self], sink: &mut Sink<'_>) {
        sink.write(elements);
    }

    #[inline]
    fn __encoded_key_elements_len(elements: &[Self]) -> usize {
        elements.len()
    }

    #[inline]
    fn __cmp_key_elements(left: &[Self], right: &[Self]) -> Ordering {
        left.cmp(right)
    }

    #[inline]
    fn __encode_lex_elements(elements: &[Self], sink: &mut Sink<'_>) {
        encode_escaped(elements, sink);
    }

    #[inline]
    fn __encoded_lex_elements_len(elements: &[Self]) -> usize {
        escaped_len(elements)
    }

    #[inline]
    fn __lex_end() -> &'static [u8] {
        &[0, 1]
    }

    fn __describe_lex_elements(_: &mut Describer) -> Descriptor {
        Descriptor::Lex(Descriptor::Bytes.into())
    }

    fn describe_key(_: &mut Describer) -> Descriptor {
        Descriptor::U8
    }
}

impl<'de> KeyDecode<'de> for u8 {
    #[inline]
    fn decode_key(source: &mut Source<'de>) -> Result<Self, DecodeError> {
        Ok(u8::from_be_bytes(source.array("a u8")?))
    }

    #[inline]
    fn __decode_key_elements(
        source: &mut Source<'de>,
        count: usize,
    ) -> Result<Vec<Self>, DecodeError> {
        Ok(source.bytes(count, "as many bytes as the length says")?.into_owned())
    }

    #[inline]
    fn __decode_key_array<const N: usize>(
        source: &mut Source<'de>,
    ) -> Result<[Self; N], DecodeError> {
        source.array("as many bytes as the length says")
    }

    fn __decode_lex_elements(source: &mut Source<'de>) -> Result<Vec<Self>, DecodeError> {
        decode_escaped(source).map(Cow::into_owned)
    }
}

impl PayloadEncode for u8 {
    #[inline]
    fn encode_payload(&self, sink: &mut Sink<'_>) {
        self.encode_key(sink);
    }

    #[inline]
    fn encoded_payload_len(&self) -> usize {
        1
    }

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn __join_payload(&self, joiner: &mut Joiner<'_, '_>) {
        joiner.put([*self]);
    }

    #[inline]
    fn __encode_payload_elements(elements: &[Self], sink: &mut Sink<'_>) {
        sink.write(elements);
    }

    #[inline]
    fn __encoded_payload_elements_len(elements: &[Self]) -> usize {
        elements.len()
    }

    fn describe_payload(_: &mut Describer) -> Descriptor {
        Descriptor::U8
    }
}

impl<'de> PayloadDecode<'de> for u8 {
    #[inline]
    fn decode_payload(source: &mut Source<'de>) -> Result<Self, DecodeError> {
        Self::decode_key(source)
    }

    #[inline]
    fn __decode_payload_elements(
        source: &mut Source<'de>,
        count: usize,
    ) -> Result<Vec<Self>, DecodeError> {
        Self::__decode_key_elements(source, count)
    }

    #[inline]
    fn __decode_payload_array<const N: usize>(
        source: &mut Source<'de>,
    ) -> Result<[Self; N], DecodeError> {
        Self::__decode_key_array(source)
    }
}

impl SelfDelimiting for u8 {}
impl SelfDelimitingPayload for u8 {}
impl StoreKey for u8 {}
