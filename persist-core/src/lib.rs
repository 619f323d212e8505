//! Typed, ordered, durable storage for Rust programs.
//!
//! A derive turns a domain struct into bytes whose order *is* the order of its values; a store keeps
//! rows under such keys, a queue and a worker thread for each tenant ("job"), behind a facade that is
//! as easy as a map.
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
//! job.persist_encoded("msg", &k, &message); // fire-and-forget: on its way, in order
//! job.persist_encoded("msg", ("general", 7i64, 2u64), &message).wait()?; // acknowledged
//!
//! for row in job.scan_prefix("msg", key!("general")).reverse().iter() {
//!     let row = row?;
//!     let (k, m): (MessageKey, Message) = (row.key().decode()?, row.decode()?);
//!     println!("{k:?}: {m:?}");
//! }
//! store.close().wait()?; // waits for all that was submitted, and tells
//! # Ok(())
//! # }
//! ```
//!
//! # What it does
//!
//! - **Order.** Comparing the bytes of two keys gives the documented order of the type, part by part;
//!   no value's bytes begin another's, so keys join and come apart without separators. Where that order is
//!   `Ord`'s too, [`OrderPreserving`] says so, and only there are ranges of values offered.
//! - **Shapes.** Each type has a [`Descriptor`]; [`can_read()`] tells whether rows of an old one are read by a
//!   new one.
//! - **Writes** return a [`Ticket`] that may be dropped, waited for or awaited on any runtime. They take
//!   effect in the order submitted, each batch whole or not at all, through a queue bounded in bytes. While it is
//!   full, [`Job::persist`] blocks, and [`Job::submit`] waits without blocking a thread.
//! - **Reads** see every write submitted before them, whoever waits for it; a scan is one snapshot.
//! - **Failures** are told by the ticket, or logged and kept for [`Job::last_error`] and the close.
//! - **The end** of the process, clean or by a panic, writes what is queued: see [`Persistency`].
//!
//! # What it does not
//!
//! - No queries but keys, ranges and prefixes, and no transactions across jobs.
//! - No replication and no encryption.
//! - Text sorts by length first here (see [`KeyEncode::key_cmp`]), as in the format that it follows.
//!
//! # Features
//!
//! On by default:
//!
//! - `derive`: the derives of the four traits, and `KeyOrd`.
//! - `store`: all from [`Persistency`] on. Without it the crate is the encoding alone.
//! - `std`: needed by `store`, and by `HashMap`, `HashSet` and `SystemTime` as keys and payloads. Without it
//!   the encoding works on `core` and `alloc`.
//!
//! Off by default, each named after the crate whose types it makes keys and payloads, none in need of `std`:
//!
//! - `bytes`: `Bytes`.
//! - `chrono`: `DateTime<Utc>` and `NaiveDate`.
//! - `jiff`: `Timestamp` and `civil::Date`.
//! - `uuid`: `Uuid`.
//! - `serde`: [`Key`] in its formats, as plain hex in those for people and as bytes in others.
//!
//! Off by default, for async programs:
//!
//! - `futures-core`: [`ScanStream`] is a `Stream`; it brings `store`.
//!
//! Off by default too, for tests, and in need of `std`:
//!
//! - `proptest`: `sort_order_tests!`, which tests that a key type of your own keeps what it promises.
//!
//! Types with a time zone are neither keys nor payloads: they have no one order and no fixed meaning. Store
//! the instant in UTC, and the zone beside it.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod encoding;
#[cfg(feature = "store")]
mod store;

pub use encoding::{
    ByteArray, CannotRead, Changes, DecodeError, DecodeWith, Describe, Describer, Descriptor,
    EncodeWith, FieldDescriptor, Fixed, Key, KeyDecode, KeyEncode, KeyRange, KeyRef, Lex,
    LexDecode, LexEncode, LexOrdered, MAX_DEPTH, Mark, OrderPreserving, ParseDescriptorError,
    ParseKeyError, Payload, PayloadDecode, PayloadEncode, SelfDelimiting, SelfDelimitingPayload,
    SelfDelimitingWith, Shortlex, Sink, Source, StoreKey, Total, VariantDescriptor, can_read,
};
#[cfg(feature = "derive")]
pub use persist_derive::{KeyDecode, KeyEncode, KeyOrd, PayloadDecode, PayloadEncode};
#[cfg(feature = "store")]
pub use store::{
    At, BackupProgress, Cause, CheckReport, Committed, Config, Durability, Error, Flush,
    FlushFuture, IntoPayload, Job, KeyBounds, Memory, Permit, Persistency, Place, Read, ReadFuture,
    Request, RequestFuture, Reserve, ReserveFuture, Row, RowBuf, Rows, RowsIter, Scan, ScanIter,
    ScanStream, Stats, StorageStats, Submit, SubmitFuture, Ticket, TicketFuture, Transaction,
    TryError, TxOp, View, ViewFuture, ViewIter, ViewRead, ViewScan, port,
};

/// What the macros and derives of this crate write. Not part of the API.
#[doc(hidden)]
pub mod __private {
    pub use crate::__in_own_frame as in_own_frame;
    #[cfg(debug_assertions)]
    pub use crate::encoding::call;
    #[cfg(feature = "proptest")]
    pub use crate::encoding::{Case, laws, put_to_law};
    pub use crate::encoding::{
        DecodeError, DecodeWith, Descending, Describer, Descriptor, EncodeWith, End, Joiner,
        KeyDecode, KeyEncode, KeyEnd, Lexed, NotEncoded, NotProbed, NotSame, OrderPreserving,
        OrderedField, PayloadDecode, PayloadEncode, PayloadEnd, Plain, Probe, ProbeLex, ProbeWith,
        Same, SelfDelimiting, SelfDelimitingPayload, SelfDelimitingWith, Sink, Source, StoreKey,
        WithoutLength, is_new_tag, refuse_bare_integer, tags_sort_as_discriminants, unknown_tag,
    };
    pub use core::assert;
}
