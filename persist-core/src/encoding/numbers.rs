//! Numbers, `bool` and `char`.

pub(in crate::encoding) mod byte;
pub(in crate::encoding) mod primitives;
pub(in crate::encoding) mod total;
pub(in crate::encoding) mod wrapping;
