use std::collections::HashMap;
use std::sync::OnceLock;

use super::sync::Mutex;
use super::{Error, Job};

/// Handles by id that can be borrowed for as long as the store: what subscripts give.
///
/// Slots are only ever added, one for each id that was opened, in chunks that double; so a borrowed
/// handle never moves.
#[derive(Debug)]
pub(super) struct Slots {
    places: Mutex<HashMap<String, usize>>,
    chunks: [OnceLock<Box<[OnceLock<Job>]>>; CHUNKS],
    missing: Job,
}

/// 2^40 ids are more than there will be.
const CHUNKS: usize = 40;

impl Slots {
    pub(super) fn new() -> Self {
        Self {
            places: Mutex::default(),
            chunks: [const { OnceLock::new() }; CHUNKS],
            missing: Job::unavailable(Error::JobNotFound { job: String::new() }),
        }
    }

    /// Makes sure that `id` has a slot.
    pub(super) fn add(&self, id: &str, make: impl FnOnce() -> Job) {
        let mut places = self.places.lock();
        if places.contains_key(id) {
            return;
        }
        let place = places.len();
        if let Some(slot) = self.slot(place) {
            slot.get_or_init(make);
            places.insert(id.to_owned(), place);
        }
    }

    /// The handle of `id`; of one that was never opened, the one that all such share.
    pub(super) fn get(&self, id: &str) -> &Job {
        let place = self.places.lock().get(id).copied();
        place.and_then(|place| self.slot(place)?.get()).unwrap_or(&self.missing)
    }

    /// Chunk `n` holds 2^n slots, from place 2^n - 1 on.
    fn slot(&self, place: usize) -> Option<&OnceLock<Job>> {
        let number = place + 1;
        let chunk = number.ilog2() as usize;
        let len = 1 << chunk;
        let slots =
            self.chunks.get(chunk)?.get_or_init(|| (0..len).map(|_| OnceLock::new()).collect());
        slots.get(number - len)
    }
}
