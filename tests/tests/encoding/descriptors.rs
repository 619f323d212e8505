//! Descriptors: their text form, and which shapes read which rows.

mod changes;
mod described;
mod edits;
mod generated;
mod model;
mod reading;
mod rows;
mod text;
