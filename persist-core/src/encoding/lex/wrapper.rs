//! The wrapper `Lex` and the codec of the attribute `lex`.

use core::cmp::Ordering;

use super::traits::{LexDecode, LexEncode, LexOrdered};
use crate::encoding::base::error::DecodeError;
use crate::encoding::base::sink::Sink;
use crate::encoding::base::source::Source;
use crate::encoding::descriptor::describer::Describer;
use crate::encoding::descriptor::shape::Descriptor;
use crate::encoding::model::codec::{DecodeWith, EncodeWith, SelfDelimitingWith};
use crate::encoding::model::impl_macros::same_in_payloads;
use crate::encoding::model::key::Key;
use crate::encoding::model::key_traits::{KeyDecode, KeyEncode};
use crate::encoding::model::markers::{OrderPreserving, SelfDelimiting, StoreKey};

/// Text, bytes or a sequence that sorts like its `Ord`: "a" before "aa" before "b".
///
/// Without `Lex`, the encoding begins with the length, so shorter values sort first. With `Lex`, text and bytes end with
/// `00 01`, and zeros in them are escaped as `00 FF`. In a sequence, each element is preceded by `01`, and the sequence ends
/// with `00`. The attribute `lex` has the same effect on a field.
///
/// ```
/// use persist_core::{KeyEncode, Lex};
///
/// assert!(Lex("aa").to_key() < Lex("b").to_key());
/// assert!("aa".to_key() > "b".to_key());
/// assert_eq!(Lex("a\0").to_key().as_bytes(), [b'a', 0, 0xFF, 0, 1]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lex<T>(pub T);

impl<T: LexEncode> Lex<T> {
    /// Returns the common prefix of the keys of all values that start with `beginning`, for a prefix scan.
    ///
    /// Without `Lex` there is no such prefix, since the encoding begins with the length.
    ///
    /// ```
    /// use persist_core::{KeyEncode, Lex, key};
    ///
    /// let channels = key!(7u64, Lex::prefix("chan"));
    /// let key = (7u64, Lex("channel-42")).to_key();
    /// assert!(key.as_bytes().starts_with(channels.as_bytes()));
    /// assert!(channels.prefix_range().contains(&key));
    /// ```
    pub fn prefix(beginning: T) -> Key {
        let mut key = Key::new();
        beginning.encode_lex_beginning(&mut Sink::key(&mut key));
        key
    }
}

impl<T> From<T> for Lex<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

/// The codec of the attribute `lex`.
#[derive(Debug)]
pub struct Lexed;

impl<T: LexEncode + ?Sized> EncodeWith<T> for Lexed {
    #[inline]
    fn encode(value: &T, sink: &mut Sink<'_>) {
        value.encode_lex(sink);
    }

    #[inline]
    fn encoded_len(value: &T) -> usize {
        value.encoded_lex_len()
    }

    #[inline]
    fn cmp(left: &T, right: &T) -> Ordering {
        left.lex_cmp(right)
    }

    fn describe(describer: &mut Describer) -> Descriptor {
        T::describe_lex(describer)
    }
}

impl<'de, T: LexDecode<'de>> DecodeWith<'de, T> for Lexed {
    #[inline]
    fn decode(source: &mut Source<'de>) -> Result<T, DecodeError> {
        T::decode_lex(source)
    }
}

impl<T: LexEncode + ?Sized> SelfDelimitingWith<T> for Lexed {}

impl<T: LexEncode> KeyEncode for Lex<T> {
    #[inline]
    fn encode_key(&self, sink: &mut Sink<'_>) {
        self.0.encode_lex(sink);
    }

    #[inline]
    fn encoded_key_len(&self) -> usize {
        self.0.encoded_lex_len()
    }

    #[inline]
    fn key_cmp(&self, other: &Self) -> Ordering {
        self.0.lex_cmp(&other.0)
    }

    fn describe_key(describer: &mut Describer) -> Descriptor {
        T::describe_lex(describer)
    }
}

impl<'de, T: LexDecode<'de>> KeyDecode<'de> for Lex<T> {
    #[inline]
    fn decode_key(source: &mut Source<'de>) -> Result<Self, DecodeError> {
        T::decode_lex(source).map(Self)
    }
}

same_in_payloads! { [T] Lex<T>; }
impl<T: LexEncode> SelfDelimiting for Lex<T> {}
impl<T: LexEncode> StoreKey for Lex<T> {}
impl<T: LexOrdered> OrderPreserving for Lex<T> {}
