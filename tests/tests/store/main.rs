//! The store engine over its backends: the queue, the worker, tickets, reads and shutdown.
//!
//! The behavior that every backend shares is in the test binary `conformance`. The tests of one file run with
//! `cargo test -p persist-tests --test store -- engine::`.

mod async_use;
mod cancelled;
mod closed_ids;
mod concurrency;
mod deadlines;
mod declared_limits;
mod dropped_values;
mod ends;
mod engine;
mod extremes;
mod fuzz_corpus;
mod helping;
mod hostile_wakers;
mod model;
mod no_maintenance;
mod overlays;
mod pages;
mod pending_reads;
mod planned;
mod pressure;
mod send_sync;
mod started_reads;
mod submission;
