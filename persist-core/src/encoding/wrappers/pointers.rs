//! References and pointers, which are encoded as their targets.

use alloc::borrow::{Cow, ToOwned};
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::sync::Arc;
use core::cmp::Ordering;

use crate::encoding::base::error::DecodeError;
use crate::encoding::base::sink::Sink;
use crate::encoding::base::source::Source;
use crate::encoding::descriptor::describer::Describer;
use crate::encoding::descriptor::shape::Descriptor;
use crate::encoding::model::key_traits::{KeyDecode, KeyEncode};
use crate::encoding::model::markers::{
    OrderPreserving, SelfDelimiting, SelfDelimitingPayload, StoreKey,
};
use crate::encoding::model::payload_traits::{PayloadDecode, PayloadEncode};

macro_rules! pointers {
    ($([$($more:tt)*] $Pointer:ty;)*) => {$(
        impl<T: KeyEncode + ?Sized $($more)*> KeyEncode for $Pointer {
            const IS_EMPTY: bool = T::IS_EMPTY;

            #[inline]
            fn encode_key(&self, sink: &mut Sink<'_>) {
                (**self).encode_key(sink);
            }

            #[inline]
            fn encoded_key_len(&self) -> usize {
                (**self).encoded_key_len()
            }

            #[inline]
            fn key_cmp(&self, other: &Self) -> Ordering {
                (**self).key_cmp(&**other)
            }

            fn describe_key(describer: &mut Describer) -> Descriptor {
                T::describe_key(describer)
            }
        }

        impl<T: PayloadEncode + ?Sized $($more)*> PayloadEncode for $Pointer {
            const IS_EMPTY: bool = T::IS_EMPTY;

            #[inline]
            fn encode_payload(&self, sink: &mut Sink<'_>) {
                (**self).encode_payload(sink);
            }

            #[inline]
            fn encoded_payload_len(&self) -> usize {
                (**self).encoded_payload_len()
            }

            fn describe_payload(describer: &mut Describer) -> Descriptor {
                T::describe_payload(describer)
            }
        }

        impl<T: SelfDelimiting + ?Sized $($more)*> SelfDelimiting for $Pointer {}
        impl<T: SelfDelimitingPayload + ?Sized $($more)*> SelfDelimitingPayload for $Pointer {}
        impl<T: StoreKey + ?Sized $($more)*> StoreKey for $Pointer {}
        impl<T: OrderPreserving + ?Sized $($more)*> OrderPreserving for $Pointer {}
    )*};
}

pointers! {
    [] &T;
    [] Box<T>;
    [] Rc<T>;
    [] Arc<T>;
    [+ ToOwned] Cow<'_, T>;
}

macro_rules! owned_again {
    ($($Pointer:ident)*) => {$(
        impl<'de, T: KeyDecode<'de>> KeyDecode<'de> for $Pointer<T> {
            #[inline]
            fn decode_key(source: &mut Source<'de>) -> Result<Self, DecodeError> {
                T::decode_key(source).map($Pointer::new)
            }
        }

        impl<'de, T: PayloadDecode<'de>> PayloadDecode<'de> for $Pointer<T> {
            #[inline]
            fn decode_payload(source: &mut Source<'de>) -> Result<Self, DecodeError> {
                T::decode_payload(source).map($Pointer::new)
            }
        }
    )*};
}

owned_again!(Box Rc Arc);
