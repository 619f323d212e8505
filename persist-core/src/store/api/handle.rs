use std::sync::Arc;

use crate::store::api::open_job::OpenJob;
use crate::store::base::error::Error;

/// The open job that a read is for: borrowed from a handle, owned, or why there is none.
#[derive(Clone, Debug)]
pub(crate) enum Handle<'job> {
    Borrowed(&'job Arc<OpenJob>),
    Owned(Arc<OpenJob>),
    Missing(Error),
}

impl Handle<'_> {
    pub(crate) fn job(&self) -> Result<&Arc<OpenJob>, Error> {
        match self {
            Self::Borrowed(job) => Ok(job),
            Self::Owned(job) => Ok(job),
            Self::Missing(error) => Err(error.clone()),
        }
    }

    pub(crate) fn into_owned(self) -> Handle<'static> {
        match self {
            Self::Borrowed(job) => Handle::Owned(Arc::clone(job)),
            Self::Owned(job) => Handle::Owned(job),
            Self::Missing(error) => Handle::Missing(error),
        }
    }
}

impl From<Result<Arc<OpenJob>, Error>> for Handle<'static> {
    fn from(job: Result<Arc<OpenJob>, Error>) -> Self {
        job.map_or_else(Handle::Missing, Handle::Owned)
    }
}
