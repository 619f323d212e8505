use std::time::Instant;

use crate::store::base::sync::Mutex;

/// How long the writer of a closing job retries while another process holds the lock.
///
/// The queue sets it when the job begins to close. The committer reads it between two tries.
#[derive(Debug, Default)]
pub(crate) struct CloseSignal(Mutex<State>);

#[derive(Debug, Default)]
enum State {
    /// The writer retries without limit.
    #[default]
    Open,
    /// The writer retries until the deadline, or without limit if there is none.
    Closing { deadline: Option<Instant> },
}

impl CloseSignal {
    pub(crate) fn set(&self, deadline: Option<Instant>) {
        *self.0.lock() = State::Closing { deadline };
    }

    /// Returns whether the job is closing and the deadline is over.
    pub(crate) fn is_overdue(&self) -> bool {
        match *self.0.lock() {
            State::Open => false,
            State::Closing { deadline } => {
                deadline.is_some_and(|deadline| Instant::now() >= deadline)
            }
        }
    }
}
