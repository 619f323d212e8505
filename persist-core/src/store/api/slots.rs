use std::collections::HashMap;
use std::fmt;
use std::sync::OnceLock;

use crate::store::api::job::Job;
use crate::store::base::sync::Mutex;

/// The handles that a store's subscripts return, by id. They can be borrowed for as long as one value of a
/// [`Persistency`](crate::Persistency).
///
/// Slots are only ever added, in chunks that double, so a borrowed handle never moves. There is one for each id that
/// was open at the time of a subscript.
#[derive(Default)]
pub(crate) struct Slots(OnceLock<Box<Table>>);

struct Table {
    places: Mutex<HashMap<String, usize>>,
    chunks: [OnceLock<Box<[OnceLock<Job>]>>; CHUNKS],
}

/// The number of chunks. Together they hold nearly 2^40 slots, which is more than a process can use.
const CHUNKS: usize = 40;

impl Slots {
    /// Returns the handle of an id. If the id has no slot yet, calls `make`. If `make` returns none, the id gets no
    /// slot.
    pub(crate) fn get(&self, id: &str, make: impl FnOnce() -> Option<Job>) -> Option<&Job> {
        if let Some(job) = self.0.get().and_then(|table| table.get(id)) {
            return Some(job);
        }
        let job = make()?;
        self.0.get_or_init(Table::boxed).add(id, job)
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.get().map_or(0, |table| table.places.lock().len())
    }
}

impl Table {
    fn boxed() -> Box<Self> {
        Box::new(Self { places: Mutex::default(), chunks: [const { OnceLock::new() }; CHUNKS] })
    }

    fn get(&self, id: &str) -> Option<&Job> {
        let place = self.places.lock().get(id).copied();
        self.slot(place?)?.get()
    }

    fn add(&self, id: &str, job: Job) -> Option<&Job> {
        let mut places = self.places.lock();
        // Another thread may have added the id meanwhile.
        let place = places.get(id).copied().unwrap_or(places.len());
        let slot = self.slot(place)?;
        let job = slot.get_or_init(|| job);
        places.entry(id.to_owned()).or_insert(place);
        Some(job)
    }

    /// Returns the slot at `place`. Chunk `n` holds 2^n slots, starting at place 2^n - 1.
    fn slot(&self, place: usize) -> Option<&OnceLock<Job>> {
        let number = place + 1;
        let chunk = number.ilog2() as usize;
        let len = 1 << chunk;
        let slots =
            self.chunks.get(chunk)?.get_or_init(|| (0..len).map(|_| OnceLock::new()).collect());
        slots.get(number - len)
    }
}

impl fmt::Debug for Slots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slots").finish_non_exhaustive()
    }
}
