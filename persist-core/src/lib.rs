//! Typed, ordered, durable storage.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod encoding;
#[cfg(feature = "store")]
mod store;

pub use encoding::{
    DecodeError, Key, KeyDecode, KeyEncode, KeyRange, KeyRef, MAX_DEPTH, Mark, OrderPreserving,
    ParseKeyError, Payload, PayloadDecode, PayloadEncode, SelfDelimiting, SelfDelimitingPayload,
    Sink, Source, StoreKey,
};

#[cfg(feature = "derive")]
pub use persist_derive::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

#[cfg(feature = "store")]
pub use store::{
    Cause, Config, Error, IntoPayload, Job, KeyBounds, Memory, Persistency, Place, Read,
    ReadFuture, Request, RequestFuture, Row, RowBuf, Rows, RowsIter, Scan, ScanIter, Ticket,
    TicketFuture, TxOp, port,
};

/// What the macros and derives of this crate write. Not part of the API.
#[doc(hidden)]
pub mod __private {
    pub use crate::encoding::{
        DecodeError, KeyDecode, KeyEncode, PayloadDecode, PayloadEncode, SelfDelimiting,
        SelfDelimitingPayload, Sink, Source, StoreKey, refuse_bare_integer, unknown_tag,
    };
}
