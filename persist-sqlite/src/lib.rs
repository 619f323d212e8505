//! The SQLite backend of persist: one file per job.
//!
//! It exports one type, [`Sqlite`], which is passed to `Persistency::open`:
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
//! # Settings
//!
//! Each setting is a method of [`Sqlite`]. If two contradict each other, `Persistency::open` returns an error.
//!
//! | Setting | By default | Otherwise |
//! |---|---|---|
//! | [`durability`](Sqlite::durability) | `Normal`: an acknowledged write survives a crash of the process | `Full`: also a power cut |
//! | [`exclusive`](Sqlite::exclusive) | `false`: other processes may read and write open jobs | `true`: no other process or store may, and reads are faster |
//! | [`read_only`](Sqlite::read_only) | `false` | `true`: stored jobs are read, while other processes may write them |
//! | [`create`](Sqlite::create) | `true`: opening a job creates it if it isn't stored | `false`: only stored jobs open |
//! | [`mmap`](Sqlite::mmap) | 0 bytes | the first `n` bytes of a file are read through mapped memory |
//!
//! # Files
//!
//! A job is one SQLite database in WAL mode, `<root>/<id>.db`, with one table:
//!
//! ```sql
//! CREATE TABLE kv (category BLOB NOT NULL, key BLOB NOT NULL, payload BLOB NOT NULL,
//!                  PRIMARY KEY (category, key)) WITHOUT ROWID;
//! PRAGMA user_version = 1;
//! ```
//!
//! The table `kv` contains the rows of users. If the engine keeps rows of its own, they are in a second table of the same columns,
//! `persist_system`, which is created with the first of them, for example when a table of `Job::table` is written for the first time.
//!
//! Other processes may read and write it at any time, the `sqlite3` program too, and see each commit at once. An acknowledged
//! write survives a crash of the process. It survives a power cut once it is on the disk, and the file system decides when to
//! write it there: `Job::sync` waits for that, and `Durability::Full` does so for each write.
//!
//! While a job is open, don't read its file with anything but SQLite: closing any other descriptor of the
//! file would drop this process's locks on it. Copy it with `Job::backup_to`, or from outside with SQLite's
//! `VACUUM INTO` or `.backup`.
//!
//! Another process may change the schema of an open job, or remove, move or replace its files. The job then takes no more
//! writes and reports [`Error::Incompatible`](persist_core::Error), as soon as a write finds the other schema, or a sync, a
//! checkpoint or a new connection finds a file missing or a new file under its name. A file whose content another program
//! overwrites is not noticed. If the file is lost, save its rows with `Job::backup_to` before you close the job. If only the
//! WAL is lost, close the job, which saves the rows in the file, and open it again. A removed `-shm` is not noticed and loses
//! nothing, as long as no other process opens the job meanwhile.
//!
//! Never copy a file over a job's file: replace a job with `Persistency::restore_from`. SQLite keeps commits and locks next to
//! the file, as `<id>.db-wal`, `<id>.db-shm` and, while a file is created, `<id>.db-journal`, and would apply the old files to
//! the new one. A WAL of another file, or of another state of the file, is refused with [`Error::Corrupt`](persist_core::Error)
//! if the change counters in the files show it. A file that `Job::backup_to` wrote has a random counter for this. If a file was
//! copied by other means, make sure that no program has the job open and remove all three before the job is opened.
//!
//! The newest commits are in the WAL, next to the file, and a thread of the store checkpoints them into the file. The WAL grows
//! to about 64 MiB while no reader uses an old snapshot and no checkpoint is put off. A snapshot, or a reader in another
//! process, keeps the WAL from shrinking, but delays no write (`StorageStats::wal_held_back`). One to two seconds after the
//! last write the WAL is emptied, and the close removes it. If a checkpoint fails with an I/O error, the job takes no more
//! writes (`Error::Failed`) until it is closed and opened again; no acknowledged write is lost. If it fails because there is no
//! space left, on the disk or under a quota, it is tried again later.
//!
//! All jobs of a process together have at most a sixth as many connections as its soft limit of descriptors, and use at most
//! half of these descriptors. Beyond that, the jobs that were used least recently close their connections until they are used
//! again (except for the writers of `exclusive` jobs). If all are in use, reads fail with `Error::TooManyOpen`, and writes take
//! turns. While its connections are closed, another process may modify or delete the file of a job. If it is then no job file,
//! the job fails.
//!
//! A root on a network file system (NFS, SMB and others) is refused if the system reports the kind, which Linux does. A root on
//! 9p, virtiofs or FUSE, by which containers and virtual machines often see the directories of their host, is accepted with a
//! warning in the log: locks may not hold between two machines or containers, so only one of them may open the jobs.
//!
//! The root is resolved once, when the store is opened: links in its path that are changed later have no effect.
//!
//! An entry in a job's place that isn't a job file is refused and left byte for byte unchanged. An empty file is not refused: it
//! becomes a new job, since an interrupted creation leaves one.
//!
//! # Housekeeping
//!
//! `Job::backup_to` copies one snapshot of the job while the job is written. The copy is a job file, and
//! `Persistency::restore_from` makes a job of it, in this or another root. The restored job has all of the old rows or all of the
//! new ones after a crash or a power cut at any point. It must not be open.
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
//! let free_bytes = job.stats().wait()?.storage.map_or(0, |storage| storage.free_bytes);
//! assert!(free_bytes > 900_000);
//! assert_eq!(job.compact().wait()?, free_bytes);
//! # Ok(())
//! # }
//! ```
//!
//! `Job::check` runs SQLite's `integrity_check`, and checks the schema and the contents of the rows. `Job::compact` runs
//! `incremental_vacuum`, one mebibyte per transaction, and a truncating checkpoint. It doesn't merge partly filled pages;
//! `VACUUM` does. Run `VACUUM` with the `sqlite3` program while the job is closed, since it blocks all other writers and needs
//! as much space again.

// The rooms, from the lowest to the highest, each of which imports only from lower ones: base, file, connection, wal, pool, read,
// write, closed, sqlite. `ARCHITECTURE.md` describes them.
mod base;
mod closed;
mod connection;
mod file;
mod pool;
mod read;
mod sqlite;
mod wal;
mod write;

pub use sqlite::Sqlite;

/// The program of the README, as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
