//! What the families of reliability tests share: how many cases each tries, the seeds of a run, and what a sound file is.
//!
//! Each file below `tests/` is a family. All have a short form, which is what `cargo test` runs, and a long one, for
//! which a variable of the environment says how many cases there are: `docs/reliability.md` lists them.

mod batches;
mod cases;
mod children;
mod files;
mod killed;
mod log;
mod workload;

pub use batches::{BATCHES, Batch, fill, rows_of_batches};
pub use cases::{cases, seeds};
pub use children::{child, child_by, child_of, given, run};
pub use files::{assert_sound, names};
pub use killed::{Killed, sqlite};
pub use log::{OnEvent, fields_of};
pub use workload::{Rows, Step, Submitted, Workload, rows_of};
