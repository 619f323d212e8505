//! Integers, floats, `bool` and `char`.

use alloc::borrow::Cow;
use alloc::format;
use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::encoding::base::error::DecodeError;
use crate::encoding::base::flag::decode_bool;
use crate::encoding::base::joiner::Joiner;
use crate::encoding::base::sink::Sink;
use crate::encoding::base::source::Source;
use crate::encoding::descriptor::shape::{Describer, Descriptor};
use crate::encoding::lex::escape::{decode_escaped, encode_escaped, escaped_len};
use crate::encoding::model::fixed_width::fixed_width;
use crate::encoding::model::key_traits::{KeyDecode, KeyEncode};
use crate::encoding::model::markers::{
    OrderPreserving, SelfDelimiting, SelfDelimitingPayload, StoreKey,
};
use crate::encoding::model::payload_traits::{PayloadDecode, PayloadEncode};

fixed_width! {
    bool, Descriptor::Bool, Ord::cmp, |value| [u8::from(value)], |source| decode_bool(source);
    char, Descriptor::Char, Ord::cmp, |value| u32::from(value).to_be_bytes(), |source| decode_char(source);
    u16, Descriptor::U16, Ord::cmp, |value| u64::from(value).to_be_bytes(), |source| decode_unsigned(source, "a u16");
    u32, Descriptor::U32, Ord::cmp, |value| u64::from(value).to_be_bytes(), |source| decode_unsigned(source, "a u32");
    u64, Descriptor::U64, Ord::cmp, |value| value.to_be_bytes(), |source| Ok(u64::from_be_bytes(source.array("a u64")?));
    usize, Descriptor::U64, Ord::cmp, |value| (value as u64).to_be_bytes(), |source| decode_unsigned(source, "a usize");
    u128, Descriptor::U128, Ord::cmp, |value| value.to_be_bytes(), |source| Ok(u128::from_be_bytes(source.array("a u128")?));
    i8, Descriptor::I8, Ord::cmp, |value| signed(i64::from(value)), |source| decode_signed(source, "an i8");
    i16, Descriptor::I16, Ord::cmp, |value| signed(i64::from(value)), |source| decode_signed(source, "an i16");
    i32, Descriptor::I32, Ord::cmp, |value| signed(i64::from(value)), |source| decode_signed(source, "an i32");
    i64, Descriptor::I64, Ord::cmp, |value| signed(value), |source| decode_signed(source, "an i64");
    isize, Descriptor::I64, Ord::cmp, |value| signed(value as i64), |source| decode_signed(source, "an isize");
    i128, Descriptor::I128, Ord::cmp, |value| (value ^ i128::MIN).to_be_bytes(),
        |source| Ok(i128::from_be_bytes(source.array("an i128")?) ^ i128::MIN);
    f32, Descriptor::F32, f32::total_cmp, |value| flip_f32(value.to_bits()).to_be_bytes(),
        |source| Ok(f32::from_bits(unflip_f32(u32::from_be_bytes(source.array("an f32")?))));
    f64, Descriptor::F64, f64::total_cmp, |value| flip_f64(value.to_bits()).to_be_bytes(),
        |source| Ok(f64::from_bits(unflip_f64(u64::from_be_bytes(source.array("an f64")?))));
}

macro_rules! ordered_as_they_are {
    ($($Type:ty)*) => {$(impl OrderPreserving for $Type {})*};
}

ordered_as_they_are!(bool char u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);

// `u8` by itself, since it also gives sequences of it their fast way.

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

/// Two's complement with the sign bit flipped sorts as bytes do.
pub(in crate::encoding) const fn signed(value: i64) -> [u8; 8] {
    (value ^ i64::MIN).to_be_bytes()
}

/// The bits sort as `total_cmp` does: a negative float has all of them flipped, another its sign.
const fn flip_f64(bits: u64) -> u64 {
    if bits >> 63 == 1 { !bits } else { bits ^ 1 << 63 }
}

const fn unflip_f64(bits: u64) -> u64 {
    if bits >> 63 == 1 { bits ^ 1 << 63 } else { !bits }
}

const fn flip_f32(bits: u32) -> u32 {
    if bits >> 31 == 1 { !bits } else { bits ^ 1 << 31 }
}

const fn unflip_f32(bits: u32) -> u32 {
    if bits >> 31 == 1 { bits ^ 1 << 31 } else { !bits }
}

#[inline]
fn decode_char(source: &mut Source<'_>) -> Result<char, DecodeError> {
    let scalar = u32::from_be_bytes(source.array("a char")?);
    match char::from_u32(scalar) {
        Some(char) => Ok(char),
        None => Err(not_a_char(scalar, source.offset() - 4)),
    }
}

#[cold]
fn not_a_char(found: u32, at: usize) -> DecodeError {
    DecodeError::new("a char's scalar value", format!("{found:08x}"), at)
}

#[inline]
fn decode_unsigned<T: TryFrom<u64>>(
    source: &mut Source<'_>,
    what: &'static str,
) -> Result<T, DecodeError> {
    let wide = u64::from_be_bytes(source.array(what)?);
    T::try_from(wide).map_err(|_| out_of_range(what, wide.into(), source.offset() - 8))
}

#[inline]
pub(in crate::encoding) fn decode_signed<T: TryFrom<i64>>(
    source: &mut Source<'_>,
    what: &'static str,
) -> Result<T, DecodeError> {
    let wide = i64::from_be_bytes(source.array(what)?) ^ i64::MIN;
    T::try_from(wide).map_err(|_| out_of_range(what, wide.into(), source.offset() - 8))
}

#[cold]
fn out_of_range(expected: &'static str, found: i128, at: usize) -> DecodeError {
    DecodeError::new(expected, format!("{found}"), at)
}
