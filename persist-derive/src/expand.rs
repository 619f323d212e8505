//! The code that the derives generate.

pub(crate) mod compare;
pub(crate) mod decode;
pub(crate) mod delimiting;
pub(crate) mod describe;
pub(crate) mod encode;
pub(crate) mod field;
pub(crate) mod field_checks;
pub(crate) mod generics;
pub(crate) mod key_fields;
pub(crate) mod order;
pub(crate) mod patterns;
pub(crate) mod tags;
