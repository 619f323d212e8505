//! The SQLite backend of persist: a file for each job.
//!
//! It exports one value, [`Sqlite`], to be given to `Persistency::open`:
//!
//! ```
//! use persist_core::{Persistency, key};
//! use persist_sqlite::Sqlite;
//!
//! # fn main() -> Result<(), persist_core::Error> {
//! # let root = tempfile::tempdir().expect("a temporary directory");
//! let store = Persistency::open(Sqlite::at(root.path().join("data")))?;
//! let job = store.open_job("tenant/42").wait()?; // data/tenant%2F42.db
//! job.persist_encoded("msg", key!("general", 1u64), "hi");
//! let text: Option<String> = job.get_as("msg", key!("general", 1u64)).wait()?;
//! assert_eq!(text.as_deref(), Some("hi"));
//! store.close().wait()?;
//! # Ok(())
//! # }
//! ```
//!
//! # The settings
//!
//! Each is a method of [`Sqlite`]; two that contradict each other are an invalid argument of `Persistency::open`.
//!
//! | Setting | By default | Otherwise |
//! |---|---|---|
//! | [`durability`](Sqlite::durability) | `Normal`: an acknowledged write survives the death of the process | `Full`: a power cut too |
//! | [`exclusive`](Sqlite::exclusive) | `false`: others may read and write the jobs that are open | `true`: nobody else may, and reads are quicker |
//! | [`read_only`](Sqlite::read_only) | `false` | `true`: stored jobs are read, beside others who write them |
//! | [`create`](Sqlite::create) | `true`: opening a job creates it if need be | `false`: only stored jobs open |
//! | [`mmap`](Sqlite::mmap) | 0 bytes | so much of a file is read by way of mapped memory |
//!
//! # The files
//!
//! A job is one SQLite database in WAL mode, `<root>/<id>.db`, with one table:
//!
//! ```sql
//! CREATE TABLE kv (category BLOB NOT NULL, key BLOB NOT NULL, payload BLOB NOT NULL,
//!                  PRIMARY KEY (category, key)) WITHOUT ROWID;
//! PRAGMA user_version = 1;
//! ```
//!
//! Other processes may read and write it at any time, the `sqlite3` program too; what is committed by
//! one is seen by all at once. An acknowledged write survives the death of the process; to survive a power cut
//! it has to have reached the disk, which the file system does in its own time: `Job::sync` waits for it, and
//! `Durability::Full` does so for each write.
//!
//! While a job is open, don't read its file with anything but SQLite: closing any other descriptor of the
//! file would drop this process's locks on it. Copy it with `Job::backup_to`, or from outside with SQLite's
//! `VACUUM INTO` or `.backup`.
//!
//! Never copy a file over a job's file: replace a job with `Persistency::restore_from`. SQLite keeps commits and locks next to
//! the file, as `<id>.db-wal`, `<id>.db-shm` and, while a file is created, `<id>.db-journal`, and would apply those of the old file
//! to the new one. A WAL of another file, or of another state of the file, is refused with [`Error::Corrupt`](persist_core::Error)
//! where the change counters in the files show it, which they do for every file that `Job::backup_to` wrote. If a file was copied
//! by other means, make sure that no program has the job open and remove all three before the job is opened.
//!
//! The newest commits are in the WAL beside the file, from where a thread of the store moves them into it. The WAL grows to
//! 64 MiB at most while nobody reads an old state of the rows: a snapshot, or a reader in another process, holds it back
//! without holding up a write (`StorageStats::wal_held_back`). A second after the last write it is emptied, and at the
//! close it goes. If moving them fails by an I/O error, the job takes no more writes (`Error::Failed`) until it is closed and
//! opened; what was acknowledged is there.
//!
//! All jobs of a process together have at most a sixth as many connections as its soft limit of descriptors, of which they
//! take half then. Beyond that, the jobs that were used least recently give theirs up until they are used again (the
//! writers of `exclusive` ones don't); if all are in use, reads fail with `Error::TooManyOpen`, and writes take turns. What another
//! process does with the file of a job meanwhile, dropping it included, nothing keeps it from: the job then fails with what is
//! found there.
//!
//! A root on a network file system (NFS, SMB and others) is refused if the system reports the kind, which Linux does. A root on 9p,
//! virtiofs or FUSE, by which containers and virtual machines often see the directories of their host, is accepted with a
//! warning in the log: locks may not hold between two machines or containers, so only one of them may open the jobs.
//!
//! The root is resolved once, when the store is opened: links in its path that are changed later have no effect.
//!
//! What is found in a job's place and isn't a job file is refused and left byte for byte as it was.
//!
//! # Housekeeping
//!
//! `Job::backup_to` makes a copy of one moment while the job goes on being written. The copy is a job file, and
//! `Persistency::restore_from` makes a job of it, in this or another root.
//!
//! ```
//! use persist_core::Persistency;
//! use persist_sqlite::Sqlite;
//!
//! # fn main() -> Result<(), persist_core::Error> {
//! # let directory = tempfile::tempdir().expect("a temporary directory");
//! # let root = directory.path().join("data");
//! # let backups = directory.path().join("backups");
//! # std::fs::create_dir(&backups).expect("a directory");
//! let job = Persistency::open(Sqlite::at(&root))?.open_job("alpha").wait()?;
//! for n in 0..1_000u64 {
//!     job.persist_put("raw", n, vec![0; 1_000]);
//! }
//! job.backup_to_with(backups.join("alpha.db"), |progress| {
//!     println!("{} of {} bytes", progress.copied_bytes, progress.total_bytes);
//! })
//! .wait()?;
//!
//! let store = Persistency::open(Sqlite::at(&root))?;
//! store.restore_from("copy", backups.join("alpha.db")).wait()?; // replaces the job "copy", if there is one
//! let copy = store.open_job("copy").wait()?;
//! assert!(copy.check().wait()?.is_sound());
//! assert_eq!(copy.count("raw", ..).wait()?, 1_000);
//!
//! // After deletes the file holds free pages, which the next writes use; or the file system gets them back.
//! job.persist_delete_range("raw", 10u64..).wait()?;
//! let free_bytes = job.stats().wait()?.storage.free_bytes;
//! assert!(free_bytes > 900_000);
//! assert_eq!(job.compact().wait()?, free_bytes);
//! # Ok(())
//! # }
//! ```
//!
//! `Job::check` is SQLite's `integrity_check`, and a look at the schema and at what the rows hold. `Job::compact` is its
//! `incremental_vacuum`, a mebibyte in each transaction, and a truncating checkpoint. What it doesn't do, joining pages
//! that are partly filled, `VACUUM` does; run it with the `sqlite3` program while the job is closed, as it keeps everybody else
//! from writing and needs as much room again.

mod backup;
mod budget;
mod check;
mod checkpointer;
mod claim;
mod compaction;
mod connection;
mod drop_job;
mod errors;
mod foreign_journal;
mod foreign_wal;
mod job_file;
mod kept;
mod left_wal;
mod network;
mod presence;
mod probe;
mod queries;
mod read_only;
mod reader;
mod reading;
mod restore;
mod root;
mod runs;
mod schema;
mod settings;
mod snapshot;
mod sqlite;
mod storage;
mod transaction;
mod version;
mod wal;
mod writer;
mod writing;

pub use sqlite::Sqlite;

/// The program of the README, as a test.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
