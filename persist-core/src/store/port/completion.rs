//! The completion of a read that a backend has started.

use std::fmt;

use crate::store::base::error::{Error, Place};

/// Takes the result of a read that [`Reader::start_get`](crate::port::Reader::start_get) and its siblings have started.
///
/// It is completed once, from any thread, also before the call that started the read returns. The completion doesn't block: it stores
/// the result and wakes the caller's task. A completion that is dropped instead completes the read with [`Error::Panicked`].
///
/// ```
/// use persist_core::Error;
/// use persist_core::port::Completion;
///
/// fn start_get(key: &[u8], done: Completion<Option<Vec<u8>>>) {
///     let key = key.to_vec();
///     std::thread::spawn(move || done.complete(Ok(Some(key))));
/// }
/// ```
pub struct Completion<T>(Option<Pending<T>>);

/// A completion that has not been completed yet.
struct Pending<T> {
    place: Place,
    complete: Box<dyn FnOnce(Result<T, Error>) + Send>,
}

impl<T> Completion<T> {
    pub(crate) fn new(
        place: Place,
        complete: impl FnOnce(Result<T, Error>) + Send + 'static,
    ) -> Self {
        Self(Some(Pending { place, complete: Box::new(complete) }))
    }

    /// Completes the read with its result.
    pub fn complete(mut self, result: Result<T, Error>) {
        if let Some(pending) = self.0.take() {
            (pending.complete)(result);
        }
    }
}

impl<T> Drop for Completion<T> {
    fn drop(&mut self) {
        if let Some(Pending { place, complete }) = self.0.take() {
            let message = "the backend dropped a read that it had started".into();
            complete(Err(Error::Panicked { place, message }));
        }
    }
}

impl<T> fmt::Debug for Completion<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Completion").finish_non_exhaustive()
    }
}
