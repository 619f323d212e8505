//! Functions that are called when a flag is set.

use std::fmt;
use std::sync::Arc;

use crate::store::base::contained;
use crate::store::base::sync::Mutex;

/// The functions to call.
#[derive(Clone, Default)]
pub(crate) struct Callbacks(Arc<Mutex<Registered>>);

#[derive(Default)]
struct Registered {
    /// The number of the last function.
    last: u64,
    functions: Vec<(u64, Box<dyn FnMut() + Send>)>,
}

impl Callbacks {
    pub(crate) fn register(&self, callback: impl FnMut() + Send + 'static) -> Registration {
        let mut registered = self.0.lock();
        registered.last += 1;
        let number = registered.last;
        registered.functions.push((number, Box::new(callback)));
        Registration(Some((self.clone(), number)))
    }

    /// Calls every function. The lock is held meanwhile, so a registration whose drop has returned is not called any more.
    pub(crate) fn call(&self) {
        for (_, callback) in &mut self.0.lock().functions {
            if let Err(message) = contained::run(callback) {
                contained::log(|| tracing::error!(message, "a callback of a backend panicked"));
            }
        }
    }
}

impl fmt::Debug for Callbacks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Callbacks({})", self.0.lock().functions.len())
    }
}

/// Keeps a function registered. Once its drop has returned, the function is neither running nor called any more. It must not be
/// dropped by the function itself, which would wait for itself.
#[must_use = "the function is not called after this is dropped"]
pub struct Registration(Option<(Callbacks, u64)>);

impl Registration {
    /// Returns the registration of a function that will never be called.
    pub(crate) const fn none() -> Self {
        Self(None)
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration").finish_non_exhaustive()
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let Some((callbacks, number)) = self.0.take() else { return };
        let mut registered = callbacks.0.lock();
        let place = registered.functions.iter().position(|(registered, _)| *registered == number);
        let removed = place.map(|place| registered.functions.swap_remove(place));
        // The function may own values of a backend, whose drop runs without the lock.
        drop(registered);
        drop(removed);
    }
}
