//! `Reverse<T>`, encoded as `T` with all bits flipped, so that larger values sort first.

use core::cmp::{Ordering, Reverse};

use crate::encoding::base::error::DecodeError;
use crate::encoding::base::sink::Sink;
use crate::encoding::base::source::Source;
use crate::encoding::descriptor::describer::Describer;
use crate::encoding::descriptor::shape::Descriptor;
use crate::encoding::model::codec::{DecodeWith, Descending, EncodeWith, Plain};
use crate::encoding::model::impl_macros::same_in_payloads;
use crate::encoding::model::key_traits::{KeyDecode, KeyEncode};
use crate::encoding::model::markers::{OrderPreserving, SelfDelimiting, StoreKey};

type Flipped = Descending<Plain>;

impl<T: SelfDelimiting> KeyEncode for Reverse<T> {
    const IS_EMPTY: bool = T::IS_EMPTY;

    #[inline]
    fn encode_key(&self, sink: &mut Sink<'_>) {
        Flipped::encode(&self.0, sink);
    }

    #[inline]
    fn encoded_key_len(&self) -> usize {
        self.0.encoded_key_len()
    }

    #[inline]
    fn key_cmp(&self, other: &Self) -> Ordering {
        other.0.key_cmp(&self.0)
    }

    fn describe_key(describer: &mut Describer) -> Descriptor {
        <Flipped as EncodeWith<T>>::describe(describer)
    }
}

impl<'de, T: KeyDecode<'de>> KeyDecode<'de> for Reverse<T> {
    #[inline]
    fn decode_key(source: &mut Source<'de>) -> Result<Self, DecodeError> {
        Flipped::decode(source).map(Self)
    }
}

same_in_payloads! { [T] Reverse<T>; }
impl<T: SelfDelimiting> SelfDelimiting for Reverse<T> {}
impl<T: SelfDelimiting + StoreKey> StoreKey for Reverse<T> {}
impl<T: SelfDelimiting + OrderPreserving> OrderPreserving for Reverse<T> {}
