//! Code that the families of reliability tests share: the numbers of cases, the seeds, the workloads and the child
//! processes.
//!
//! Each file and directory below `tests/` is a family. Each has a short form, which `cargo test` runs, and a long form,
//! whose number of cases is set by an environment variable; `docs/reliability.md` lists them.

mod batches;
mod cases;
mod children;
mod files;
mod killed;
mod log;
mod numbers;
mod workload;

pub use batches::{BATCHES, Batch, fill, rows_of_batches};
pub use cases::{cases, seeds};
pub use children::{child, child_argument, child_in_shell, child_of_program, run};
pub use files::{assert_sound, names};
pub use killed::{Killed, sqlite};
pub use log::{OnEvent, fields_of};
pub use numbers::{begin_numbers, last_number};
pub use workload::{Rows, Step, Submitted, Workload, rows_of};
