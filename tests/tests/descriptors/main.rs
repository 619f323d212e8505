//! Descriptors: their text form, and which shapes read which rows.

mod changes;
mod described;
mod generated;
mod reading;
mod rows;
mod text;
