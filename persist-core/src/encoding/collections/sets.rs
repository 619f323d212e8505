//! Sets, encoded as a count and the elements in ascending order of their bytes.
//!
//! The elements are encoded as keys even in payloads, since their order is defined by their keys' bytes.

use alloc::collections::BTreeSet;
use core::cmp::Ordering;
#[cfg(feature = "std")]
use core::hash::{BuildHasher, Hash};
#[cfg(feature = "std")]
use std::collections::HashSet;

use super::ascending::{Ascending, Kind, ascending, decode_ascending};
use super::sequences::refuse_empty;
use crate::encoding::base::counted::{entry_by_entry, len_of_len};
use crate::encoding::base::error::DecodeError;
use crate::encoding::base::sink::Sink;
use crate::encoding::base::source::Source;
use crate::encoding::descriptor::describer::Describer;
use crate::encoding::descriptor::shape::Descriptor;
use crate::encoding::model::impl_macros::same_in_payloads;
use crate::encoding::model::key_traits::{KeyDecode, KeyEncode};
use crate::encoding::model::markers::SelfDelimiting;

macro_rules! sets {
    ([$($hasher:ident)?] $Set:ty, [$($bounds:tt)*], $with_room:expr) => {
        impl<T: SelfDelimiting $(, $hasher)?> KeyEncode for $Set {
            fn encode_key(&self, sink: &mut Sink<'_>) {
                const { refuse_empty(T::IS_EMPTY) };
                sink.write_len(self.len());
                for element in in_order(self.iter()) {
                    element.encode_key(sink);
                }
            }

            fn encoded_key_len(&self) -> usize {
                len_of_len(self.len()) + self.iter().map(KeyEncode::encoded_key_len).sum::<usize>()
            }

            fn key_cmp(&self, other: &Self) -> Ordering {
                self.len().cmp(&other.len()).then_with(|| {
                    let (left, right) = (in_order(self.iter()), in_order(other.iter()));
                    entry_by_entry(left, right, KeyEncode::key_cmp)
                })
            }

            fn describe_key(describer: &mut Describer) -> Descriptor {
                Descriptor::Set(T::describe_key(describer).into())
            }
        }

        impl<'de, T: KeyDecode<'de> + $($bounds)*> KeyDecode<'de> for $Set {
            fn decode_key(source: &mut Source<'de>) -> Result<Self, DecodeError> {
                let insert = |set: &mut Self, element, ()| set.insert(element);
                decode_ascending(source, Kind::Set, $with_room, |_| Ok(()), insert)
            }
        }

        same_in_payloads! { [T $(, $hasher)?] $Set; }
        impl<T: SelfDelimiting $(, $hasher)?> SelfDelimiting for $Set {}
    };
}

sets! { [] BTreeSet<T>, [Ord], |_| Self::new() }

#[cfg(feature = "std")]
sets! {
    [S] HashSet<T, S>, [Eq + Hash, S: BuildHasher + Default],
    |count| Self::with_capacity_and_hasher(count, S::default())
}

fn in_order<'a, T: KeyEncode + 'a, I: Iterator<Item = &'a T> + Clone>(elements: I) -> Ascending<I> {
    ascending(elements, KeyEncode::key_cmp)
}
