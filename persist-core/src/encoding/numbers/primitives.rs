//! Integers except `u8`, floats, `bool` and `char`.

use alloc::format;

use crate::encoding::base::error::DecodeError;
use crate::encoding::base::source::Source;
use crate::encoding::base::tags::decode_bool;
use crate::encoding::descriptor::shape::Descriptor;
use crate::encoding::model::impl_macros::fixed_width;
use crate::encoding::model::markers::OrderPreserving;

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

macro_rules! order_preserving {
    ($($Type:ty)*) => {$(impl OrderPreserving for $Type {})*};
}

order_preserving!(bool char u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);

/// Encodes a signed integer: two's complement with the sign bit flipped, which sorts correctly as bytes.
pub(in crate::encoding) const fn signed(value: i64) -> [u8; 8] {
    (value ^ i64::MIN).to_be_bytes()
}

/// Changes the bits of a float so that they sort as `total_cmp` does: all bits of a negative float are flipped, and the sign
/// bit of other floats.
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
