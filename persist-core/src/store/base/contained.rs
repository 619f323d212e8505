//! Code and values of callers, run and dropped on threads that must survive them.
//!
//! A closure, waker, result, error or panic payload may panic, and so may their drops. On a worker or a thread of the pool such a
//! panic would end the thread, and leave its callers waiting forever.

use std::any::Any;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs code of a caller.
///
/// # Errors
///
/// The message of its panic. The payload, which may be of a type that panics when dropped, is dropped here.
pub(crate) fn run<T>(code: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(code)).map_err(|payload| {
        let message = message_of(&*payload);
        discard(payload);
        message
    })
}

/// Drops a value of a caller.
pub(crate) fn discard<T>(value: T) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
        let message = message_of(&*payload);
        // Dropping it might panic again, and so on without end.
        mem::forget(payload);
        log(|| tracing::error!(message, "a value panicked while it was dropped"));
    }
}

/// Emits a log event, whose subscriber is a caller's.
pub(crate) fn log(event: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(event)) {
        mem::forget(payload);
    }
}

fn message_of(payload: &(dyn Any + Send)) -> String {
    payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "without a message".to_owned())
}
