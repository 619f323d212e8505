//! Text: its length in bytes, then its UTF-8.

use alloc::borrow::{Cow, ToOwned};
use alloc::boxed::Box;
use alloc::string::String;
use core::cmp::Ordering;

use super::sink::len_of_len;
use super::{
    DecodeError, KeyDecode, KeyEncode, PayloadDecode, PayloadEncode, SelfDelimiting,
    SelfDelimitingPayload, Sink, Source, StoreKey,
};

impl KeyEncode for str {
    #[inline]
    fn encode_key(&self, sink: &mut Sink<'_>) {
        sink.write_len(self.len());
        sink.write(self.as_bytes());
    }

    #[inline]
    fn encoded_key_len(&self) -> usize {
        len_of_len(self.len()) + self.len()
    }

    #[inline]
    fn key_cmp(&self, other: &Self) -> Ordering {
        self.len().cmp(&other.len()).then_with(|| self.cmp(other))
    }
}

impl KeyEncode for String {
    #[inline]
    fn encode_key(&self, sink: &mut Sink<'_>) {
        self.as_str().encode_key(sink);
    }

    #[inline]
    fn encoded_key_len(&self) -> usize {
        self.as_str().encoded_key_len()
    }

    #[inline]
    fn key_cmp(&self, other: &Self) -> Ordering {
        self.as_str().key_cmp(other)
    }
}

macro_rules! same_in_payloads {
    ($($Text:ty)*) => {$(
        impl PayloadEncode for $Text {
            #[inline]
            fn encode_payload(&self, sink: &mut Sink<'_>) {
                self.encode_key(sink);
            }

            #[inline]
            fn encoded_payload_len(&self) -> usize {
                self.encoded_key_len()
            }
        }

        impl SelfDelimiting for $Text {}
        impl SelfDelimitingPayload for $Text {}
        impl StoreKey for $Text {}
    )*};
}

same_in_payloads!(str String);

/// Text of each owner is read as borrowed text is, and then taken.
macro_rules! read_as_text {
    ($([$($lifetime:tt)*] $Text:ty, $from:expr;)*) => {$(
        impl<'de $($lifetime)*> KeyDecode<'de> for $Text {
            #[inline]
            fn decode_key(source: &mut Source<'de>) -> Result<Self, DecodeError> {
                decode_str(source).map($from)
            }
        }

        impl<'de $($lifetime)*> PayloadDecode<'de> for $Text {
            #[inline]
            fn decode_payload(source: &mut Source<'de>) -> Result<Self, DecodeError> {
                decode_str(source).map($from)
            }
        }
    )*};
}

read_as_text! {
    [: 'a, 'a] &'a str, |text| text;
    [] String, str::to_owned;
    [] Box<str>, Box::from;
    [: 'a, 'a] Cow<'a, str>, Cow::Borrowed;
}

#[inline]
fn decode_str<'de>(source: &mut Source<'de>) -> Result<&'de str, DecodeError> {
    let bytes = source.len_prefixed("as much text as the length says")?;
    core::str::from_utf8(bytes).map_err(|error| {
        let at = source.offset() - bytes.len() + error.valid_up_to();
        DecodeError::new("UTF-8 text", "other bytes", at)
    })
}
