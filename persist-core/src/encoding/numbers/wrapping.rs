//! `Wrapping`, `Saturating` and `NonZero`, which are encoded as the number inside.

use core::cmp::Ordering;
use core::num::{NonZero, Saturating, Wrapping};

use crate::encoding::base::error::DecodeError;
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

macro_rules! wrapping {
    ($($Wrapper:ident)*) => {$(
        impl<T: KeyEncode> KeyEncode for $Wrapper<T> {
            const IS_EMPTY: bool = T::IS_EMPTY;

            #[inline]
            fn encode_key(&self, sink: &mut Sink<'_>) {
                self.0.encode_key(sink);
            }

            #[inline]
            fn encoded_key_len(&self) -> usize {
                self.0.encoded_key_len()
            }

            #[inline]
            fn key_cmp(&self, other: &Self) -> Ordering {
                self.0.key_cmp(&other.0)
            }

            fn describe_key(describer: &mut Describer) -> Descriptor {
                T::describe_key(describer)
            }
        }

        impl<T: PayloadEncode> PayloadEncode for $Wrapper<T> {
            const IS_EMPTY: bool = T::IS_EMPTY;

            #[inline]
            fn encode_payload(&self, sink: &mut Sink<'_>) {
                self.0.encode_payload(sink);
            }

            #[inline]
            fn encoded_payload_len(&self) -> usize {
                self.0.encoded_payload_len()
            }

            fn describe_payload(describer: &mut Describer) -> Descriptor {
                T::describe_payload(describer)
            }
        }

        impl<'de, T: KeyDecode<'de>> KeyDecode<'de> for $Wrapper<T> {
            #[inline]
            fn decode_key(source: &mut Source<'de>) -> Result<Self, DecodeError> {
                T::decode_key(source).map(Self)
            }
        }

        impl<'de, T: PayloadDecode<'de>> PayloadDecode<'de> for $Wrapper<T> {
            #[inline]
            fn decode_payload(source: &mut Source<'de>) -> Result<Self, DecodeError> {
                T::decode_payload(source).map(Self)
            }
        }

        impl<T: SelfDelimiting> SelfDelimiting for $Wrapper<T> {}
        impl<T: SelfDelimitingPayload> SelfDelimitingPayload for $Wrapper<T> {}
        impl<T: StoreKey> StoreKey for $Wrapper<T> {}
        impl<T: OrderPreserving> OrderPreserving for $Wrapper<T> {}
    )*};
}

wrapping!(Wrapping Saturating);

// A generic impl would need the trait `ZeroablePrimitive`, which is unstable.
macro_rules! non_zero {
    ($($Int:ident)*) => {$(
        impl KeyEncode for NonZero<$Int> {
            #[inline]
            fn encode_key(&self, sink: &mut Sink<'_>) {
                self.get().encode_key(sink);
            }

            #[inline]
            fn encoded_key_len(&self) -> usize {
                self.get().encoded_key_len()
            }

            #[inline]
            fn key_cmp(&self, other: &Self) -> Ordering {
                self.cmp(other)
            }

            fn describe_key(describer: &mut Describer) -> Descriptor {
                $Int::describe_key(describer)
            }
        }

        impl<'de> KeyDecode<'de> for NonZero<$Int> {
            #[inline]
            fn decode_key(source: &mut Source<'de>) -> Result<Self, DecodeError> {
                let at = source.offset();
                Self::new($Int::decode_key(source)?).ok_or_else(|| zero(at))
            }
        }

        same_in_payloads! { [] NonZero<$Int>; }
        impl SelfDelimiting for NonZero<$Int> {}
        impl StoreKey for NonZero<$Int> {}
        impl OrderPreserving for NonZero<$Int> {}
    )*};
}

non_zero!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);

#[cold]
fn zero(at: usize) -> DecodeError {
    DecodeError::new("a number other than 0", "0", at)
}
