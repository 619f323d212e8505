//! The types that `Lex` can decode.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::escape::{count_zeros, decode_escaped};
use super::traits::LexDecode;
use crate::encoding::base::counted::into_array;
use crate::encoding::base::error::DecodeError;
use crate::encoding::base::source::Source;
use crate::encoding::base::tags::decode_is_some;
use crate::encoding::model::key_traits::KeyDecode;

impl<'de, T: KeyDecode<'de>> LexDecode<'de> for Vec<T> {
    #[inline]
    fn decode_lex(source: &mut Source<'de>) -> Result<Self, DecodeError> {
        T::__decode_lex_elements(source)
    }
}

impl<'de: 'a, 'a> LexDecode<'de> for Cow<'a, [u8]> {
    #[inline]
    fn decode_lex(source: &mut Source<'de>) -> Result<Self, DecodeError> {
        decode_escaped(source)
    }
}

impl<'de: 'a, 'a> LexDecode<'de> for Cow<'a, str> {
    fn decode_lex(source: &mut Source<'de>) -> Result<Self, DecodeError> {
        let start = source.offset();
        let not_text = |error: core::str::Utf8Error, bytes: &[u8]| {
            let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
            // In the input, each zero before the invalid byte takes two bytes.
            let zeros = count_zeros(valid);
            DecodeError::new("UTF-8 text", "other bytes", start + valid.len() + zeros)
        };
        match decode_escaped(source)? {
            Cow::Borrowed(bytes) => core::str::from_utf8(bytes)
                .map(Cow::Borrowed)
                .map_err(|error| not_text(error, bytes)),
            Cow::Owned(bytes) => String::from_utf8(bytes)
                .map(Cow::Owned)
                .map_err(|error| not_text(error.utf8_error(), error.as_bytes())),
        }
    }
}

impl<'de, T: LexDecode<'de>> LexDecode<'de> for Option<T> {
    fn decode_lex(source: &mut Source<'de>) -> Result<Self, DecodeError> {
        if decode_is_some(source)? { T::decode_lex(source).map(Some) } else { Ok(None) }
    }
}

impl<'de, T: KeyDecode<'de>, const N: usize> LexDecode<'de> for [T; N] {
    fn decode_lex(source: &mut Source<'de>) -> Result<Self, DecodeError> {
        let at = source.offset();
        let elements: Vec<T> = Vec::decode_lex(source)?;
        into_array(elements, at)
    }
}

/// Implements `LexDecode` for types by decoding another type and converting it.
macro_rules! read_as {
    ($([$($generics:tt)*] $Owner:ty, $Read:ty, $from:expr;)*) => {$(
        impl<'de, $($generics)*> LexDecode<'de> for $Owner {
            #[inline]
            fn decode_lex(source: &mut Source<'de>) -> Result<Self, DecodeError> {
                <$Read>::decode_lex(source).map($from)
            }
        }
    )*};
}

read_as! {
    [] String, Cow<'de, str>, Cow::into_owned;
    [] Box<str>, String, String::into_boxed_str;
    [] Rc<str>, Cow<'de, str>, Rc::from;
    [] Arc<str>, Cow<'de, str>, Arc::from;
    [T: KeyDecode<'de>] VecDeque<T>, Vec<T>, Self::from;
    [T: KeyDecode<'de>] Box<[T]>, Vec<T>, Vec::into_boxed_slice;
    [T: KeyDecode<'de>] Rc<[T]>, Vec<T>, Rc::from;
    [T: KeyDecode<'de>] Arc<[T]>, Vec<T>, Arc::from;
    [T: LexDecode<'de>] Box<T>, T, Box::new;
    [T: LexDecode<'de>] Rc<T>, T, Rc::new;
    [T: LexDecode<'de>] Arc<T>, T, Arc::new;
}

#[cfg(feature = "bytes")]
pub(in crate::encoding) use read_as;
