use std::task::Waker;

use super::contained;

/// The futures that wait for one event, each in a slot of its own.
///
/// A future that is dropped gives its slot back, so that futures made and dropped in a loop don't
/// grow it.
#[derive(Debug, Default)]
pub(super) struct Wakers {
    slots: Vec<Option<Waker>>,
    free: Vec<usize>,
}

impl Wakers {
    /// Remembers `waker` in the slot of an earlier call, or in a new one.
    pub(super) fn set(&mut self, slot: &mut Option<usize>, waker: &Waker) {
        let index = *slot.get_or_insert_with(|| {
            self.free.pop().unwrap_or_else(|| {
                self.slots.push(None);
                self.slots.len() - 1
            })
        });
        match &mut self.slots[index] {
            Some(known) => known.clone_from(waker),
            empty => *empty = Some(waker.clone()),
        }
    }

    /// Forgets the waker of a slot.
    pub(super) fn clear(&mut self, slot: usize) {
        if self.slots.get_mut(slot).is_some_and(|waker| waker.take().is_some()) {
            self.free.push(slot);
        }
    }

    /// All that wait, to be woken by [`wake_each`](Self::wake_each).
    pub(super) fn all(&self) -> Vec<Waker> {
        // A waker may panic while it is cloned. Then its future can't be woken, but the others are.
        self.slots
            .iter()
            .flatten()
            .filter_map(|waker| contained::run(|| waker.clone()).ok())
            .collect()
    }

    /// Wakes all. Call it without a lock held: a waker may run anything, and if it panics the others are
    /// woken all the same.
    pub(super) fn wake(self) {
        Self::wake_each(self.slots.into_iter().flatten());
    }

    /// As [`wake`](Self::wake), for wakers that were taken out under the lock.
    pub(super) fn wake_each(wakers: impl IntoIterator<Item = Waker>) {
        for waker in wakers {
            if let Err(message) = contained::run(|| waker.wake()) {
                contained::log(|| tracing::error!(message, "a waker panicked"));
            }
        }
    }
}
