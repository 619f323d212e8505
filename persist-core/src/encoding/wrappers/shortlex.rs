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

/// A value whose `Ord` is the order of its keys. Text and sequences sort by length first.
///
/// The encoding is the same as for `T`. `Eq`, `Ord` and `Hash` are defined by the encoded bytes, so a range of such values is a
/// range of keys.
///
/// ```
/// use persist_core::{KeyEncode, Shortlex};
///
/// assert!("b" > "aa");
/// assert!(Shortlex("b") < Shortlex("aa"));
/// assert_eq!(Shortlex("b").to_key(), "b".to_key());
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Shortlex<T>(pub T);

impl<T: KeyEncode> PartialEq for Shortlex<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0.key_cmp(&other.0).is_eq()
    }
}

impl<T: KeyEncode> Eq for Shortlex<T> {}

impl<T: KeyEncode> PartialOrd for Shortlex<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: KeyEncode> Ord for Shortlex<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.key_cmp(&other.0)
    }
}

impl<T: KeyEncode> Hash for Shortlex<T> {
    /// Hashes the encoded bytes, since values that are equal here may have different hashes as `T`.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_key().hash(state);
    }
}

impl<T> From<T> for Shortlex<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: KeyEncode> KeyEncode for Shortlex<T> {
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

impl<'de, T: KeyDecode<'de>> KeyDecode<'de> for Shortlex<T> {
    #[inline]
    fn decode_key(source: &mut Source<'de>) -> Result<Self, DecodeError> {
        T::decode_key(source).map(Self)
    }
}

same_in_payloads! { [T] Shortlex<T>; }
impl<T: SelfDelimiting> SelfDelimiting for Shortlex<T> {}
impl<T: KeyEncode> StoreKey for Shortlex<T> {}
impl<T: KeyEncode> OrderPreserving for Shortlex<T> {}
