//! The states that a job's rows may have while writes fail, now and after a power cut.

use persist_faults::{Event, Watch};
use persist_reliability::{Rows, Workload};

/// A state of the rows: a bit for each step that was applied.
pub(crate) type State = u128;

/// Returns all rows in a state.
pub(crate) fn rows(workload: &Workload, state: State) -> Rows {
    let mut rows = Rows::new();
    let applied = (0..State::BITS).filter(|&step| state & (1 << step) != 0);
    applied.for_each(|step| workload.step(u64::from(step)).apply(&mut rows));
    rows
}

/// The states that are possible now, and those that are possible after a power cut at each mark of a record.
#[derive(Debug)]
pub(crate) struct Known<'a> {
    watch: &'a Watch,
    /// The states that are possible now.
    pub(crate) states: Vec<State>,
    marks: Vec<Mark>,
    /// The mark from which on a power cut may lose nothing; not used with `Durability::Full`.
    synced: usize,
}

#[derive(Debug)]
struct Mark {
    states: Vec<State>,
    synced: usize,
}

impl<'a> Known<'a> {
    /// Starts with states that are synced.
    pub(crate) fn new(watch: &'a Watch, states: Vec<State>) -> Self {
        let mut known = Self { watch, states, marks: Vec::new(), synced: 0 };
        known.mark(known.states.clone());
        known
    }

    /// Returns all events so far.
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

    /// Notes that a step is about to be submitted.
    pub(crate) fn submits(&mut self, step: u64) {
        // States that were possible before and were not synced since may still come back.
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

    /// Notes that everything written is on the disk.
    pub(crate) fn synced(&mut self) {
        self.synced = self.marks.len();
        self.mark(self.states.clone());
    }

    /// Returns the state that has these rows, if it is possible.
    pub(crate) fn state(&self, workload: &Workload, found: &Rows) -> Option<State> {
        self.states.iter().find(|&&state| rows(workload, state) == *found).copied()
    }

    /// Returns the states that are possible after a power cut at the end of a record.
    pub(crate) fn after_a_cut(&self, record: &[Event], is_full: bool) -> Vec<State> {
        let mark = record.iter().rev().find_map(|event| match event {
            Event::Marked(mark) => Some(usize::try_from(*mark).unwrap()),
            _ => None,
        });
        // Before the first mark, the states are the initial ones.
        let mark = mark.unwrap_or(0);
        let first = if is_full { mark } else { self.marks[mark].synced };
        let mut states: Vec<State> =
            self.marks[first..=mark].iter().flat_map(|mark| &mark.states).copied().collect();
        states.sort_unstable();
        states.dedup();
        states
    }
}
