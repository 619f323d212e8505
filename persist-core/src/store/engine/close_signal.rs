use std::time::{Duration, Instant};

use crate::store::base::sync::{Condvar, Mutex};

/// The time until which the committer of a closing job retries.
///
/// The queue sets it when the job begins to close, or after a panic of the committing thread. The committer reads it between two
/// calls of the backend, and waits on it.
#[derive(Debug, Default)]
pub(crate) struct CloseSignal {
    state: Mutex<State>,
    /// Only the thread that commits waits on it.
    set: Condvar,
}

#[derive(Debug, Default)]
enum State {
    /// The committer retries without limit.
    #[default]
    Open,
    /// The committer retries until the deadline, or without limit if there is none.
    Closing {
        deadline: Option<Instant>,
        /// Whether the committer has retried since the deadline was set.
        is_noticed: bool,
    },
}

impl CloseSignal {
    /// Sets the deadline of the close. `None` means no limit.
    pub(crate) fn set(&self, deadline: Option<Instant>) {
        *self.state.lock() = State::Closing { deadline, is_noticed: false };
        self.set.notify_one();
    }

    /// Returns whether the job is closing and the deadline has passed.
    pub(crate) fn is_overdue(&self) -> bool {
        match *self.state.lock() {
            State::Open => false,
            State::Closing { deadline, .. } => {
                deadline.is_some_and(|deadline| Instant::now() >= deadline)
            }
        }
    }

    /// Waits for `duration`, but not past the deadline. Returns at once if the job has begun to close since the last call.
    pub(crate) fn wait(&self, duration: Duration) {
        let mut state = self.state.lock();
        let duration = match *state {
            // The close may have begun before this call, so the notification alone is not enough.
            State::Closing { is_noticed: false, .. } => Duration::ZERO,
            State::Closing { deadline: Some(deadline), .. } => {
                duration.min(deadline.saturating_duration_since(Instant::now()))
            }
            State::Open | State::Closing { deadline: None, .. } => duration,
        };
        if !duration.is_zero() {
            self.set.wait_for(&mut state, duration);
        }
        if let State::Closing { is_noticed, .. } = &mut *state {
            *is_noticed = true;
        }
    }
}
