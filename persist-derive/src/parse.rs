//! The item, its attributes and its tags, read from tokens.

pub(crate) mod attributes;
pub(crate) mod field_attributes;
pub(crate) mod format;
pub(crate) mod input;
pub(crate) mod item;
pub(crate) mod lint;
pub(crate) mod names;
pub(crate) mod repr;
pub(crate) mod span;
pub(crate) mod tags;
pub(crate) mod variant_tag;
