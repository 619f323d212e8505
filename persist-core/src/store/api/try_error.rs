use std::fmt;

use crate::store::base::error::Error;
use crate::store::base::op::TxOp;
use crate::store::engine::waiting::Refused;

/// A write that was not submitted, with the reason. It converts into its [`Error`].
#[derive(Clone)]
#[non_exhaustive]
pub struct TryError {
    /// The reason.
    pub error: Error,
    /// The operations that were not submitted. A transaction and a sync have none.
    pub ops: Vec<TxOp>,
}

/// Shows the number of operations and not their contents, since an error may be logged.
impl fmt::Debug for TryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TryError")
            .field("error", &self.error)
            .field("ops", &format_args!("{} changes", self.ops.len()))
            .finish()
    }
}

impl fmt::Display for TryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl From<TryError> for Error {
    fn from(refused: TryError) -> Self {
        refused.error
    }
}

impl std::error::Error for TryError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error.source()
    }
}

impl From<Refused> for TryError {
    fn from(refused: Refused) -> Self {
        let (error, ops) = refused.into_parts();
        Self { error, ops }
    }
}
