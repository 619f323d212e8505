use std::sync::Arc;

use crate::store::base::sync::atomic::{AtomicBool, Ordering};
use crate::store::port::callbacks::{Callbacks, Registration};

/// A flag that is set when the caller of a long operation no longer waits for it. The operation checks the flag from time to time, or
/// registers a function that ends it, and then fails with [`Error::Closed`](crate::Error::Closed).
///
/// The default is a flag that is never set.
///
/// ```
/// use persist_core::port::Stop;
///
/// let stop = Stop::new();
/// let (sender, receiver) = std::sync::mpsc::channel();
/// let registration = stop.on_set(move || sender.send("the query is cancelled").unwrap());
/// stop.set();
/// assert!(stop.is_set());
/// assert_eq!(receiver.recv(), Ok("the query is cancelled"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Stop(Option<Arc<Flag>>);

#[derive(Debug, Default)]
struct Flag {
    is_set: AtomicBool,
    callbacks: Callbacks,
}

impl Stop {
    /// Returns a flag that is not set.
    pub fn new() -> Self {
        Self(Some(Arc::default()))
    }

    /// Returns whether the flag may ever be set. If not, an operation need not look at it.
    pub fn can_be_set(&self) -> bool {
        self.0.is_some()
    }

    /// Returns whether no caller waits for the operation any more.
    pub fn is_set(&self) -> bool {
        self.0.as_ref().is_some_and(|flag| flag.is_set.load(Ordering::SeqCst))
    }

    /// Calls `callback` when the flag is set, or now if it is set already, until the registration is dropped. It may be called twice.
    /// It runs on the thread that sets the flag, so it does not block: it cancels a query or wakes a task.
    pub fn on_set(&self, callback: impl FnMut() + Send + 'static) -> Registration {
        let Some(flag) = &self.0 else { return Registration::none() };
        let registration = flag.callbacks.register(callback);
        if self.is_set() {
            flag.callbacks.call();
        }
        registration
    }

    /// Sets the flag. A flag that is the default stays as it is.
    pub fn set(&self) {
        if let Some(flag) = &self.0
            && !flag.is_set.swap(true, Ordering::SeqCst)
        {
            flag.callbacks.call();
        }
    }
}
