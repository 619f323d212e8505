//! Stands between a test and the system's file calls: it records what is done below a directory, and may fail a call,
//! hold it up, or end the process at it. From a record it makes the disk as a power cut would leave it.
//!
//! A program that links this crate has its own `open`, `pwrite`, `fsync` and so on (`calls.rs`), which the standard library and
//! SQLite then use. So all of both is seen, directories included, and the code under test knows nothing of it.
//!
//! ```
//! use persist_faults::{Call, Fault, Op, Watch};
//!
//! let directory = tempfile::tempdir()?;
//! let watch = Watch::over(directory.path());
//! watch.intercept(|call| match call.op {
//!     Op::Sync => Some(Fault::Errno(libc::EIO)),
//!     _ => None,
//! });
//! let file = std::fs::File::create(directory.path().join("a"))?;
//! assert!(file.sync_all().is_err());
//! watch.intercept(|_| None);
//! assert!(file.sync_all().is_ok());
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! What is written by mapped memory isn't seen: of SQLite's files that is the index of the WAL (`-shm`), which it makes anew.
//! Linux only, with glibc or musl.

mod calls;
mod device;
mod fork;
mod watch;

pub use device::{Device, Image, Loss};
pub use fork::Forked;
pub use watch::{Call, Event, Fault, FileId, Op, Watch};
