//! The port: the traits that a backend implements. They are small, coarse and object-safe.
//!
//! The engine owns the queues, the threads, the tickets and the order of writes; a backend owns the stored bytes. The traits must
//! be as implementable on a network database as on a map.

pub(crate) mod backend;
pub(crate) mod callbacks;
pub(crate) mod closing;
pub(crate) mod completion;
pub(crate) mod group;
pub(crate) mod maintenance;
pub(crate) mod overlay;
pub(crate) mod page;
pub(crate) mod read;
pub(crate) mod stop;
pub(crate) mod write;

pub use self::backend::{Backend, Location, OpenOptions, OpenedJob, SizeLimits};
pub use self::callbacks::Registration;
pub use self::closing::Closing;
pub use self::completion::Completion;
pub use self::group::{Batch, Group};
pub use self::maintenance::Maintenance;
pub use self::page::Page;
pub use self::read::{PageRequest, Reader, Snapshot};
pub use self::stop::Stop;
pub use self::write::{Commit, CompactStep, Outcome, Retry, WriteTransaction, Writer};
pub use crate::store::base::bounds::Span;
pub use crate::store::base::category::{Category, Space};
pub use crate::store::base::op::Op;
