//! An interceptor for the system's file calls. It records the calls below a directory and may fail a call, delay it, or
//! end the process at it. From a record it builds the disk as a power cut would leave it.
//!
//! A program that links this crate has its own `open`, `pwrite`, `fsync` and so on (`calls.rs`), which the standard
//! library and SQLite then use. So all their calls are recorded, those on directories included, without a change of the
//! code under test.
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
//! Writes to mapped memory are not recorded. Among SQLite's files that is the index of the WAL (`-shm`), which SQLite
//! builds again. Linux only, with glibc or musl.

mod calls;
mod device;
mod fork;
mod watch;

pub use device::{Device, Image, Loss};
pub use fork::Forked;
pub use watch::{Call, Event, Fault, FileId, Op, Watch};
