//! `cmp::Ordering`, encoded as an enum with the variants `Less` = -1, `Equal` = 0 and `Greater` = 1.

use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::encoding::base::error::DecodeError;
use crate::encoding::base::source::Source;
use crate::encoding::base::tags::unknown_tag;
use crate::encoding::descriptor::shape::{Descriptor, VariantDescriptor};
use crate::encoding::model::impl_macros::fixed_width;
use crate::encoding::model::key_traits::KeyDecode;
use crate::encoding::model::markers::OrderPreserving;

fixed_width! {
    Ordering, describe(), Ord::cmp,
        |value| (tag(value) ^ i64::MIN).to_be_bytes(),
        |source| decode(source);
}

impl OrderPreserving for Ordering {}

const fn tag(ordering: Ordering) -> i64 {
    match ordering {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }
}

fn decode(source: &mut Source<'_>) -> Result<Ordering, DecodeError> {
    let at = source.offset();
    match i64::decode_key(source)? {
        -1 => Ok(Ordering::Less),
        0 => Ok(Ordering::Equal),
        1 => Ok(Ordering::Greater),
        other => Err(unknown_tag("Ordering", other, at)),
    }
}

fn describe() -> Descriptor {
    let all =
        [("Less", Ordering::Less), ("Equal", Ordering::Equal), ("Greater", Ordering::Greater)];
    let variant = |(name, value): (&str, Ordering)| VariantDescriptor {
        name: name.into(),
        tag: tag(value),
        fields: Vec::new(),
    };
    Descriptor::Enum { name: "Ordering".into(), variants: all.into_iter().map(variant).collect() }
}
