//! Sequences, encoded as a count and the elements. A sequence of `u8` is bytes.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::rc::Rc;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::encoding::base::counted::{entry_by_entry, len_of_len, wrong_count};
use crate::encoding::base::error::DecodeError;
use crate::encoding::base::joiner::Joiner;
use crate::encoding::base::sink::Sink;
use crate::encoding::base::source::Source;
use crate::encoding::descriptor::describer::Describer;
use crate::encoding::descriptor::shape::Descriptor;
use crate::encoding::model::key_traits::{KeyDecode, KeyEncode};
use crate::encoding::model::markers::{OrderPreserving, SelfDelimiting, SelfDelimitingPayload};
use crate::encoding::model::payload_traits::{PayloadDecode, PayloadEncode};

/// Fails the build of code that encodes a sequence or set of elements without bytes, or a map with such keys.
///
/// These compile:
///
/// ```
/// # use std::collections::*;
/// # use persist_core::{KeyEncode, PayloadEncode};
/// vec![7u8; 2].to_key();
/// [7u8; 2].to_key();
/// VecDeque::from([7u8]).to_key();
/// BTreeSet::from([7u8]).to_key();
/// BTreeMap::from([(7u8, 7u8)]).to_key();
/// vec![7u8; 2].to_payload();
/// Box::<[_]>::from([7u8]).to_payload();
/// VecDeque::from([7u8]).to_payload();
/// HashSet::from([7u8]).to_payload();
/// HashMap::from([(7u8, 7u8)]).to_payload();
/// (1u8, vec![7u8]).to_payload();
/// ```
///
/// These don't:
///
/// ```compile_fail
/// # use std::collections::*;
/// # use persist_core::{KeyEncode, PayloadEncode};
/// vec![(); 2].to_key();
/// ```
///
/// ```compile_fail
/// # use std::collections::*;
/// # use persist_core::{KeyEncode, PayloadEncode};
/// [(); 2].to_key();
/// ```
///
/// ```compile_fail
/// # use std::collections::*;
/// # use persist_core::{KeyEncode, PayloadEncode};
/// VecDeque::from([()]).to_key();
/// ```
///
/// ```compile_fail
/// # use std::collections::*;
/// # use persist_core::{KeyEncode, PayloadEncode};
/// BTreeSet::from([()]).to_key();
/// ```
///
/// ```compile_fail
/// # use std::collections::*;
/// # use persist_core::{KeyEncode, PayloadEncode};
/// BTreeMap::from([((), 7u8)]).to_key();
/// ```
///
/// ```compile_fail
/// # use std::collections::*;
/// # use persist_core::{KeyEncode, PayloadEncode};
/// vec![(); 2].to_payload();
/// ```
///
/// ```compile_fail
/// # use std::collections::*;
/// # use persist_core::{KeyEncode, PayloadEncode};
/// Box::<[_]>::from([()]).to_payload();
/// ```
///
/// ```compile_fail
/// # use std::collections::*;
/// # use persist_core::{KeyEncode, PayloadEncode};
/// VecDeque::from([()]).to_payload();
/// ```
///
/// ```compile_fail
/// # use std::collections::*;
/// # use persist_core::{KeyEncode, PayloadEncode};
/// HashSet::from([()]).to_payload();
/// ```
///
/// ```compile_fail
/// # use std::collections::*;
/// # use persist_core::{KeyEncode, PayloadEncode};
/// HashMap::from([((), 7u8)]).to_payload();
/// ```
///
/// ```compile_fail
/// # use std::collections::*;
/// # use persist_core::{KeyEncode, PayloadEncode};
/// (1u8, vec![()]).to_payload();
/// ```
pub(super) const fn refuse_empty(is_empty: bool) {
    assert!(
        !is_empty,
        "elements without bytes can't be counted when they are read back: store their number instead"
    );
}

/// Implements the traits of one format for sequences. Keys and payloads differ only in the traits.
macro_rules! sequences {
    (
        $Encode:ident { $encode:ident, $encoded_len:ident, $encode_elements:ident, $elements_len:ident, $describe:ident, $join:ident },
        $Delimiting:ident,
        $Decode:ident { $decode:ident, $decode_elements:ident, $decode_array:ident },
        { $($cmp:tt)* }, { $($deque_cmp:tt)* }
    ) => {
        impl<T: $Encode + $Delimiting> $Encode for [T] {
            #[inline]
            fn $encode(&self, sink: &mut Sink<'_>) {
                const { refuse_empty(T::IS_EMPTY) };
                sink.write_len(self.len());
                T::$encode_elements(self, sink);
            }

            #[inline]
            fn $join(&self, joiner: &mut Joiner<'_, '_>) {
                const { refuse_empty(T::IS_EMPTY) };
                joiner.write_counted(self.len(), |sink| T::$encode_elements(self, sink));
            }

            #[inline]
            fn $encoded_len(&self) -> usize {
                len_of_len(self.len()) + T::$elements_len(self)
            }

            fn $describe(describer: &mut Describer) -> Descriptor {
                Descriptor::seq(T::$describe(describer))
            }

            $($cmp)*
        }

        impl<T: $Encode + $Delimiting> $Encode for VecDeque<T> {
            #[inline]
            fn $encode(&self, sink: &mut Sink<'_>) {
                const { refuse_empty(T::IS_EMPTY) };
                let (front, back) = self.as_slices();
                sink.write_len(self.len());
                T::$encode_elements(front, sink);
                T::$encode_elements(back, sink);
            }

            #[inline]
            fn $encoded_len(&self) -> usize {
                let (front, back) = self.as_slices();
                len_of_len(self.len()) + T::$elements_len(front) + T::$elements_len(back)
            }

            fn $describe(describer: &mut Describer) -> Descriptor {
                Descriptor::seq(T::$describe(describer))
            }

            $($deque_cmp)*
        }

        impl<T: $Encode + $Delimiting> $Delimiting for [T] {}
        impl<T: $Encode + $Delimiting> $Delimiting for VecDeque<T> {}
        impl<T: $Encode + $Delimiting> $Delimiting for Vec<T> {}
        impl<T: $Encode + $Delimiting, const N: usize> $Delimiting for [T; N] {}

        impl<'de, T: $Decode<'de>> $Decode<'de> for Vec<T> {
            #[inline]
            fn $decode(source: &mut Source<'de>) -> Result<Self, DecodeError> {
                let count = source.length()?;
                T::$decode_elements(source, count)
            }
        }

        impl<'de, T: $Decode<'de>> $Decode<'de> for VecDeque<T> {
            #[inline]
            fn $decode(source: &mut Source<'de>) -> Result<Self, DecodeError> {
                Vec::$decode(source).map(VecDeque::from)
            }
        }

        impl<'de, T: $Decode<'de>> $Decode<'de> for Box<[T]> {
            #[inline]
            fn $decode(source: &mut Source<'de>) -> Result<Self, DecodeError> {
                Vec::$decode(source).map(Vec::into_boxed_slice)
            }
        }

        impl<'de, T: $Decode<'de>> $Decode<'de> for Rc<[T]> {
            #[inline]
            fn $decode(source: &mut Source<'de>) -> Result<Self, DecodeError> {
                Vec::$decode(source).map(Rc::from)
            }
        }

        impl<'de, T: $Decode<'de>> $Decode<'de> for Arc<[T]> {
            #[inline]
            fn $decode(source: &mut Source<'de>) -> Result<Self, DecodeError> {
                Vec::$decode(source).map(Arc::from)
            }
        }

        impl<'de, T: $Decode<'de>, const N: usize> $Decode<'de> for [T; N] {
            #[cfg_attr(debug_assertions, inline)]
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn $decode(source: &mut Source<'de>) -> Result<Self, DecodeError> {
                let at = source.offset();
                let count = source.length()?;
                if count != N {
                    return Err(wrong_count(N, count, at));
                }
                T::$decode_array(source)
            }
        }

        impl<'de: 'a, 'a> $Decode<'de> for &'a [u8] {
            #[inline]
            fn $decode(source: &mut Source<'de>) -> Result<Self, DecodeError> {
                source.borrowed_len_prefixed("as many bytes as the length says")
            }
        }

        impl<'de: 'a, 'a> $Decode<'de> for Cow<'a, [u8]> {
            #[inline]
            fn $decode(source: &mut Source<'de>) -> Result<Self, DecodeError> {
                source.len_prefixed("as many bytes as the length says")
            }
        }
    };
}

/// Implements encoding for types that own a slice, by encoding the slice.
macro_rules! as_slices {
    ($Encode:ident { $encode:ident, $encoded_len:ident, $describe:ident, $join:ident }, $Delimiting:ident, $([$($generics:tt)*] $Owner:ty, { $($cmp:tt)* };)*) => {$(
        impl<T: $Encode + $Delimiting $($generics)*> $Encode for $Owner {
            #[inline]
            fn $encode(&self, sink: &mut Sink<'_>) {
                self.as_slice().$encode(sink);
            }

            #[inline]
            fn $join(&self, joiner: &mut Joiner<'_, '_>) {
                self.as_slice().$join(joiner);
            }

            #[inline]
            fn $encoded_len(&self) -> usize {
                self.as_slice().$encoded_len()
            }

            fn $describe(describer: &mut Describer) -> Descriptor {
                Descriptor::seq(T::$describe(describer))
            }

            $($cmp)*
        }
    )*};
}

sequences! {
    KeyEncode { encode_key, encoded_key_len, __encode_key_elements, __encoded_key_elements_len, describe_key, __join_key },
    SelfDelimiting,
    KeyDecode { decode_key, __decode_key_elements, __decode_key_array },
    {
        #[inline]
        fn key_cmp(&self, other: &Self) -> Ordering {
            self.len().cmp(&other.len()).then_with(|| T::__cmp_key_elements(self, other))
        }
    },
    {
        #[inline]
        fn key_cmp(&self, other: &Self) -> Ordering {
            self.len()
                .cmp(&other.len())
                .then_with(|| entry_by_entry(self.iter(), other.iter(), KeyEncode::key_cmp))
        }
    }
}

sequences! {
    PayloadEncode { encode_payload, encoded_payload_len, __encode_payload_elements, __encoded_payload_elements_len, describe_payload, __join_payload },
    SelfDelimitingPayload,
    PayloadDecode { decode_payload, __decode_payload_elements, __decode_payload_array },
    {}, {}
}

as_slices! {
    KeyEncode { encode_key, encoded_key_len, describe_key, __join_key }, SelfDelimiting,
    [] Vec<T>, { #[inline] fn key_cmp(&self, other: &Self) -> Ordering { self.as_slice().key_cmp(other) } };
    [, const N: usize] [T; N], { #[inline] fn key_cmp(&self, other: &Self) -> Ordering { self.as_slice().key_cmp(other) } };
}

as_slices! {
    PayloadEncode { encode_payload, encoded_payload_len, describe_payload, __join_payload }, SelfDelimitingPayload,
    [] Vec<T>, {};
    [, const N: usize] [T; N], {};
}

// All arrays of a type have the same length, so they sort by their elements, like their `Ord`.
impl<T: OrderPreserving + SelfDelimiting, const N: usize> OrderPreserving for [T; N] {}
