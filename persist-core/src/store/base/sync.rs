//! The locks, atomics and threads of the engine. With `--cfg shuttle` they are those of `shuttle`, which tries the orders of
//! their steps in the models of `tests/models`; otherwise there is nothing in between.

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
