//! Descriptors: the shapes of types as data, for programs that don't have the types.

pub(in crate::encoding) mod can_read;
pub(in crate::encoding) mod describer;
pub(in crate::encoding) mod opaque_name;
pub(in crate::encoding) mod parse;
pub(in crate::encoding) mod shape;
pub(in crate::encoding) mod text;
