//! Notes on differences that don't prevent reading.

use alloc::format;
use alloc::string::String;

use super::place::{Place, Places};
use crate::encoding::descriptor::shape::Descriptor;

/// A note on a difference. It is put into words when the comparison reaches it, so a comparison that fails earlier doesn't do
/// that work.
pub(super) enum Note<'d> {
    /// The names of two types.
    Types(&'d str, &'d str),
    /// The names of two fields, the stored one first.
    Fields(Place, Place),
    /// The paths to two fields that are nested at different depths.
    Ways(Place, Place),
    Variants(Place, &'d str),
    Widened(Place, &'d Descriptor, &'d Descriptor),
    MayBeMissing(Place),
    NewField(Place),
    NewVariant(Place, i64),
}

impl Note<'_> {
    pub(super) fn in_words(&self, places: &Places<'_>) -> String {
        match self {
            Self::Types(stored, current) => {
                format!("names differ: type {stored} is now {current}")
            }
            Self::Fields(stored, current) => {
                let name = places.field_name(*current).unwrap_or_default();
                format!("names differ: field {} is now {name}", places.show(*stored))
            }
            Self::Ways(stored, current) => {
                let (stored, current) = (places.show(*stored), places.show(*current));
                format!("names differ: field {stored} is now {current}")
            }
            Self::Variants(place, name) => {
                format!("names differ: variant {} is now {name}", places.show(*place))
            }
            Self::Widened(place, stored, current) => {
                format!("{} was widened from {stored} to {current}", places.show(*place))
            }
            Self::MayBeMissing(place) => {
                format!("{} may be missing now, and then has its default", places.show(*place))
            }
            Self::NewField(place) => {
                format!("{} is new: rows from before have its default", places.show(*place))
            }
            Self::NewVariant(place, tag) => {
                format!("{} is a new variant, with tag {tag}", places.show(*place))
            }
        }
    }
}
