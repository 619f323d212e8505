use std::time::Instant;

use crate::store::base::sync::Mutex;

/// The time until which the writer of a closing job retries while another process holds the lock.
///
/// The queue sets it when the job begins to close, or after a panic of the committing thread. The committer reads it between two
/// tries.
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
    /// Sets the deadline of the close. `None` means no limit.
    pub(crate) fn set(&self, deadline: Option<Instant>) {
        *self.0.lock() = State::Closing { deadline };
    }

    /// Returns whether the job is closing and the deadline has passed.
    pub(crate) fn is_overdue(&self) -> bool {
        match *self.0.lock() {
            State::Open => false,
            State::Closing { deadline } => {
                deadline.is_some_and(|deadline| Instant::now() >= deadline)
            }
        }
    }
}
