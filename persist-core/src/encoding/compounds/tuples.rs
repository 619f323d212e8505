//! Tuples, encoded as their fields one after the other. All fields but the last delimit themselves.

use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::marker::PhantomData;

use crate::encoding::base::error::DecodeError;
use crate::encoding::base::joiner::Joiner;
use crate::encoding::base::sink::Sink;
use crate::encoding::base::source::Source;
use crate::encoding::descriptor::describer::Describer;
use crate::encoding::descriptor::shape::Descriptor;
use crate::encoding::model::impl_macros::same_in_payloads;
use crate::encoding::model::key_traits::{KeyDecode, KeyEncode};
use crate::encoding::model::markers::{
    OrderPreserving, SelfDelimiting, SelfDelimitingPayload, StoreKey,
};
use crate::encoding::model::payload_traits::{PayloadDecode, PayloadEncode};

/// A `?` that takes half the stack space in a build that isn't optimized.
macro_rules! or_return {
    ($decoded:expr) => {
        match $decoded {
            Ok(value) => value,
            Err(error) => return Err(error),
        }
    };
}

macro_rules! tuples {
    ($($($First:ident $first:tt)* | $Last:ident $last:tt;)*) => {$(
        impl<$($First: KeyEncode + SelfDelimiting,)* $Last: KeyEncode> KeyEncode for ($($First,)* $Last,) {
            const IS_EMPTY: bool = $($First::IS_EMPTY &&)* $Last::IS_EMPTY;

            #[inline]
            fn encode_key(&self, sink: &mut Sink<'_>) {
                let mut joiner = Joiner::new(sink);
                self.__join_key(&mut joiner);
                joiner.finish();
            }

            #[cfg_attr(debug_assertions, inline)]
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn __join_key(&self, joiner: &mut Joiner<'_, '_>) {
                $(self.$first.__join_key(joiner);)*
                self.$last.__join_key(joiner);
            }

            #[inline]
            fn encoded_key_len(&self) -> usize {
                $(self.$first.encoded_key_len() +)* self.$last.encoded_key_len()
            }

            #[inline]
            fn key_cmp(&self, other: &Self) -> Ordering {
                Ordering::Equal
                    $(.then_with(|| self.$first.key_cmp(&other.$first)))*
                    .then_with(|| self.$last.key_cmp(&other.$last))
            }

            fn describe_key(describer: &mut Describer) -> Descriptor {
                Descriptor::Tuple(vec![
                    $($First::describe_key(describer),)* $Last::describe_key(describer)
                ])
            }
        }

        impl<$($First: PayloadEncode + SelfDelimitingPayload,)* $Last: PayloadEncode> PayloadEncode
            for ($($First,)* $Last,)
        {
            const IS_EMPTY: bool = $($First::IS_EMPTY &&)* $Last::IS_EMPTY;

            #[inline]
            fn encode_payload(&self, sink: &mut Sink<'_>) {
                let mut joiner = Joiner::new(sink);
                self.__join_payload(&mut joiner);
                joiner.finish();
            }

            #[cfg_attr(debug_assertions, inline)]
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn __join_payload(&self, joiner: &mut Joiner<'_, '_>) {
                $(self.$first.__join_payload(joiner);)*
                self.$last.__join_payload(joiner);
            }

            #[inline]
            fn encoded_payload_len(&self) -> usize {
                $(self.$first.encoded_payload_len() +)* self.$last.encoded_payload_len()
            }

            fn describe_payload(describer: &mut Describer) -> Descriptor {
                Descriptor::Tuple(vec![
                    $($First::describe_payload(describer),)* $Last::describe_payload(describer)
                ])
            }
        }

        impl<$($First: SelfDelimiting,)* $Last: SelfDelimiting> SelfDelimiting for ($($First,)* $Last,) {}
        impl<$($First: SelfDelimitingPayload,)* $Last: SelfDelimitingPayload> SelfDelimitingPayload
            for ($($First,)* $Last,) {}
        impl<$($First: KeyEncode + SelfDelimiting,)* $Last: KeyEncode> StoreKey for ($($First,)* $Last,) {}
        impl<$($First: OrderPreserving + SelfDelimiting,)* $Last: OrderPreserving> OrderPreserving
            for ($($First,)* $Last,) {}

        impl<'de, $($First: KeyDecode<'de>,)* $Last: KeyDecode<'de>> KeyDecode<'de> for ($($First,)* $Last,) {
            #[inline]
            fn decode_key(source: &mut Source<'de>) -> Result<Self, DecodeError> {
                Ok(($(or_return!($First::decode_key(source)),)* or_return!($Last::decode_key(source)),))
            }
        }

        impl<'de, $($First: PayloadDecode<'de>,)* $Last: PayloadDecode<'de>> PayloadDecode<'de>
            for ($($First,)* $Last,)
        {
            #[inline]
            fn decode_payload(source: &mut Source<'de>) -> Result<Self, DecodeError> {
                Ok((
                    $(or_return!($First::decode_payload(source)),)*
                    or_return!($Last::decode_payload(source)),
                ))
            }
        }
    )*};
}

tuples! {
    | A 0;
    A 0 | B 1;
    A 0 B 1 | C 2;
    A 0 B 1 C 2 | D 3;
    A 0 B 1 C 2 D 3 | E 4;
    A 0 B 1 C 2 D 3 E 4 | F 5;
    A 0 B 1 C 2 D 3 E 4 F 5 | G 6;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 | H 7;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 | I 8;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 | J 9;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 | K 10;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 | L 11;
}

/// Implements the traits for types whose values have no bytes.
macro_rules! without_bytes {
    ($([$($generics:tt)*] $Type:ty, $value:expr;)*) => {$(
        impl<$($generics)*> KeyEncode for $Type {
            const IS_EMPTY: bool = true;

            fn encode_key(&self, _: &mut Sink<'_>) {}

            fn encoded_key_len(&self) -> usize {
                0
            }

            fn key_cmp(&self, _: &Self) -> Ordering {
                Ordering::Equal
            }

            fn describe_key(_: &mut Describer) -> Descriptor {
                Descriptor::Tuple(Vec::new())
            }
        }

        impl<'de, $($generics)*> KeyDecode<'de> for $Type {
            fn decode_key(_: &mut Source<'de>) -> Result<Self, DecodeError> {
                Ok($value)
            }
        }

        same_in_payloads! { [$($generics)*] $Type; }
        impl<$($generics)*> SelfDelimiting for $Type {}
        impl<$($generics)*> StoreKey for $Type {}
        impl<$($generics)*> OrderPreserving for $Type {}
    )*};
}

without_bytes! {
    [] (), ();
    [T: ?Sized] PhantomData<T>, PhantomData;
}
