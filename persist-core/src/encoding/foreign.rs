//! Types of other crates. Each crate is a feature of the same name.

#[cfg(feature = "bytes")]
pub(in crate::encoding) mod bytes;
#[cfg(feature = "chrono")]
pub(in crate::encoding) mod chrono;
#[cfg(feature = "jiff")]
pub(in crate::encoding) mod jiff;
#[cfg(feature = "serde")]
pub(in crate::encoding) mod serde;
#[cfg(feature = "uuid")]
pub(in crate::encoding) mod uuid;
