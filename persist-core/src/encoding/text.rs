//! Text, encoded as its length in bytes and its UTF-8.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::sync::Arc;
use core::cmp::Ordering;
use core::str::Utf8Error;

use crate::encoding::base::counted::len_of_len;
use crate::encoding::base::error::DecodeError;
use crate::encoding::base::joiner::Joiner;
use crate::encoding::base::sink::Sink;
use crate::encoding::base::source::Source;
use crate::encoding::descriptor::describer::Describer;
use crate::encoding::descriptor::shape::Descriptor;
use crate::encoding::model::impl_macros::encoded_as_in_keys;
use crate::encoding::model::key_traits::{KeyDecode, KeyEncode};
use crate::encoding::model::markers::{SelfDelimiting, StoreKey};
use crate::encoding::model::payload_traits::PayloadDecode;

impl KeyEncode for str {
    #[inline]
    fn encode_key(&self, sink: &mut Sink<'_>) {
        sink.write_len(self.len());
        sink.write(self.as_bytes());
    }

    #[inline]
    fn __join_key(&self, joiner: &mut Joiner<'_, '_>) {
        joiner.write_counted(self.len(), |sink| sink.write(self.as_bytes()));
    }

    #[inline]
    fn encoded_key_len(&self) -> usize {
        len_of_len(self.len()) + self.len()
    }

    #[inline]
    fn key_cmp(&self, other: &Self) -> Ordering {
        self.len().cmp(&other.len()).then_with(|| self.cmp(other))
    }

    fn describe_key(_: &mut Describer) -> Descriptor {
        Descriptor::Str
    }
}

impl KeyEncode for String {
    #[inline]
    fn encode_key(&self, sink: &mut Sink<'_>) {
        self.as_str().encode_key(sink);
    }

    #[inline]
    fn __join_key(&self, joiner: &mut Joiner<'_, '_>) {
        self.as_str().__join_key(joiner);
    }

    #[inline]
    fn encoded_key_len(&self) -> usize {
        self.as_str().encoded_key_len()
    }

    #[inline]
    fn key_cmp(&self, other: &Self) -> Ordering {
        self.as_str().key_cmp(other)
    }

    fn describe_key(_: &mut Describer) -> Descriptor {
        Descriptor::Str
    }
}

encoded_as_in_keys! { [] str; [] String; }

impl SelfDelimiting for str {}
impl SelfDelimiting for String {}
impl StoreKey for str {}
impl StoreKey for String {}

/// Implements both decoding traits for a type of text.
macro_rules! read_as_text {
    ($([$($lifetime:tt)*] $Text:ty, $decode:expr;)*) => {$(
        impl<'de $($lifetime)*> KeyDecode<'de> for $Text {
            #[cfg_attr(debug_assertions, inline)]
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn decode_key(source: &mut Source<'de>) -> Result<Self, DecodeError> {
                $decode(source)
            }
        }

        impl<'de $($lifetime)*> PayloadDecode<'de> for $Text {
            #[cfg_attr(debug_assertions, inline)]
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn decode_payload(source: &mut Source<'de>) -> Result<Self, DecodeError> {
                $decode(source)
            }
        }
    )*};
}

read_as_text! {
    [: 'a, 'a] &'a str, decode_borrowed;
    [: 'a, 'a] Cow<'a, str>, decode_text;
    [] String, decode_owned;
    [] Box<str>, decode_owned;
    [] Rc<str>, decode_owned;
    [] Arc<str>, decode_owned;
}

const WHAT: &str = "as much text as the length says";

#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
fn decode_borrowed<'de>(source: &mut Source<'de>) -> Result<&'de str, DecodeError> {
    let bytes = source.borrowed_len_prefixed(WHAT)?;
    match core::str::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(error) => Err(not_utf8(error, source.offset() - bytes.len())),
    }
}

#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
fn decode_owned<T: for<'t> From<&'t str>>(source: &mut Source<'_>) -> Result<T, DecodeError> {
    if source.is_flipped() {
        return decode_flipped(source).map(|text| T::from(&text));
    }
    decode_borrowed(source).map(T::from)
}

fn decode_text<'de>(source: &mut Source<'de>) -> Result<Cow<'de, str>, DecodeError> {
    if source.is_flipped() {
        return decode_flipped(source).map(Cow::Owned);
    }
    decode_borrowed(source).map(Cow::Borrowed)
}

#[cold]
fn decode_flipped(source: &mut Source<'_>) -> Result<String, DecodeError> {
    let bytes = source.len_prefixed(WHAT)?.into_owned();
    let start = source.offset() - bytes.len();
    String::from_utf8(bytes).map_err(|error| not_utf8(error.utf8_error(), start))
}

#[cold]
fn not_utf8(error: Utf8Error, start: usize) -> DecodeError {
    DecodeError::new("UTF-8 text", "other bytes", start + error.valid_up_to())
}
