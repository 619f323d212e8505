//! Running callers' code and dropping callers' values on threads that must survive a panic.
//!
//! A closure, waker, result, error or panic payload may panic, also while it is dropped. On a worker or a thread of the pool, such a
//! panic would end the thread, and its callers would wait forever.

use std::any::Any;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs a caller's code.
///
/// # Errors
///
/// The message of the panic if the code panics. The payload of the panic, whose drop may panic too, is dropped here.
pub(crate) fn run<T>(code: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(code)).map_err(|payload| {
        let message = message_of(&*payload);
        discard(payload);
        message
    })
}

/// Drops a caller's value. A panic of the drop is logged.
pub(crate) fn discard<T>(value: T) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
        let message = message_of(&*payload);
        // Dropping this payload might panic again, and so might the drop of that panic's payload, without end.
        mem::forget(payload);
        log(|| tracing::error!(message, "a value panicked while it was dropped"));
    }
}

/// Emits a log event. The subscriber is the caller's code, and may panic.
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
