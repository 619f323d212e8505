//! `Option`, encoded as 00, or as 01 and the value.

use core::cmp::Ordering;

use crate::encoding::base::error::DecodeError;
use crate::encoding::base::sink::Sink;
use crate::encoding::base::source::Source;
use crate::encoding::base::tags::decode_is_some;
use crate::encoding::descriptor::describer::Describer;
use crate::encoding::descriptor::shape::Descriptor;
use crate::encoding::model::key_traits::{KeyDecode, KeyEncode};
use crate::encoding::model::markers::{
    OrderPreserving, SelfDelimiting, SelfDelimitingPayload, StoreKey,
};
use crate::encoding::model::payload_traits::{PayloadDecode, PayloadEncode};

macro_rules! option {
    (
        $Encode:ident { $encode:ident, $encoded_len:ident, $describe:ident }, $Delimiting:ident,
        $Decode:ident { $decode:ident }, { $($cmp:tt)* }
    ) => {
        impl<T: $Encode> $Encode for Option<T> {
            #[inline]
            fn $encode(&self, sink: &mut Sink<'_>) {
                match self {
                    None => sink.write(&[0]),
                    Some(value) => {
                        sink.write(&[1]);
                        value.$encode(sink);
                    }
                }
            }

            #[inline]
            fn $encoded_len(&self) -> usize {
                1 + self.as_ref().map_or(0, $Encode::$encoded_len)
            }

            fn $describe(describer: &mut Describer) -> Descriptor {
                Descriptor::Opt(T::$describe(describer).into())
            }

            $($cmp)*
        }

        impl<T: $Delimiting> $Delimiting for Option<T> {}

        impl<'de, T: $Decode<'de>> $Decode<'de> for Option<T> {
            #[inline]
            fn $decode(source: &mut Source<'de>) -> Result<Self, DecodeError> {
                if decode_is_some(source)? { T::$decode(source).map(Some) } else { Ok(None) }
            }
        }
    };
}

option! {
    KeyEncode { encode_key, encoded_key_len, describe_key }, SelfDelimiting, KeyDecode { decode_key },
    {
        #[inline]
        fn key_cmp(&self, other: &Self) -> Ordering {
            match (self, other) {
                (None, None) => Ordering::Equal,
                (None, Some(_)) => Ordering::Less,
                (Some(_), None) => Ordering::Greater,
                (Some(left), Some(right)) => left.key_cmp(right),
            }
        }
    }
}

option! {
    PayloadEncode { encode_payload, encoded_payload_len, describe_payload }, SelfDelimitingPayload,
    PayloadDecode { decode_payload }, {}
}

impl<T: StoreKey> StoreKey for Option<T> {}
impl<T: OrderPreserving> OrderPreserving for Option<T> {}
