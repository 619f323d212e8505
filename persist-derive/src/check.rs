//! Mistakes that can be seen without knowing types.

pub(crate) mod input;
pub(crate) mod static_borrows;
