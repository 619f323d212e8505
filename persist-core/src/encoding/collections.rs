//! Sequences, sets and maps.

pub(in crate::encoding) mod ascending;
pub(in crate::encoding) mod maps;
pub(in crate::encoding) mod sequences;
pub(in crate::encoding) mod sets;
