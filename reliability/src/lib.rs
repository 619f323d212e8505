//! What the families of reliability tests share: how many cases each tries, the seed of a run, and what a sound file is.
//!
//! Each file below `tests/` is a family. All have a short form, which is what `cargo test` runs, and a long one, for
//! which a variable of the environment says how many cases there are: `CONTRIBUTING.md` lists them.

mod cases;
mod children;
mod killed;
mod sound;
mod workload;

pub use cases::{cases, seed};
pub use children::{child, child_of, given, run};
pub use killed::{Killed, sqlite};
pub use sound::assert_sound;
pub use workload::{Rows, Step, Submitted, Workload, rows_of};
