use std::task::Waker;

use crate::store::base::contained;

/// The wakers of the futures that wait for one event, each in a separate slot.
///
/// If a future is dropped, its slot is reused, so the list does not grow when futures are created and dropped in a loop.
#[derive(Debug, Default)]
pub(crate) struct Wakers {
    slots: Vec<Option<Waker>>,
    /// The indexes of the slots that can be reused.
    free: Vec<usize>,
}

impl Wakers {
    /// Stores `waker` in the slot of an earlier call, or in a free slot. Returns the waker that it replaces, which must be dropped
    /// without a lock held: dropping the last waker of a task may drop the task, and with it any value of a caller.
    pub(crate) fn set(&mut self, slot: &mut Option<usize>, waker: Waker) -> Option<Waker> {
        let index = *slot.get_or_insert_with(|| {
            self.free.pop().unwrap_or_else(|| {
                self.slots.push(None);
                self.slots.len() - 1
            })
        });
        self.slots[index].replace(waker)
    }

    /// Frees a slot and returns its waker, which must be dropped without a lock held, as for [`set`](Self::set).
    pub(crate) fn clear(&mut self, slot: usize) -> Option<Waker> {
        let forgotten = self.slots.get_mut(slot)?.take()?;
        self.free.push(slot);
        Some(forgotten)
    }

    /// Wakes all futures. Call it without a lock held, since a waker may run any code. If one panics, the others are still woken.
    pub(crate) fn wake(self) {
        Self::wake_each(self.slots.into_iter().flatten());
    }

    /// Wakes the given wakers, as [`wake`](Self::wake) does. For callers that collected them under a lock and have released it.
    pub(crate) fn wake_each(wakers: impl IntoIterator<Item = Waker>) {
        for waker in wakers {
            if let Err(message) = contained::run(|| waker.wake()) {
                contained::log(|| tracing::error!(message, "a waker panicked"));
            }
        }
    }
}
