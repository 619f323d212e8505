//! `Infallible`, an enum without variants. Decoding it always fails.

use alloc::vec::Vec;
use core::cmp::Ordering;
use core::convert::Infallible;

use crate::encoding::base::error::DecodeError;
use crate::encoding::base::sink::Sink;
use crate::encoding::base::source::Source;
use crate::encoding::base::tags::unknown_tag;
use crate::encoding::descriptor::describer::Describer;
use crate::encoding::descriptor::shape::Descriptor;
use crate::encoding::model::impl_macros::same_in_payloads;
use crate::encoding::model::key_traits::{KeyDecode, KeyEncode};
use crate::encoding::model::markers::{OrderPreserving, SelfDelimiting, StoreKey};

impl KeyEncode for Infallible {
    fn encode_key(&self, _: &mut Sink<'_>) {
        match *self {}
    }

    fn encoded_key_len(&self) -> usize {
        match *self {}
    }

    fn key_cmp(&self, _: &Self) -> Ordering {
        match *self {}
    }

    fn describe_key(_: &mut Describer) -> Descriptor {
        Descriptor::Enum { name: "Infallible".into(), variants: Vec::new() }
    }
}

impl<'de> KeyDecode<'de> for Infallible {
    fn decode_key(source: &mut Source<'de>) -> Result<Self, DecodeError> {
        let at = source.offset();
        let tag = i64::decode_key(source)?;
        Err(unknown_tag("Infallible", tag, at))
    }
}

same_in_payloads! { [] Infallible; }
impl SelfDelimiting for Infallible {}
impl StoreKey for Infallible {}
impl OrderPreserving for Infallible {}
