//! Tuples, and structs and enums of the standard library.

pub(in crate::encoding) mod infallible;
pub(in crate::encoding) mod option;
pub(in crate::encoding) mod ordering;
pub(in crate::encoding) mod ranges;
pub(in crate::encoding) mod result;
pub(in crate::encoding) mod tuples;
