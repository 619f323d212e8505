//! Typed, ordered, durable storage for Rust programs.
//!
//! A derive encodes a domain struct as bytes that sort in the order of its values. A store keeps rows under
//! such keys, and is used like a map. Each tenant, called a job, has its own queue and worker thread.
//!
//! ```
//! use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};
//! use persist_core::{Memory, Persistency, key};
//!
//! #[derive(KeyEncode, KeyDecode, Debug, PartialEq)]
//! struct MessageKey { channel: String, epoch: i64, seq: u64 }
//!
//! #[derive(PayloadEncode, PayloadDecode, Debug, PartialEq)]
//! struct Message { sender: String, body: Vec<u8> }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = Persistency::open(Memory::new())?; // or `Sqlite::at("./data")`, of persist-sqlite
//! let job = store.open_job("alpha").wait()?; // or `.await`
//!
//! let k = MessageKey { channel: "general".into(), epoch: 7, seq: 1 };
//! let message = Message { sender: "ann".into(), body: vec![1, 2, 3] };
//! job.persist_encoded("msg", &k, &message); // fire-and-forget: queued, in order
//! job.persist_encoded("msg", ("general", 7i64, 2u64), &message).wait()?; // acknowledged
//!
//! for row in job.scan_prefix("msg", key!("general")).reverse().iter() {
//!     let row = row?;
//!     let (k, m): (MessageKey, Message) = (row.key().decode()?, row.decode()?);
//!     println!("{k:?}: {m:?}");
//! }
//! store.close().wait()?; // waits for everything submitted, and reports failures
//! # Ok(())
//! # }
//! ```
//!
//! # Terms
//!
//! | Term | Meaning |
//! |---|---|
//! | job | one tenant: one database file and one worker thread |
//! | category | one ordered key space inside a job |
//! | key | the bytes that identify a row in its category and determine its position |
//! | payload | the value of a row |
//! | batch | the operations of one write, which are applied whole or not at all |
//! | ticket | the handle to the outcome of a write: committed, not applied, or unknown |
//! | acknowledged | of a write: its ticket has reported that it is committed |
//! | durable | of a write: it is on the disk, and survives a power cut |
//! | worker | the thread that writes the batches of a job, many of them in one transaction of the database |
//! | queue | the batches of a job that have no outcome yet, with a limit in bytes |
//! | backpressure | the delay or the refusal of a write while the queue has no capacity for it |
//! | permit | reserved capacity of a queue |
//! | snapshot | the state of a job at one moment, read while writes go on |
//! | backend | the code that stores the rows: `Sqlite` of persist-sqlite, or [`Memory`] |
//! | root | the directory that contains the files of all jobs |
//!
//! The [guide] begins with a tutorial, and has a page for each common task.
//!
//! # Features of the store
//!
//! - **Order.** Keys compare as bytes, in the documented order of their type, part by part. The encoding of a value is never
//!   a prefix of another's, so keys are joined and split without separators. [`OrderPreserving`] marks the types whose
//!   `Ord` is the same order, and only these types can form ranges of values.
//! - **Shapes.** Each type has a [`Descriptor`](descriptor::Descriptor); [`can_read()`](descriptor::can_read) reports whether a new type reads the rows of an old one.
//! - **Writes** return a [`Ticket`] that may be dropped, waited for or awaited on any runtime. They take
//!   effect in the order submitted, each batch whole or not at all. The queue is bounded in bytes. While it is
//!   full, [`Job::persist`] blocks, [`Job::submit`] waits without blocking a thread, [`Job::try_persist`] fails, and a
//!   [`Permit`] from [`Job::reserve`] already has its capacity. [`Job::flush`] waits for everything submitted before it.
//! - **Reads** see every write submitted before them, including writes that no caller waits for. A scan reads one snapshot.
//!   [`Job::scan_within`] scans a range that continues a prefix.
//! - **Failures** are reported by the ticket, or logged and kept for [`Job::flush`], [`Job::last_error`] and the close.
//! - **Shutdown.** The queues are written when the process ends normally or by a panic: see [`Persistency`].
//! - **Backups** of a job in use ([`Job::backup_to`]), and restores ([`Persistency::restore_from`]), for backends that keep files.
//!
//! # Limitations
//!
//! - No queries other than by key, range and prefix, and no transactions across jobs.
//! - No replication and no encryption.
//! - Text sorts by length first (see [`KeyEncode::key_cmp`]), as in the format that this crate follows.
//!
//! # Features
//!
//! On by default:
//!
//! - `derive`: the derives of the four traits, and `KeyOrd`.
//! - `store`: [`Persistency`] and the rest of the store. Without it the crate is the encoding alone.
//! - `std`: needed by `store`, and by `HashMap`, `HashSet` and `SystemTime` as keys and payloads. Without it
//!   the encoding works on `core` and `alloc`.
//!
//! Off by default, for types of other crates; none needs `std`. Each is named after the crate whose types it supports, as keys
//! and payloads unless noted otherwise:
//!
//! - `bytes`: `Bytes`.
//! - `chrono`: `DateTime<Utc>` and `NaiveDate`.
//! - `jiff`: `Timestamp` and `civil::Date`.
//! - `uuid`: `Uuid`.
//! - `serde`: serialization of [`Key`], as plain hex in human-readable formats and as bytes in others.
//!
//! Off by default, for async programs:
//!
//! - `futures-core`: [`ScanStream`] is a `Stream`; it enables `store`.
//!
//! Off by default, for tests; needs `std`:
//!
//! - `proptest`: `sort_order_tests!`, which tests that your own key type obeys the laws of keys.
//!
//! Types with a time zone are neither keys nor payloads: they have no single order and no fixed meaning. Store
//! the instant in UTC, and the zone as another field.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod encoding;
// Its programs are tested by the package `guide`, which has the SQLite backend.
#[cfg(all(doc, not(doctest), feature = "store"))]
pub mod guide;
#[cfg(feature = "store")]
mod store;

pub use encoding::{
    DecodeError, Fixed, Key, KeyDecode, KeyEncode, KeyRange, KeyRef, Lex, OrderPreserving,
    ParseKeyError, Payload, PayloadDecode, PayloadEncode, Shortlex, StoreKey, Total,
};
#[cfg(feature = "derive")]
pub use persist_derive::{KeyDecode, KeyEncode, KeyOrd, PayloadDecode, PayloadEncode};
#[cfg(feature = "store")]
pub use store::{
    Committed, Config, Durability, Error, IntoPayload, Job, KeyBounds, Memory, Permit, Persistency,
    Read, Row, RowBuf, Rows, Scan, ScanStream, Ticket, Transaction, TryError, TxOp, View, port,
};

/// Items for types and codecs that are implemented by hand: the writer and reader of bytes, and the traits for their guarantees.
pub mod codec {
    pub use crate::encoding::{
        ByteArray, DecodeWith, EncodeWith, LexDecode, LexEncode, LexOrdered, MAX_DEPTH, Mark,
        SelfDelimiting, SelfDelimitingPayload, SelfDelimitingWith, Sink, Source,
    };
}

/// The shape of a type as data: its text, and whether a new shape reads the rows of an old one.
pub mod descriptor {
    pub use crate::encoding::{
        CannotRead, Changes, Describe, Describer, Descriptor, FieldDescriptor,
        ParseDescriptorError, VariantDescriptor, can_read,
    };
}

/// The parts of an [`Error`].
#[cfg(feature = "store")]
pub mod error {
    pub use crate::store::{Cause, Place};
}

/// Requests other than [`Read`], [`Scan`] and [`Ticket`], and the futures of all requests.
///
/// A request does nothing until `.wait()`, which blocks, or `.await`.
#[cfg(feature = "store")]
pub mod request {
    pub use crate::store::{
        Flush, FlushFuture, ReadFuture, Request, RequestFuture, Reserve, ReserveFuture, Submit,
        SubmitFuture, TicketFuture, ViewFuture, ViewRead,
    };
}

/// The iterators over rows, and the types for reading a job at one moment.
#[cfg(feature = "store")]
pub mod rows {
    pub use crate::store::{At, RowsIter, ScanIter, ViewIter, ViewScan};
}

/// The reports about a job: its statistics, the progress of a backup or a copy, and the result of a check.
#[cfg(feature = "store")]
pub mod stats {
    pub use crate::store::{BackupProgress, CheckReport, CopyProgress, Stats, StorageStats};
}

/// The fields of key types: values that stand for the first fields of a key, and ranges of the next one.
pub mod fields {
    pub use crate::encoding::{
        Argument, Beginning, FieldRange, KeyArgument, KeyField, KeyFields, KeyPrefix, Next,
        OrderedBy, Prefix, Prefixed, Ranged, Whole,
    };
}

/// Typed tables: categories with the types of their keys and values.
#[cfg(feature = "store")]
pub mod table {
    pub use crate::store::{Table, TableDefinition, TableIter, TableKey, TableRows, TableValue};
}

/// Items for the code that the macros and derives of this crate generate. Not part of the API.
#[doc(hidden)]
pub mod __private {
    pub use crate::__in_own_frame as in_own_frame;
    #[cfg(debug_assertions)]
    pub use crate::encoding::call;
    pub use crate::encoding::{
        Argument, DecodeError, DecodeWith, Descending, Describer, Descriptor, EncodeWith, End,
        Joiner, KeyDecode, KeyEncode, KeyEnd, KeyField, KeyFields, Lexed, NotEncoded, NotProbed,
        NotSame, OrderPreserving, OrderedField, PayloadDecode, PayloadEncode, PayloadEnd, Plain,
        Probe, ProbeLex, ProbeWith, Same, SelfDelimiting, SelfDelimitingPayload,
        SelfDelimitingWith, Sink, Source, StoreKey, WithoutLength, is_new_tag, refuse_bare_integer,
        tags_sort_as_discriminants, unknown_tag,
    };
    #[cfg(feature = "proptest")]
    pub use crate::encoding::{Case, laws, put_to_law};
    pub use core::assert;
}
