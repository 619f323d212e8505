//! Descriptors: their text form, and which shapes can read which rows.

mod changes;
mod described;
mod edits;
mod generated;
mod model;
mod reading;
mod rows;
mod text;

/// The cases that have failed, which every property test of descriptors tries first.
const REGRESSIONS: &str = "proptest-regressions/descriptors.txt";
