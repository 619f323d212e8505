//! What is measured, and how, whatever the engine.
//!
//! Two programs have need of it: `persist-bench`, and that of the engines which bring another SQLite.

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
