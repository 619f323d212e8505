//! A place that keeps jobs.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::store::base::error::{Error, Place};
use crate::store::port::read::Reader;
use crate::store::port::write::Writer;

/// A place that keeps jobs: a value such as `Sqlite::at("data")` or [`Memory::new()`](crate::Memory).
pub trait Backend: fmt::Debug + Send + Sync + 'static {
    /// Names the place and the settings. Two values of one identity are the same store.
    fn identity(&self) -> String;

    /// Says whether the place can be used, and fixes where it is. It creates and changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] if it can't.
    fn check(&self) -> Result<(), Error>;

    /// Names a job's rows throughout this process, whichever value they are reached by, and says where
    /// they are.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for an id that this backend can't keep.
    fn locate(&self, id: &str) -> Result<Location, Error>;

    /// Opens a job, creating it if need be. The engine opens one job at most once at a time.
    ///
    /// # Errors
    ///
    /// As the backend finds: what is there and isn't ours is refused and left as it is.
    fn open_job(&self, id: &str) -> Result<OpenedJob, Error>;

    /// Removes a job that this engine doesn't hold open: whole, or not at all. Says whether there was one.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] if somebody else holds it.
    fn drop_job(&self, id: &str) -> Result<bool, Error>;

    /// Puts the job that is stored in the file `from` in the place of a job that this engine doesn't hold open, or that doesn't
    /// exist yet: whole, or not at all. `from` is absolute and stays unchanged.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`], [`Error::Incompatible`] or [`Error::Corrupt`] if `from` is no job; [`Error::Busy`] if the job is
    /// open elsewhere; [`Error::Unsupported`] from a backend without files, which this does unless it is overridden.
    fn restore_job(&self, id: &str, from: &Path) -> Result<(), Error> {
        let what = format!("restoring job {id:?} from {} by this backend", from.display());
        Err(Error::Unsupported { what })
    }

    /// The ids of all jobs kept here, open or not, in ascending order.
    ///
    /// # Errors
    ///
    /// If the place can't be listed.
    fn stored_job_ids(&self) -> Result<Vec<String>, Error>;
}

/// Where a job is.
#[derive(Clone, Debug)]
pub struct Location {
    /// One string for each set of rows in this process.
    pub identity: String,
    /// The job and its file, for errors.
    pub place: Place,
}

/// What a backend gives for an open job: one writer, and the way to read.
pub struct OpenedJob {
    /// The only writer.
    pub writer: Box<dyn Writer>,
    /// Reads, on whatever thread asks.
    pub reader: Arc<dyn Reader>,
}
