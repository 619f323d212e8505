//! Keys and payloads: the types that hold their bytes, the traits of values that become keys and payloads, markers, and codecs.

pub(in crate::encoding) mod codec;
pub(in crate::encoding) mod impl_macros;
pub(in crate::encoding) mod key;
pub(in crate::encoding) mod key_range;
pub(in crate::encoding) mod key_ref;
pub(in crate::encoding) mod key_traits;
pub(in crate::encoding) mod markers;
pub(in crate::encoding) mod payload;
pub(in crate::encoding) mod payload_traits;
