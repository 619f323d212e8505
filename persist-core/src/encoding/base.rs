//! Bytes and how they are written and read, without any type's format.

pub(in crate::encoding) mod counted;
pub(in crate::encoding) mod error;
pub(in crate::encoding) mod hex;
pub(in crate::encoding) mod joiner;
pub(in crate::encoding) mod sink;
pub(in crate::encoding) mod small_bytes;
pub(in crate::encoding) mod source;
pub(in crate::encoding) mod tags;
