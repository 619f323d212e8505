//! The measurements that don't depend on an engine.
//!
//! Two programs use them: `persist-bench`, and the program of the engines with another SQLite.

pub mod answers;
pub mod child;
pub mod data;
pub mod engine;
pub mod fill;
pub mod fsync;
pub mod line;
pub mod rate;
pub mod samples;
pub mod sql;
pub mod stage;
pub mod tasks;
pub mod work;
