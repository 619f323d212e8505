//! `Result`, encoded as an enum with the variants `Ok` = 0 and `Err` = 1.

use core::cmp::Ordering;

use crate::encoding::base::error::DecodeError;
use crate::encoding::base::sink::Sink;
use crate::encoding::base::source::Source;
use crate::encoding::base::tags::unknown_tag;
use crate::encoding::descriptor::describer::Describer;
use crate::encoding::descriptor::shape::Descriptor;
use crate::encoding::model::key_traits::{KeyDecode, KeyEncode};
use crate::encoding::model::markers::{
    OrderPreserving, SelfDelimiting, SelfDelimitingPayload, StoreKey,
};
use crate::encoding::model::payload_traits::{PayloadDecode, PayloadEncode};

const OK: i64 = 0;
const ERR: i64 = 1;
const TAG_LEN: usize = 8;

macro_rules! result {
    (
        $Encode:ident { $encode:ident, $encoded_len:ident, $describe:ident }, $Delimiting:ident,
        $Decode:ident { $decode:ident }, { $($cmp:tt)* }
    ) => {
        impl<T: $Encode, E: $Encode> $Encode for Result<T, E> {
            #[inline]
            fn $encode(&self, sink: &mut Sink<'_>) {
                match self {
                    Ok(value) => {
                        OK.$encode(sink);
                        value.$encode(sink);
                    }
                    Err(error) => {
                        ERR.$encode(sink);
                        error.$encode(sink);
                    }
                }
            }

            #[inline]
            fn $encoded_len(&self) -> usize {
                TAG_LEN + match self {
                    Ok(value) => value.$encoded_len(),
                    Err(error) => error.$encoded_len(),
                }
            }

            fn $describe(describer: &mut Describer) -> Descriptor {
                let value = T::$describe(describer);
                Descriptor::Res(value.into(), E::$describe(describer).into())
            }

            $($cmp)*
        }

        impl<T: $Delimiting, E: $Delimiting> $Delimiting for Result<T, E> {}

        impl<'de, T: $Decode<'de>, E: $Decode<'de>> $Decode<'de> for Result<T, E> {
            #[inline]
            fn $decode(source: &mut Source<'de>) -> Result<Self, DecodeError> {
                let at = source.offset();
                match i64::$decode(source)? {
                    OK => T::$decode(source).map(Ok),
                    ERR => E::$decode(source).map(Err),
                    other => Err(unknown_tag("Result", other, at)),
                }
            }
        }
    };
}

result! {
    KeyEncode { encode_key, encoded_key_len, describe_key }, SelfDelimiting, KeyDecode { decode_key },
    {
        #[inline]
        fn key_cmp(&self, other: &Self) -> Ordering {
            match (self, other) {
                (Ok(left), Ok(right)) => left.key_cmp(right),
                (Err(left), Err(right)) => left.key_cmp(right),
                (left, right) => left.is_err().cmp(&right.is_err()),
            }
        }
    }
}

result! {
    PayloadEncode { encode_payload, encoded_payload_len, describe_payload }, SelfDelimitingPayload,
    PayloadDecode { decode_payload }, {}
}

impl<T: StoreKey, E: StoreKey> StoreKey for Result<T, E> {}
impl<T: OrderPreserving, E: OrderPreserving> OrderPreserving for Result<T, E> {}
