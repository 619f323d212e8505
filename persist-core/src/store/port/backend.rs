//! The backend, and the parts of a job that it opens.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::store::base::config::Config;
use crate::store::base::error::{Error, Place};
use crate::store::port::closing::Closing;
use crate::store::port::read::Reader;
use crate::store::port::write::Writer;

/// A place that stores jobs: a value such as `Sqlite::at("data")` or [`Memory::new()`](crate::Memory).
pub trait Backend: fmt::Debug + Send + Sync + 'static {
    /// Returns a string that identifies the place and the settings. Two values with the same identity are the same store. It contains
    /// no secret: a password doesn't make another store.
    fn identity(&self) -> String;

    /// Checks that the place can be used, and fixes its location. It creates and changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] if the place can't be used.
    fn check(&self) -> Result<(), Error>;

    /// Returns the sizes that can be stored. The engine refuses a greater row or batch when it is submitted, with
    /// [`Error::InvalidArgument`], so it never reaches the backend. Reads and deletes may still name longer keys, under which there are
    /// no rows. The default sets no limits, and then only those of [`Config`](crate::Config) apply.
    ///
    /// The engine calls this each time it opens a job, before it opens it.
    fn limits(&self) -> SizeLimits {
        SizeLimits::default()
    }

    /// Returns the location of a job. Its identity is the same throughout this process for the same rows, regardless of the value
    /// through which they are reached.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for an id that this backend can't store.
    fn locate(&self, id: &str) -> Result<Location, Error>;

    /// Opens a job, and creates it if it doesn't exist. The engine does not open a job that it already holds open.
    ///
    /// # Errors
    ///
    /// Errors of the backend; [`Error::TimedOut`] after [`OpenOptions::call_timeout`]. Existing data that is not a job of this backend
    /// is refused and left unchanged.
    fn open_job(&self, id: &str, options: &OpenOptions) -> Result<OpenedJob, Error>;

    /// Removes a job, whole or not at all, and returns whether it existed. The engine calls this only for a job that it doesn't hold
    /// open.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] if another process or store holds the job open.
    fn drop_job(&self, id: &str) -> Result<bool, Error>;

    /// Replaces a job by the job that is stored in the file `from`, whole or not at all, or creates it if it doesn't exist. The engine
    /// calls this only for a job that it doesn't hold open. `from` is an absolute path, and the file stays unchanged.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`], [`Error::Incompatible`] or [`Error::Corrupt`] if `from` is not a job; [`Error::Busy`] if the job is
    /// open elsewhere; [`Error::Unsupported`] from a backend without files, and from the default implementation.
    fn restore_job(&self, id: &str, from: &Path) -> Result<(), Error> {
        let what = format!("restoring job {id:?} from {} by this backend", from.display());
        Err(Error::Unsupported { what })
    }

    /// Returns the ids of all stored jobs, open or not, in ascending order.
    ///
    /// # Errors
    ///
    /// Errors of the backend if the place can't be listed.
    fn stored_job_ids(&self) -> Result<Vec<String>, Error>;
}

/// A backend may be shared, or chosen at run time.
impl<B: Backend + ?Sized> Backend for Arc<B> {
    fn identity(&self) -> String {
        (**self).identity()
    }

    fn check(&self) -> Result<(), Error> {
        (**self).check()
    }

    fn limits(&self) -> SizeLimits {
        (**self).limits()
    }

    fn locate(&self, id: &str) -> Result<Location, Error> {
        (**self).locate(id)
    }

    fn open_job(&self, id: &str, options: &OpenOptions) -> Result<OpenedJob, Error> {
        (**self).open_job(id, options)
    }

    fn drop_job(&self, id: &str) -> Result<bool, Error> {
        (**self).drop_job(id)
    }

    fn restore_job(&self, id: &str, from: &Path) -> Result<(), Error> {
        (**self).restore_job(id, from)
    }

    fn stored_job_ids(&self) -> Result<Vec<String>, Error> {
        (**self).stored_job_ids()
    }
}

/// The sizes that a backend can store.
///
/// ```
/// use persist_core::port::SizeLimits;
///
/// let limits = SizeLimits { row_key_bytes: 2_600, ..SizeLimits::default() };
/// assert_eq!(limits.payload_bytes, usize::MAX);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SizeLimits {
    /// The maximum length of a row's category and key together, in bytes.
    pub row_key_bytes: usize,
    /// The maximum length of a payload, in bytes.
    pub payload_bytes: usize,
    /// The maximum size of a batch: the sum of the lengths of all categories, keys and payloads, in bytes. It does not limit a group,
    /// which contains many batches, nor a transaction, also if the engine commits it as a batch
    /// ([`Writer::begin_overlay`](super::Writer::begin_overlay)). A backend that can't commit such a batch returns that it is not
    /// applied.
    pub batch_bytes: usize,
}

impl Default for SizeLimits {
    /// Returns no limits: each is `usize::MAX`.
    fn default() -> Self {
        Self { row_key_bytes: usize::MAX, payload_bytes: usize::MAX, batch_bytes: usize::MAX }
    }
}

/// The location of a job.
#[derive(Clone, Debug)]
pub struct Location {
    /// A string that identifies the job's rows in this process.
    pub identity: String,
    /// The job and its location, for errors.
    pub place: Place,
}

/// The settings of the store for a job that is opened.
///
/// ```
/// use persist_core::port::OpenOptions;
/// use std::time::Duration;
///
/// assert_eq!(OpenOptions::default().call_timeout, Duration::from_secs(30));
/// ```
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// The maximum time of one call of the job's reader, snapshots and writer that waits for a server:
    /// [`Config::call_timeout`](crate::Config::call_timeout). It doesn't limit the closure of a transaction, maintenance, nor work on
    /// this machine. A read that takes longer ends with [`Error::TimedOut`]. A write that takes longer is given up, and its outcome is
    /// [in doubt](super::Commit::InDoubt) if it may have been applied.
    pub call_timeout: Duration,
    /// The time by which the job has to be closed. The writer's calls, its close included, return by
    /// [`closing.until(call_timeout)`](Closing::until).
    pub closing: Closing,
}

impl Default for OpenOptions {
    /// Returns the options of the default [`Config`](crate::Config), for tests of a backend.
    fn default() -> Self {
        Self { call_timeout: Config::new().call_timeout, closing: Closing::default() }
    }
}

/// A job that a backend has opened: its writer and its reader.
pub struct OpenedJob {
    /// The only writer of the job.
    pub writer: Box<dyn Writer>,
    /// The reader, which any thread may call.
    pub reader: Arc<dyn Reader>,
}
