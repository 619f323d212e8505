//! The errors of the store, and the places where they occur.

use std::fmt;
use std::sync::Arc;

use crate::encoding::DecodeError;

/// The cause of an [`Error`]: the error of the database or of the system.
pub type Cause = Arc<dyn std::error::Error + Send + Sync + 'static>;

/// An error of the store: the failed call, its place, and a remedy.
///
/// It can be cloned, since many callers may wait for one failed commit. No variant contains keys or
/// payloads.
///
/// ```
/// use persist_core::{Error, Memory, Persistency};
///
/// let store = Persistency::open(Memory::new())?;
/// match store.job("alpha") {
///     Ok(job) => println!("{} rows", job.count("msg", ..).wait()?),
///     Err(Error::JobNotFound { job }) => println!("{job} is not open"),
///     Err(error) => return Err(error),
/// }
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A root, job id, size or setting is invalid. Nothing was changed.
    #[error("invalid argument: {reason}")]
    InvalidArgument {
        /// The argument, the problem and the remedy.
        reason: String,
    },

    /// The job isn't open. From `drop_job`, and from an open that may not create the job: the job isn't stored.
    #[error(
        "job {job:?} was not found: open it with `open_job`, which creates it unless the backend must not"
    )]
    JobNotFound {
        /// The job's id; empty if the call was made on a subscript with an id that was not open at the time of the subscript.
        job: String,
    },

    /// The job or the store was closed.
    #[error("{what} is closed: open it again")]
    Closed {
        /// The job or store.
        what: String,
    },

    /// The call was made in a process that was forked while its parent was using a store. The threads of stores exist only in the
    /// parent, so the call would wait forever.
    ///
    /// Fork before the first job is opened, or start a program instead (`std::process::Command`).
    #[error(
        "{what} can't be used in a process that was forked while its parent was using a store: fork before the first job is opened"
    )]
    OtherProcess {
        /// The store or job.
        what: String,
    },

    /// The queue has no capacity for this write now, and the call doesn't wait.
    #[error("the queue of {place} is full: try again later, or use a call that waits for capacity")]
    QueueFull {
        /// The job and its location.
        place: Place,
    },

    /// Another process, or another store in this process, holds the file's lock.
    #[error(
        "{place} is locked by another process or store: nothing was changed; try again when the lock is released"
    )]
    Busy {
        /// The job and its location.
        place: Place,
        /// The database's error.
        source: Option<Cause>,
    },

    /// The disk is full, a quota is exceeded, or a file has reached the process's limit on file sizes. As a result, a write was not
    /// applied, a backup was not made, or a close left the committed rows in the WAL. The job goes on, and no acknowledged write is
    /// lost.
    #[error(
        "the disk of {place} is full: free some space and try again; acknowledged writes are kept"
    )]
    DiskFull {
        /// The job and its location.
        place: Place,
        /// The database's error.
        source: Option<Cause>,
    },

    /// The file is not a database or is damaged, or the files that SQLite keeps next to it belong to another file.
    #[error(
        "{place} is damaged or not a database: {reason}; the file was not changed; restore a backup with `restore_from`"
    )]
    Corrupt {
        /// The job and its location.
        place: Place,
        /// The damage.
        reason: String,
        /// The database's error.
        source: Option<Cause>,
    },

    /// The file is a database, but not a job file, or has another version; or another process changed, moved or removed the file
    /// while it was open here. The message contains the remedy.
    #[error("{place} is not a job file of this version: {reason}; the file was not changed")]
    Incompatible {
        /// The job and its location.
        place: Place,
        /// The difference.
        reason: String,
    },

    /// The commit ended in an I/O error. After the job is opened again, the write may or may not be there.
    #[error(
        "it is unknown whether the write to {place} was applied: close the job, open it again, and read the row"
    )]
    Unknown {
        /// The job and its location.
        place: Place,
        /// The database's error.
        source: Option<Cause>,
    },

    /// The job accepts no more writes, since an earlier commit or checkpoint ended in an I/O error. Reads go on.
    #[error("{place} has failed and accepts no more writes: close it and open it again")]
    Failed {
        /// The job and its location.
        place: Place,
        /// The I/O error.
        source: Option<Cause>,
    },

    /// The server or device that stores the job can't be reached. The call has changed nothing; for a write whose outcome is not known,
    /// the error is [`Unknown`](Self::Unknown).
    #[error("{place} can't be reached: nothing was changed; try again later")]
    Unavailable {
        /// The job and its location.
        place: Place,
        /// The backend's error.
        source: Option<Cause>,
    },

    /// The server that stores the job did not answer within [`Config::call_timeout`](crate::Config::call_timeout). The call has changed
    /// nothing; for a write whose outcome is not known, the error is [`Unknown`](Self::Unknown).
    #[error(
        "{place} did not answer in time: nothing was changed; try again later, or raise `Config::call_timeout`"
    )]
    TimedOut {
        /// The job and its location.
        place: Place,
        /// The backend's error.
        source: Option<Cause>,
    },

    /// Another process has taken over the job, so this handle accepts no more writes. The write was not applied. Acknowledged writes
    /// are kept.
    #[error(
        "{place} was taken over by another process and accepts no more writes here: close it, and open it again when the other has closed it"
    )]
    Fenced {
        /// The job and its location.
        place: Place,
    },

    /// The rows of a table were written with types that this program's types can't read. Nothing was changed. The rows are as they
    /// were.
    #[error("table {table:?} of {place} can't be used: {reason}")]
    IncompatibleTable {
        /// The job and its location.
        place: Place,
        /// The table's name.
        table: String,
        /// The field, both shapes, and the remedy.
        reason: String,
    },

    /// The place that stores the job has lost acknowledged writes, for example because an older copy of it has replaced it. The job
    /// accepts no more writes.
    #[error(
        "{place} has lost acknowledged writes: {reason}; close it, and open it again to go on with what is left"
    )]
    HistoryLost {
        /// The job and its location.
        place: Place,
        /// The way in which the loss was noticed.
        reason: String,
    },

    /// The closure of a transaction returned its own error. None of the transaction's writes was applied.
    #[error("a transaction of {place} was rolled back because its closure returned an error")]
    RolledBack {
        /// The job and its location.
        place: Place,
    },

    /// The stored bytes are not a value of the requested type.
    #[error("the stored bytes{} are not a value of the requested type: {source}", In(.place.as_ref()))]
    Decode {
        /// The job and its location if the store decoded the bytes; `None` if the caller decoded them from a row.
        place: Option<Place>,
        /// The expected value, and the position of the byte.
        source: DecodeError,
    },

    /// The caller's code, such as a transaction, or the backend panicked. The store goes on.
    #[error("a panic while serving {place}: {message}")]
    Panicked {
        /// The job and its location.
        place: Place,
        /// The panic's message.
        message: String,
    },

    /// A blocking call was made on a thread that other threads wait for, so it could wait forever.
    #[error(
        "a blocking call on a worker thread of the store, or in one of its callbacks, might never return: move it to another thread"
    )]
    WouldDeadlock,

    /// The snapshot is older than [`Config::snapshot_timeout`](crate::Config::snapshot_timeout), or more than
    /// [`Config::snapshot_limit_bytes`](crate::Config::snapshot_limit_bytes) was written after it began. The rows that were read
    /// before have been returned.
    #[error(
        "a snapshot of {place} is too old, or too much was written since: continue after the last row with `.after(key)`, read with `.paged()`, or raise `Config::snapshot_timeout` or `snapshot_limit_bytes`"
    )]
    SnapshotExpired {
        /// The job and its location.
        place: Place,
    },

    /// The system provides no more file descriptors or threads.
    #[error("too many open files or threads to serve {place}: close some, or raise the limit")]
    TooManyOpen {
        /// The job and its location.
        place: Place,
        /// The system's error.
        source: Option<Cause>,
    },

    /// The backend or the platform can't do this.
    #[error("not supported: {what}")]
    Unsupported {
        /// The operation.
        what: String,
    },

    /// Any other error that the backend reports.
    #[error("{place}: the backend failed with code {code}: {message}")]
    Backend {
        /// The job and its location.
        place: Place,
        /// The backend's own code: for SQLite its extended result code as a decimal number, for an SQL server its SQLSTATE.
        code: String,
        /// The backend's message.
        message: String,
        /// The underlying error.
        source: Option<Cause>,
    },
}

impl Error {
    /// Returns an [`Error::InvalidArgument`].
    pub fn invalid_argument(reason: impl Into<String>) -> Self {
        Self::InvalidArgument { reason: reason.into() }
    }
}

/// The place of an error: a job, and its location if it has one; or a store.
///
/// The location is a text of the backend, for people to read: the path of a file, or the name of a server without any password.
///
/// ```
/// use persist_core::error::Place;
///
/// let place = Place::new("alpha", Some("data/alpha.db".into()));
/// assert_eq!(place.to_string(), "job \"alpha\" (data/alpha.db)");
/// assert_eq!(place.location(), Some("data/alpha.db"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place(Arc<Located>);

#[derive(Debug, PartialEq, Eq)]
enum Located {
    Job {
        id: String,
        location: Option<String>,
    },
    /// The identity of the store's backend.
    Store(String),
}

impl Place {
    /// Returns the place of a job and its location.
    pub fn new(job: impl Into<String>, location: Option<String>) -> Self {
        Self(Arc::new(Located::Job { id: job.into(), location }))
    }

    /// Returns the place of a store, for calls that do not concern one job.
    pub(crate) fn store(identity: String) -> Self {
        Self(Arc::new(Located::Store(identity)))
    }

    /// Returns the job's id, which is empty if the error concerns a store and not one job.
    pub fn job(&self) -> &str {
        match &*self.0 {
            Located::Job { id, .. } => id,
            Located::Store(_) => "",
        }
    }

    /// Returns the location of the job, such as the path of its file, if the backend names one.
    pub fn location(&self) -> Option<&str> {
        match &*self.0 {
            Located::Job { location, .. } => location.as_deref(),
            Located::Store(_) => None,
        }
    }
}

impl From<DecodeError> for Error {
    fn from(source: DecodeError) -> Self {
        Self::Decode { place: None, source }
    }
}

/// Displays ` in <place>` if there is a place, and nothing otherwise.
struct In<'a>(Option<&'a Place>);

impl fmt::Display for In<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |place| write!(f, " in {place}"))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Located::Job { id, location: None } => write!(f, "job {id:?}"),
            Located::Job { id, location: Some(location) } => write!(f, "job {id:?} ({location})"),
            Located::Store(identity) => write!(f, "the store ({identity})"),
        }
    }
}
