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
    Closing { deadline: Option<Instant> },
}

impl CloseSignal {
    /// Sets the deadline of the close. `None` means no limit.
    pub(crate) fn set(&self, deadline: Option<Instant>) {
        *self.state.lock() = State::Closing { deadline };
        self.set.notify_one();
    }

    /// Returns whether the job is closing and the deadline has passed.
    pub(crate) fn is_overdue(&self) -> bool {
        self.state.lock().is_overdue()
    }

    /// Waits for `duration`, or until the job begins to close or its deadline passes.
    pub(crate) fn wait(&self, duration: Duration) {
        let mut state = self.state.lock();
        let was_open = matches!(*state, State::Open);
        let until_deadline = match *state {
            State::Closing { deadline: Some(deadline) } => {
                deadline.saturating_duration_since(Instant::now())
            }
            State::Open | State::Closing { deadline: None } => Duration::MAX,
        };
        let end = Instant::now().checked_add(duration.min(until_deadline));
        loop {
            let left =
                end.map_or(Duration::MAX, |end| end.saturating_duration_since(Instant::now()));
            let begins_to_close = was_open && !matches!(*state, State::Open);
            if left.is_zero() || begins_to_close || cfg!(shuttle) {
                return;
            }
            self.set.wait_for(&mut state, left);
        }
    }
}

impl State {
    fn is_overdue(&self) -> bool {
        match *self {
            Self::Open => false,
            Self::Closing { deadline } => {
                deadline.is_some_and(|deadline| Instant::now() >= deadline)
            }
        }
    }
}
