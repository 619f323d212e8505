//! Maps, encoded as a count and the pairs of key and value, in ascending order of the keys' bytes.
//!
//! The keys are encoded as keys even in payloads, since their order is defined by their keys' bytes.

use alloc::collections::BTreeMap;
use core::cmp::Ordering;
#[cfg(feature = "std")]
use core::hash::{BuildHasher, Hash};
#[cfg(feature = "std")]
use std::collections::HashMap;

use super::ascending::{Ascending, Kind, ascending, decode_ascending};
use super::sequences::refuse_empty;
use crate::encoding::base::counted::{entry_by_entry, len_of_len};
use crate::encoding::base::error::DecodeError;
use crate::encoding::base::sink::Sink;
use crate::encoding::base::source::Source;
use crate::encoding::descriptor::describer::Describer;
use crate::encoding::descriptor::shape::Descriptor;
use crate::encoding::model::key_traits::{KeyDecode, KeyEncode};
use crate::encoding::model::markers::{SelfDelimiting, SelfDelimitingPayload};
use crate::encoding::model::payload_traits::{PayloadDecode, PayloadEncode};

/// Implements the traits of one format for a map. Keys are the same in both formats; values are encoded in the given format.
macro_rules! maps {
    (
        $Encode:ident { $encode:ident, $encoded_len:ident, $describe:ident }, $Delimiting:ident,
        $Decode:ident { $decode:ident }, { $($cmp:tt)* },
        [$($hasher:ident)?] $Map:ty, [$($bounds:tt)*], $with_room:expr
    ) => {
        impl<K: SelfDelimiting, V: $Delimiting $(, $hasher)?> $Encode for $Map {
            fn $encode(&self, sink: &mut Sink<'_>) {
                const { refuse_empty(K::IS_EMPTY) };
                sink.write_len(self.len());
                for (key, value) in in_order(self.iter()) {
                    key.encode_key(sink);
                    value.$encode(sink);
                }
            }

            fn $encoded_len(&self) -> usize {
                let len = |(key, value): (&K, &V)| key.encoded_key_len() + value.$encoded_len();
                len_of_len(self.len()) + self.iter().map(len).sum::<usize>()
            }

            fn $describe(describer: &mut Describer) -> Descriptor {
                let key = K::describe_key(describer);
                Descriptor::Map(key.into(), V::$describe(describer).into())
            }

            $($cmp)*
        }

        impl<K: SelfDelimiting, V: $Delimiting $(, $hasher)?> $Delimiting for $Map {}

        impl<'de, V: $Decode<'de>, K: KeyDecode<'de> + $($bounds)*> $Decode<'de> for $Map {
            fn $decode(source: &mut Source<'de>) -> Result<Self, DecodeError> {
                let insert = |map: &mut Self, key, value| map.insert(key, value).is_none();
                decode_ascending(source, Kind::Map, $with_room, V::$decode, insert)
            }
        }
    };
}

/// Implements the traits of both formats for a map.
macro_rules! in_both_formats {
    ($($map:tt)*) => {
        maps! {
            KeyEncode { encode_key, encoded_key_len, describe_key }, SelfDelimiting,
            KeyDecode { decode_key },
            {
                fn key_cmp(&self, other: &Self) -> Ordering {
                    self.len().cmp(&other.len()).then_with(|| {
                        let (left, right) = (in_order(self.iter()), in_order(other.iter()));
                        entry_by_entry(left, right, KeyEncode::key_cmp)
                    })
                }
            },
            $($map)*
        }

        maps! {
            PayloadEncode { encode_payload, encoded_payload_len, describe_payload },
            SelfDelimitingPayload, PayloadDecode { decode_payload }, {},
            $($map)*
        }
    };
}

in_both_formats! { [] BTreeMap<K, V>, [Ord], |_| Self::new() }

#[cfg(feature = "std")]
in_both_formats! {
    [S] HashMap<K, V, S>, [Eq + Hash, S: BuildHasher + Default],
    |count| Self::with_capacity_and_hasher(count, S::default())
}

fn in_order<'a, K: KeyEncode + 'a, V: 'a, I: Iterator<Item = (&'a K, &'a V)> + Clone>(
    pairs: I,
) -> Ascending<I> {
    ascending(pairs, |left, right| left.0.key_cmp(right.0))
}
