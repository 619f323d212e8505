//! What is known of a job's rows while its writes fail: now, and should the power be cut.

use persist_faults::{Event, Watch};
use persist_reliability::{Rows, Workload};

/// Which steps were applied: a bit each.
pub(crate) type State = u128;

/// All rows after the steps of a state.
pub(crate) fn rows(workload: &Workload, state: State) -> Rows {
    let mut rows = Rows::new();
    let applied = (0..State::BITS).filter(|&step| state & (1 << step) != 0);
    applied.for_each(|step| workload.step(u64::from(step)).apply(&mut rows));
    rows
}

/// What may be there, and what may be found after a power cut at each mark of a record.
#[derive(Debug)]
pub(crate) struct Known<'a> {
    watch: &'a Watch,
    /// Each of these may be what is there.
    pub(crate) states: Vec<State>,
    marks: Vec<Mark>,
    /// The mark since which no power cut may take anything, but with `Durability::Full`.
    synced: usize,
}

#[derive(Debug)]
struct Mark {
    states: Vec<State>,
    synced: usize,
}

impl<'a> Known<'a> {
    /// What may be there at first is surely on the disk.
    pub(crate) fn new(watch: &'a Watch, states: Vec<State>) -> Self {
        let mut known = Self { watch, states, marks: Vec::new(), synced: 0 };
        known.mark(known.states.clone());
        known
    }

    /// All that was done so far.
    pub(crate) fn events(&self) -> Vec<Event> {
        self.watch.events()
    }

    fn mark(&mut self, states: Vec<State>) {
        self.watch.mark(u64::try_from(self.marks.len()).unwrap());
        self.marks.push(Mark { states, synced: self.synced });
    }

    fn with(&self, step: u64) -> impl Iterator<Item = State> {
        self.states.iter().map(move |state| state | 1 << step)
    }

    /// A step is about to be submitted.
    pub(crate) fn submits(&mut self, step: u64) {
        // What was read, but nobody has waited for since, may go still.
        let before = self.marks.last().map(|mark| &mark.states).into_iter().flatten().copied();
        self.mark(before.chain(self.with(step)).collect());
    }

    pub(crate) fn applied(&mut self, step: u64) {
        self.states = self.with(step).collect();
        self.mark(self.states.clone());
    }

    pub(crate) fn not_applied(&mut self) {
        self.mark(self.states.clone());
    }

    pub(crate) fn unknown(&mut self, step: u64) {
        self.states = self.states.iter().copied().chain(self.with(step)).collect();
        self.mark(self.states.clone());
    }

    /// All that is there is on the disk.
    pub(crate) fn synced(&mut self) {
        self.synced = self.marks.len();
        self.mark(self.states.clone());
    }

    /// The state that has these rows, if it may be there.
    pub(crate) fn state(&self, workload: &Workload, found: &Rows) -> Option<State> {
        self.states.iter().find(|&&state| rows(workload, state) == *found).copied()
    }

    /// What may be found after a power cut behind a record.
    pub(crate) fn after_a_cut(&self, record: &[Event], is_full: bool) -> Vec<State> {
        let mark = record.iter().rev().find_map(|event| match event {
            Event::Marked(mark) => Some(usize::try_from(*mark).unwrap()),
            _ => None,
        });
        // Before the first is what there was at first.
        let mark = mark.unwrap_or(0);
        let first = if is_full { mark } else { self.marks[mark].synced };
        let mut states: Vec<State> =
            self.marks[first..=mark].iter().flat_map(|mark| &mark.states).copied().collect();
        states.sort_unstable();
        states.dedup();
        states
    }
}
