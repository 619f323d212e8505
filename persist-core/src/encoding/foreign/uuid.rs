//! `Uuid` of the crate `uuid`, encoded as its 16 bytes.

use ::uuid::Uuid;

use crate::encoding::descriptor::shape::Descriptor;
use crate::encoding::model::impl_macros::fixed_width;
use crate::encoding::model::markers::OrderPreserving;

fixed_width! {
    Uuid, Descriptor::Uuid, Ord::cmp, |value| value.into_bytes(),
        |source| Ok(Self::from_bytes(source.array("a UUID")?));
}

impl OrderPreserving for Uuid {}
