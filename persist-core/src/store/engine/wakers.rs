use std::task::Waker;

use crate::store::base::contained;

/// The futures that wait for one event, each in a slot of its own.
///
/// A future that is dropped gives its slot back, so that futures made and dropped in a loop don't
/// grow it.
#[derive(Debug, Default)]
pub(crate) struct Wakers {
    slots: Vec<Option<Waker>>,
    free: Vec<usize>,
}

impl Wakers {
    /// Remembers `waker` in the slot of an earlier call, or in a new one. Returns the waker that it replaces, which must be dropped
    /// without a lock held: with its last waker a task may be dropped, and with the task any value.
    pub(crate) fn set(&mut self, slot: &mut Option<usize>, waker: Waker) -> Option<Waker> {
        let index = *slot.get_or_insert_with(|| {
            self.free.pop().unwrap_or_else(|| {
                self.slots.push(None);
                self.slots.len() - 1
            })
        });
        self.slots[index].replace(waker)
    }

    /// Forgets the waker of a slot, and returns it, to be dropped as that of [`set`](Self::set) is.
    pub(crate) fn clear(&mut self, slot: usize) -> Option<Waker> {
        let forgotten = self.slots.get_mut(slot)?.take()?;
        self.free.push(slot);
        Some(forgotten)
    }

    /// Wakes all of them. Call it without a lock held, since a waker may run anything. If one panics, the others are woken
    /// nevertheless.
    pub(crate) fn wake(self) {
        Self::wake_each(self.slots.into_iter().flatten());
    }

    /// Wakes wakers that were taken from under a lock, as [`wake`](Self::wake) does.
    pub(crate) fn wake_each(wakers: impl IntoIterator<Item = Waker>) {
        for waker in wakers {
            if let Err(message) = contained::run(|| waker.wake()) {
                contained::log(|| tracing::error!(message, "a waker panicked"));
            }
        }
    }
}
