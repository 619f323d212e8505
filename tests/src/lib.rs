//! Code that the tests share.
#![allow(clippy::missing_panics_doc, clippy::missing_errors_doc)] // Test code panics if a check fails.
pub mod adversarial;
pub mod fuzzing;
pub mod laws;
pub mod properties;
pub mod scripted;
#[cfg(test)]
mod test_files;

pub use persist_conformance::{runtime, watchdog};
