//! `Lex<T>`: text, bytes and sequences in the order of their `Ord`.

pub(in crate::encoding) mod decode;
pub(in crate::encoding) mod encode;
pub(in crate::encoding) mod escape;
pub(in crate::encoding) mod traits;
pub(in crate::encoding) mod wrapper;
pub(in crate::encoding) mod zeros;
