//! The guide: a tutorial, instructions for common tasks, and the background that helps to use the store well.
//!
//! Start with the [tutorial], which builds a message store in eight steps. The other pages can be read in any order:
//!
//! | To learn | Read |
//! |---|---|
//! | which thread does what, and which calls block | [threads] |
//! | how to use the store in async programs, for example with tokio | [async_programs] |
//! | what happens if writes arrive faster than the disk takes them | [backpressure] |
//! | how to stop a program without losing writes | [shutdown] |
//! | which writes survive a crash or a power cut | [durability] |
//! | how to copy a job that is in use, and how to replace one by a copy | [backup] |
//! | how to serve thousands of tenants | [many_tenants] |
//! | how to change a type whose rows are already stored | [schema_changes] |
//! | how to test your program without files | [testing] |
//! | how to find and remove a bottleneck | [tuning] |
//! | which bytes are written for which value | [encoding] |
//!
//! The programs of these pages are compiled and run with every change of persist. They use
//! [persist-sqlite](https://docs.rs/persist-sqlite), whose page describes the files of a job.

/// A message store in eight steps.
#[doc = include_str!("guide/tutorial.md")]
pub mod tutorial {}

/// The threads of a store, and the calls that block.
#[doc = ""]
#[doc = include_str!("guide/pictures/put.svg")]
#[doc = ""]
#[doc = include_str!("guide/pictures/read.svg")]
#[doc = ""]
#[doc = include_str!("guide/threads.md")]
pub mod threads {}

/// Async programs: requests as futures, tokio, cancellation and streams.
#[doc = include_str!("guide/async_programs.md")]
pub mod async_programs {}

/// Backpressure: the limits of the queues, and the four ways to write while a queue is full.
#[doc = include_str!("guide/backpressure.md")]
pub mod backpressure {}

/// Shutdown: closing a store, the end of `main`, panics, and signals such as `SIGTERM`.
#[doc = include_str!("guide/shutdown.md")]
pub mod shutdown {}

/// Durability: which writes survive a crash of the process, and which a power cut.
#[doc = ""]
#[doc = include_str!("guide/pictures/group_commit.svg")]
#[doc = ""]
#[doc = include_str!("guide/durability.md")]
pub mod durability {}

/// Backup and restore of jobs.
#[doc = include_str!("guide/backup.md")]
pub mod backup {}

/// Many tenants: one job for each, and the cost of an open job.
#[doc = ""]
#[doc = include_str!("guide/pictures/job_life.svg")]
#[doc = ""]
#[doc = include_str!("guide/many_tenants.md")]
pub mod many_tenants {}

/// Schema changes: new versions of a type whose rows are already stored.
#[doc = include_str!("guide/schema_changes.md")]
pub mod schema_changes {}

/// Testing your program with `Memory`, and testing your own key types.
#[doc = include_str!("guide/testing.md")]
pub mod testing {}

/// Tuning: the settings that matter for speed, and how to measure.
#[doc = include_str!("guide/tuning.md")]
pub mod tuning {}

/// The wire format.
#[doc = include_str!("guide/encoding.md")]
pub mod encoding {}
