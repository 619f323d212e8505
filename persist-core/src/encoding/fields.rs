//! The fields of a key type: which values stand for a field, and the spans of prefixes and ranges.

pub(crate) mod argument;
pub(crate) mod field;
pub(crate) mod prefix;
pub(crate) mod range;
