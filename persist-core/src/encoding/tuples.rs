//! Tuples: their fields, one after the other. All but the last delimit themselves.

use core::cmp::Ordering;

use super::{
    DecodeError, KeyDecode, KeyEncode, OrderPreserving, PayloadDecode, PayloadEncode,
    SelfDelimiting, SelfDelimitingPayload, Sink, Source, StoreKey,
};

macro_rules! tuples {
    ($($($First:ident $first:tt)* | $Last:ident $last:tt;)*) => {$(
        impl<$($First: KeyEncode + SelfDelimiting,)* $Last: KeyEncode> KeyEncode for ($($First,)* $Last,) {
            #[inline]
            fn encode_key(&self, sink: &mut Sink<'_>) {
                $(self.$first.encode_key(sink);)*
                self.$last.encode_key(sink);
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
        }

        impl<$($First: PayloadEncode + SelfDelimitingPayload,)* $Last: PayloadEncode> PayloadEncode
            for ($($First,)* $Last,)
        {
            #[inline]
            fn encode_payload(&self, sink: &mut Sink<'_>) {
                $(self.$first.encode_payload(sink);)*
                self.$last.encode_payload(sink);
            }

            #[inline]
            fn encoded_payload_len(&self) -> usize {
                $(self.$first.encoded_payload_len() +)* self.$last.encoded_payload_len()
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
                Ok(($($First::decode_key(source)?,)* $Last::decode_key(source)?,))
            }
        }

        impl<'de, $($First: PayloadDecode<'de>,)* $Last: PayloadDecode<'de>> PayloadDecode<'de>
            for ($($First,)* $Last,)
        {
            #[inline]
            fn decode_payload(source: &mut Source<'de>) -> Result<Self, DecodeError> {
                Ok(($($First::decode_payload(source)?,)* $Last::decode_payload(source)?,))
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

// The empty tuple has no bytes.

impl KeyEncode for () {
    fn encode_key(&self, _sink: &mut Sink<'_>) {}

    fn encoded_key_len(&self) -> usize {
        0
    }

    fn key_cmp(&self, _other: &Self) -> Ordering {
        Ordering::Equal
    }
}

impl PayloadEncode for () {
    fn encode_payload(&self, _sink: &mut Sink<'_>) {}

    fn encoded_payload_len(&self) -> usize {
        0
    }
}

impl SelfDelimiting for () {}
impl SelfDelimitingPayload for () {}
impl StoreKey for () {}
impl OrderPreserving for () {}

impl<'de> KeyDecode<'de> for () {
    fn decode_key(_source: &mut Source<'de>) -> Result<Self, DecodeError> {
        Ok(())
    }
}

impl<'de> PayloadDecode<'de> for () {
    fn decode_payload(_source: &mut Source<'de>) -> Result<Self, DecodeError> {
        Ok(())
    }
}
