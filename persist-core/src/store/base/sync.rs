//! The locks, atomics and threads of the engine: the types of `parking_lot` and `std`, without wrappers.
//!
//! With `--cfg shuttle`, the types of `shuttle` replace them. It runs the models in `tests/models` in many orders of their threads'
//! steps.

#[cfg(shuttle)]
mod modelled;

#[cfg(not(shuttle))]
pub(crate) use parking_lot::{Condvar, Mutex, MutexGuard};
#[cfg(not(shuttle))]
pub(crate) use std::{sync::atomic, sync::mpsc, thread, thread_local};

#[cfg(shuttle)]
pub(crate) use modelled::{Condvar, Mutex, MutexGuard};
#[cfg(shuttle)]
pub(crate) use shuttle::{sync::atomic, sync::mpsc, thread, thread_local};
