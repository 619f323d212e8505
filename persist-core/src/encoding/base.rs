//! Writing and reading bytes, and the parts of the format that many types share.

pub(in crate::encoding) mod counted;
pub(in crate::encoding) mod error;
pub(in crate::encoding) mod hex;
pub(in crate::encoding) mod joiner;
pub(in crate::encoding) mod sink;
pub(in crate::encoding) mod small_bytes;
pub(in crate::encoding) mod source;
pub(in crate::encoding) mod tags;
