//! The life of a store within one process: its limits at their extremes, callers' values that panic when they are dropped, and
//! ids that are no longer in use.

mod closed_ids;
mod dropped_values;
mod extremes;
