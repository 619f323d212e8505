use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::store::base::sync::{Condvar, Mutex};
use crate::store::port::callbacks::{Callbacks, Registration};

/// The time by which an open job has to be closed.
///
/// The engine sets it when the job begins to close, from [`Config::close_timeout`](crate::Config::close_timeout), and again after a
/// panic of the thread that commits. Between two calls of the writer, the engine waits on it. A writer that waits for a server
/// returns from each call by [`until`](Self::until).
///
/// ```
/// use persist_core::port::Closing;
/// use std::time::{Duration, Instant};
///
/// let closing = Closing::default();
/// assert!(closing.until(Duration::from_secs(30)).unwrap() > Instant::now());
/// assert_eq!(closing.until(Duration::MAX), None);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Closing(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    /// Only the thread that commits waits on it.
    set: Condvar,
    callbacks: Callbacks,
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

impl Closing {
    /// Returns the time by which a call that begins now has to return: after `timeout`, or at the deadline of the close, if the job is
    /// closing and that is earlier. `None` means that there is no limit.
    pub fn until(&self, timeout: Duration) -> Option<Instant> {
        let until = Instant::now().checked_add(timeout);
        match *self.0.state.lock() {
            State::Closing { deadline: Some(deadline), .. } => {
                Some(until.map_or(deadline, |until| until.min(deadline)))
            }
            State::Open | State::Closing { deadline: None, .. } => until,
        }
    }

    /// Calls `callback` when the deadline is set, or now if it is set already, until the registration is dropped. It may be called
    /// several times. It runs on the thread that closes the job, so it does not block: it wakes the call that has to look at
    /// [`until`](Self::until) again.
    pub fn on_begin(&self, callback: impl FnMut() + Send + 'static) -> Registration {
        let registration = self.0.callbacks.register(callback);
        if !matches!(*self.0.state.lock(), State::Open) {
            self.0.callbacks.call();
        }
        registration
    }

    /// Sets the deadline of the close. `None` means no limit. The caller then calls [`call_back`](Self::call_back), without holding a
    /// lock.
    pub(crate) fn set(&self, deadline: Option<Instant>) {
        *self.0.state.lock() = State::Closing { deadline, is_noticed: false };
        self.0.set.notify_one();
    }

    /// Calls the registered functions.
    pub(crate) fn call_back(&self) {
        self.0.callbacks.call();
    }

    /// Returns whether the job is closing and the deadline has passed.
    pub(crate) fn is_overdue(&self) -> bool {
        match *self.0.state.lock() {
            State::Open => false,
            State::Closing { deadline, .. } => {
                deadline.is_some_and(|deadline| Instant::now() >= deadline)
            }
        }
    }

    /// Waits for `duration`, but not past the deadline. Returns at once if the job has begun to close since the last call.
    pub(crate) fn wait(&self, duration: Duration) {
        let mut state = self.0.state.lock();
        let duration = match *state {
            // The close may have begun before this call, so the notification alone is not enough.
            State::Closing { is_noticed: false, .. } => Duration::ZERO,
            State::Closing { deadline: Some(deadline), .. } => {
                duration.min(deadline.saturating_duration_since(Instant::now()))
            }
            State::Open | State::Closing { deadline: None, .. } => duration,
        };
        if !duration.is_zero() {
            self.0.set.wait_for(&mut state, duration);
        }
        if let State::Closing { is_noticed, .. } = &mut *state {
            *is_noticed = true;
        }
    }
}
