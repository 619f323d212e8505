//! Code that the tests share.
#![allow(clippy::missing_panics_doc, clippy::missing_errors_doc)] // Test code panics if a check fails.
pub mod adversarial;
pub mod fuzzing;
#[cfg(any(test, doctest))]
mod guide;
pub mod laws;
pub mod properties;
pub mod runtime;
pub mod scripted;
#[cfg(test)]
mod test_files;
pub mod watchdog;
