//! The public types that can be sent to another thread, and those that can be shared.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use persist_core::codec::{Mark, Sink, Source};
use persist_core::descriptor::{
    CannotRead, Changes, Describer, Descriptor, FieldDescriptor, ParseDescriptorError,
    VariantDescriptor,
};
use persist_core::error::Place;
use persist_core::fields::{Beginning, Next, Prefixed, Ranged, Whole};
use persist_core::port::{
    Batch, Category, Closing, Commit, CompactStep, Completion, Group, Location, Op, OpenOptions,
    OpenedJob, Outcome, Page, PageRequest, Registration, Retry, SizeLimits, Space, Span, Stop,
};
use persist_core::request::{
    Flush, FlushFuture, ReadFuture, Request, RequestFuture, Reserve, ReserveFuture, Submit,
    SubmitFuture, TicketFuture, ViewFuture, ViewRead,
};
use persist_core::rows::{RowsIter, ScanIter};
use persist_core::stats::{BackupProgress, CheckReport, CopyProgress, Stats, StorageStats};
use persist_core::table::{Table, TableDefinition, TableIter, TableRows};
use persist_core::{
    Committed, Config, DecodeError, Durability, Error, Fixed, Job, Key, KeyRange, KeyRef, Lex,
    Memory, ParseKeyError, Payload, Permit, Persistency, Read, Row, RowBuf, Rows, Scan, ScanStream,
    Shortlex, Ticket, Total, TryError, TxOp,
};
use persist_sqlite::Sqlite;

/// Types that are lent to a closure and don't outlive it.
const OF_ONE_THREAD: [&str; 3] = ["At", "ViewIter", "ViewScan"];

fn is_send<T: Send>() {}

fn is_send_and_sync<T: Send + Sync>() {}

/// Asserts a bound of each type at compile time, and returns their names.
macro_rules! asserted {
    ($assert:ident: $($type:ty,)*) => {
        [$({
            $assert::<$type>();
            stringify!($type)
        }),*]
    };
}

#[test]
fn public_types_are_send_and_sync_as_listed() {
    let shared = asserted![
    is_send_and_sync:
           Batch<'static>, Commit, CompactStep, Group, Location, Op<'static>, Outcome, Page, PageRequest<'static>, Retry, SizeLimits,
           Table<u8, u8>, TableDefinition<u8, u8>, TableIter<u8, u8>, TableRows<'static, u8, u8, Next<0>>,
           Beginning, Next<0>, Prefixed<u8, Next<0>>, Ranged, Whole,
           Category<'static>, Closing, OpenOptions, Registration, Space,
           Span<'static>, Stop, BackupProgress, CannotRead, Changes, CheckReport, Committed, Config, CopyProgress, DecodeError, Describer, Descriptor,
           Durability, Error, FieldDescriptor, Fixed<[u8; 1]>, Flush<'static>, FlushFuture<'static>, Job, Key, KeyRange, KeyRef<'static>, Lex<String>, Mark, Memory,
           ParseDescriptorError, ParseKeyError, Payload, Permit, Persistency, Place,
           Reserve<'static>, ReserveFuture<'static>, Row<'static>, RowBuf, Rows,
           RowsIter<'static>, Scan<'static>, ScanIter, ScanStream, Shortlex<String>, Sink<'static>, Source<'static>, Sqlite,
           Stats, StorageStats, Ticket<u8, Error>, TicketFuture<u8, Error>, Total<f64>, TryError, TxOp, VariantDescriptor, ViewRead<'static, fn()>,
       ];
    // Each of these runs once, by value, and owns the code that it runs.
    let sent = asserted![
        is_send: Completion<u8>, OpenedJob, Read<'static, u8>, ReadFuture<'static, u8>, Request<u8>, RequestFuture<u8>,
        Submit<'static, u8>, SubmitFuture<'static, u8>, ViewFuture<'static, u8, Error>,
    ];
    let asserted: BTreeSet<String> =
        shared.into_iter().chain(sent).chain(OF_ONE_THREAD).map(name).map(str::to_owned).collect();

    let api = Path::new(env!("CARGO_MANIFEST_DIR")).join("../api");
    let mut public = BTreeSet::new();
    for name in ["persist-core.txt", "persist-sqlite.txt"] {
        let lines = fs::read_to_string(api.join(name)).unwrap();
        public.extend(lines.lines().filter_map(type_of).map(str::to_owned));
    }
    assert_eq!(public, asserted);
}

/// Returns the name of the type in a line of an API.
fn type_of(line: &str) -> Option<&str> {
    let line = line.trim_start_matches("#[non_exhaustive] ");
    let path = ["pub struct ", "pub enum ", "pub union "]
        .iter()
        .find_map(|kind| line.strip_prefix(kind))?;
    Some(name(path))
}

/// Returns the last part of a path, without arguments.
fn name(path: &str) -> &str {
    let path = path.split(['<', '(', ' ']).next().unwrap_or(path);
    path.rsplit("::").next().unwrap_or(path)
}
