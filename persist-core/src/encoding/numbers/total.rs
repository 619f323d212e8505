use core::cmp::Ordering;
use core::hash::{Hash, Hasher};

use crate::encoding::base::error::DecodeError;
use crate::encoding::base::sink::Sink;
use crate::encoding::base::source::Source;
use crate::encoding::descriptor::describer::Describer;
use crate::encoding::descriptor::shape::Descriptor;
use crate::encoding::model::impl_macros::same_in_payloads;
use crate::encoding::model::key_traits::{KeyDecode, KeyEncode};
use crate::encoding::model::markers::{OrderPreserving, SelfDelimiting, StoreKey};

/// A float with the total order of `total_cmp`, which is the order of its keys.
///
/// `-0.0` sorts before `0.0` and is not equal to it. A NaN is equal to itself and sorts last, or first if its sign bit is set.
/// The encoding is the same as the float's.
///
/// ```
/// use persist_core::{KeyEncode, Total};
///
/// assert!(Total(-0.0) < Total(0.0) && Total(f64::INFINITY) < Total(f64::NAN));
/// assert_eq!(Total(1.5f32).to_key(), 1.5f32.to_key());
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Total<F>(pub F);

macro_rules! totals {
    ($($Float:ident)*) => {$(
        impl PartialEq for Total<$Float> {
            fn eq(&self, other: &Self) -> bool {
                self.0.to_bits() == other.0.to_bits()
            }
        }

        impl Eq for Total<$Float> {}

        impl PartialOrd for Total<$Float> {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for Total<$Float> {
            fn cmp(&self, other: &Self) -> Ordering {
                self.0.total_cmp(&other.0)
            }
        }

        impl Hash for Total<$Float> {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.0.to_bits().hash(state);
            }
        }

        impl From<$Float> for Total<$Float> {
            fn from(float: $Float) -> Self {
                Self(float)
            }
        }

        impl KeyEncode for Total<$Float> {
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
                self.cmp(other)
            }

            fn describe_key(describer: &mut Describer) -> Descriptor {
                $Float::describe_key(describer)
            }
        }

        impl<'de> KeyDecode<'de> for Total<$Float> {
            #[inline]
            fn decode_key(source: &mut Source<'de>) -> Result<Self, DecodeError> {
                $Float::decode_key(source).map(Self)
            }
        }

        impl SelfDelimiting for Total<$Float> {}
        impl StoreKey for Total<$Float> {}
        impl OrderPreserving for Total<$Float> {}
    )*};
}

totals!(f32 f64);

same_in_payloads! { [F] Total<F>; }
