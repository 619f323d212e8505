//! The macro `sort_order_tests!` and the laws of keys that it tests.

pub mod laws;
pub(in crate::encoding) mod sort_order;
