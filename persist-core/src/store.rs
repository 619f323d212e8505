//! The store: facade, engine and the port for backends. It knows keys and bytes, not SQL.

mod blocking;
mod bounds;
mod by_id;
mod config;
mod error;
mod failures;
mod group;
mod group_commit;
mod handle;
mod job;
mod memory;
mod op;
mod open_job;
mod page;
mod persistency;
mod pool;
pub mod port;
mod query;
mod queue;
mod read;
mod request;
mod room;
mod rows;
mod scan;
mod singleton;
mod slots;
mod ticket;
mod wakers;
mod worker;

pub use bounds::KeyBounds;
pub use config::Config;
pub use error::{Cause, Error, Place};
pub use job::Job;
pub use memory::Memory;
pub use op::{IntoPayload, TxOp};
pub use persistency::Persistency;
pub use read::{Read, ReadFuture};
pub use request::{Request, RequestFuture};
pub use rows::{Row, RowBuf, Rows, RowsIter};
pub use scan::{Scan, ScanIter};
pub use ticket::{Ticket, TicketFuture};

use page::Page;
