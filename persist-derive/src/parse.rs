//! The item that a derive is put on: its attributes, fields, variants and tags, read from tokens.

pub(crate) mod attributes;
pub(crate) mod errors;
pub(crate) mod field_attributes;
pub(crate) mod format;
pub(crate) mod input;
pub(crate) mod item;
pub(crate) mod lint;
pub(crate) mod names;
pub(crate) mod repr;
pub(crate) mod span;
pub(crate) mod tags;
pub(crate) mod type_attributes;
pub(crate) mod types;
pub(crate) mod variant_tag;
