mod copies;
mod housekeeping;
mod reads;
mod submits;
mod try_writes;
mod writes;

use std::fmt;
use std::sync::{Arc, Weak};

use crate::store::api::jobs::Jobs;
use crate::store::api::open_job::{Handle, OpenJob};
use crate::store::base::error::Error;

/// A handle to an open job: one tenant's rows, with their own queue and worker thread.
///
/// Clones are handles to the same job. It stays open until it is closed, or until its last handle and its
/// [`Persistency`](crate::Persistency) are dropped. Dropping the last handle never blocks and loses no submitted write.
///
/// A write returns a [`Ticket`](crate::Ticket) and is submitted when the call returns. Writes take effect in the order
/// submitted. While the queue is full, a plain write blocks. In asynchronous code, use [`submit`](Self::submit), which
/// waits without blocking a thread. A read returns a [`Read`](crate::Read), which has not begun.
///
/// ```
/// use persist_core::{KeyEncode, Memory, PayloadDecode, PayloadEncode, Persistency};
///
/// #[derive(KeyEncode)]
/// struct MessageKey { channel: String, seq: u64 }
///
/// #[derive(PayloadEncode, PayloadDecode, Debug, PartialEq)]
/// struct Message { sender: String, body: Vec<u8> }
///
/// let store = Persistency::open(Memory::new())?;
/// let job = store.open_job("alpha").wait()?;
/// let key = MessageKey { channel: "general".into(), seq: 1 };
/// job.persist_encoded("msg", &key, &Message { sender: "ann".into(), body: vec![1] });
/// let message: Option<Message> = job.get_as("msg", &key).wait()?;
/// assert_eq!(message, Some(Message { sender: "ann".into(), body: vec![1] }));
/// # Ok::<(), persist_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Job(Repr);

#[derive(Clone)]
enum Repr {
    Open(Arc<OpenJob>),
    /// The result of a subscript. It looks the job up at each call.
    ById {
        store: Weak<Jobs>,
        id: Arc<str>,
    },
    /// The result of a subscript with an id that was not open. Every call fails.
    NotOpen {
        store: Weak<Jobs>,
    },
    /// No job. Every call fails with this error.
    Unavailable(Error),
}

impl Job {
    pub(crate) fn open(job: Arc<OpenJob>) -> Self {
        Self(Repr::Open(job))
    }

    pub(crate) fn by_id(store: Weak<Jobs>, id: &str) -> Self {
        Self(Repr::ById { store, id: id.into() })
    }

    pub(crate) fn not_open(store: Weak<Jobs>) -> Self {
        Self(Repr::NotOpen { store })
    }

    pub(crate) fn unavailable(error: Error) -> Self {
        Self(Repr::Unavailable(error))
    }

    /// Returns the job's id, or an empty string for a subscript whose id was not open at that time.
    pub fn id(&self) -> &str {
        match &self.0 {
            Repr::Open(job) => job.place().job(),
            Repr::ById { id, .. } => id,
            Repr::NotOpen { .. } | Repr::Unavailable(_) => "",
        }
    }

    /// Returns whether the job is open, which it is until it or its store is closed.
    pub fn is_open(&self) -> bool {
        self.handle().job().is_ok_and(|job| job.check_open().is_ok())
    }

    /// Returns whether both are handles to the same open job.
    pub fn same_job(&self, other: &Self) -> bool {
        match (self.handle().job(), other.handle().job()) {
            (Ok(left), Ok(right)) => Arc::ptr_eq(left, right),
            _ => false,
        }
    }

    /// Returns the newest failure that no ticket has reported, such as the failure of a fire-and-forget write.
    ///
    /// Failures are also logged when they happen, and [`close_job`](crate::Persistency::close_job) returns the first
    /// one.
    pub fn last_error(&self) -> Option<Error> {
        self.handle().job().ok().and_then(|job| job.last_error())
    }

    pub(in crate::store::api) fn handle(&self) -> Handle<'_> {
        match &self.0 {
            Repr::Open(job) => Handle::Borrowed(job),
            Repr::ById { store, id } => match store.upgrade() {
                Some(store) => store.find(id).into(),
                None => Handle::Missing(Error::Closed { what: "the store".into() }),
            },
            Repr::NotOpen { store } => Handle::Missing(match store.upgrade() {
                Some(store) if !store.is_closed() => Error::JobNotFound { job: String::new() },
                _ => Error::Closed { what: "the store".into() },
            }),
            Repr::Unavailable(error) => Handle::Missing(error.clone()),
        }
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").field("id", &self.id()).field("open", &self.is_open()).finish()
    }
}
