//! The store: the API for users, the engine, and the port for backends. It handles keys and bytes, and contains no SQL.
//!
//! Imports point one way: `base` ← `port` ← `engine` ← `api`. `memory` implements the port.

mod api;
mod base;
mod engine;
mod memory;
pub mod port;

pub use api::flush::{Flush, FlushFuture};
pub use api::job::Job;
pub use api::permit::Permit;
pub use api::persistency::Persistency;
pub use api::read::{Read, ReadFuture};
pub use api::request::{Request, RequestFuture};
pub use api::reserve::{Reserve, ReserveFuture};
pub use api::rows::{Row, RowBuf, Rows, RowsIter};
pub use api::scan::{Scan, ScanIter};
pub use api::scan_stream::ScanStream;
pub use api::submit::{Submit, SubmitFuture};
pub use api::table::{Table, TableDefinition, TableIter, TableKey, TableRows, TableValue};
pub use api::ticket::{Ticket, TicketFuture};
pub use api::transaction::Transaction;
pub use api::try_error::TryError;
pub use api::view::{At, View, ViewIter, ViewScan};
pub use api::view_read::{ViewFuture, ViewRead};
pub use base::bounds::KeyBounds;
pub use base::config::{Config, Durability};
pub use base::error::{Cause, Error, Place};
pub use base::op::{IntoPayload, TxOp};
pub use base::reports::{
    BackupProgress, CheckReport, Committed, CopyProgress, Stats, StorageStats,
};
pub use memory::Memory;
