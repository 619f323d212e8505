//! Wrappers of one value that encode it in another order or form, and pointers.

pub(in crate::encoding) mod fixed;
pub(in crate::encoding) mod pointers;
pub(in crate::encoding) mod reverse;
pub(in crate::encoding) mod shortlex;
