//! The fields of key types.

use alloc::string::String;
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use core::time::Duration;
#[cfg(feature = "std")]
use std::time::SystemTime;

use super::argument::Argument;
use crate::encoding::base::sink::Sink;
use crate::encoding::lex::traits::LexEncode;
use crate::encoding::lex::wrapper::{Lex, Lexed};
use crate::encoding::model::codec::Plain;
use crate::encoding::model::key_traits::KeyEncode;
use crate::encoding::model::markers::SelfDelimiting;
use crate::encoding::wrappers::fixed::{Fixed, WithoutLength};

/// A key type that has a field number `N`, for which an `A` may be given in the use `U`.
///
/// `#[derive(KeyEncode)]` implements it: one implementation for each field, whose type stands only in a bound, so that it may be
/// private.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no field number {N}, counted from 0, for which a `{A}` can be given",
    label = "not a prefix or a key of `{Self}`",
    note = "a prefix is a tuple of values for the first fields of the key"
)]
pub trait KeyField<const N: usize, A, U> {
    /// Whether the field sorts from the greatest value to the least.
    const IS_DESCENDING: bool;

    /// Writes the bytes of the field.
    fn encode_field(argument: &A, sink: &mut Sink<'_>);
}

/// A key type that has `N` fields.
#[diagnostic::on_unimplemented(
    message = "the number of fields of `{Self}` is not {N}",
    label = "these are not all fields of `{Self}`",
    note = "give a reference to the key, or a tuple of values for all its fields"
)]
pub trait KeyFields<const N: usize> {}

macro_rules! fields {
    ($([$($parameters:tt)*] $Type:ty, $len:literal: $($index:literal $Field:ty, $Codec:ty;)*)*) => {$(
        fields!(@ [$($parameters)*] $Type: $($index $Field, $Codec;)*);
        impl<$($parameters)*> KeyFields<$len> for $Type {}
    )*};
    (@ [$($parameters:tt)*] $Type:ty: $index:literal $Field:ty, $Codec:ty; $($rest:tt)*) => {
        impl<$($parameters)* A_: Argument<$Field, $Codec, U_>, U_> KeyField<$index, A_, U_> for $Type {
            const IS_DESCENDING: bool = A_::IS_DESCENDING;

            fn encode_field(argument: &A_, sink: &mut Sink<'_>) {
                argument.encode_argument(sink);
            }
        }
        fields!(@ [$($parameters)*] $Type: $($rest)*);
    };
    (@ [$($parameters:tt)*] $Type:ty:) => {};
}

/// Types that are one field.
macro_rules! single {
    ($($Type:ty)*) => {
        fields!($([] $Type, 1: 0 $Type, Plain;)*);
    };
}

single! {
    u8 u16 u32 u64 u128 i8 i16 i32 i64 i128 bool char String Duration IpAddr Ipv4Addr
    Ipv6Addr
}

#[cfg(feature = "std")]
single!(SystemTime);

fields! {
    [T: SelfDelimiting,] Vec<T>, 1: 0 Vec<T>, Plain;
    [T: LexEncode,] Lex<T>, 1: 0 T, Lexed;
    [const N: usize,] Fixed<[u8; N]>, 1: 0 [u8; N], WithoutLength;
    [A: KeyEncode,] (A,), 1: 0 A, Plain;
    [A: SelfDelimiting, B: KeyEncode,] (A, B), 2: 0 A, Plain; 1 B, Plain;
    [A: SelfDelimiting, B: SelfDelimiting, C: KeyEncode,] (A, B, C), 3:
        0 A, Plain; 1 B, Plain; 2 C, Plain;
    [A: SelfDelimiting, B: SelfDelimiting, C: SelfDelimiting, D: KeyEncode,] (A, B, C, D), 4:
        0 A, Plain; 1 B, Plain; 2 C, Plain; 3 D, Plain;
}
