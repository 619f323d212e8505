//! The derives of persist-core.
