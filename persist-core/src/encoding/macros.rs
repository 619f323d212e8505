//! The macros `key!` and `payload!`, and items that the code of derives uses.

pub(in crate::encoding) mod bare_integer;
pub(in crate::encoding) mod frame;
pub(in crate::encoding) mod join;
pub(in crate::encoding) mod probe;
pub(in crate::encoding) mod tag_checks;
