//! The recorded calls of threads to a job, and a check whether the store allows such a history.
//!
//! The rows are registers of some keys each. Every write of a register sets all its keys to one value that no other
//! write has, or deletes them. All threads use one clock.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use parking_lot::Mutex;

/// A value that no other write has.
pub(crate) type Value = u64;

/// A write of a register: a batch that sets all its keys, or a delete of all keys.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Write {
    pub(crate) register: u64,
    /// None for a delete.
    pub(crate) value: Option<Value>,
    /// The times before and after it was submitted.
    pub(crate) submitted: (u64, u64),
    pub(crate) outcome: Outcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Acknowledged, or no client waited and no failure was reported.
    Applied,
    NotApplied,
}

/// The state of one register in a view: the value of all its keys, or none if they are absent.
#[derive(Clone, Copy, Debug)]
struct Read {
    found: Option<Value>,
    during: (u64, u64),
}

/// The states of several registers in one view, all at the same moment.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub(crate) found: Vec<(u64, Option<Value>)>,
    /// The times before the view was first waited for or polled, and after its result was there.
    pub(crate) during: (u64, u64),
}

/// The recorded writes and views.
#[derive(Debug, Default)]
pub(crate) struct History {
    clock: AtomicU64,
    recorded: Mutex<(Vec<Write>, Vec<View>)>,
}

impl History {
    /// Returns the current time. No two calls return the same.
    pub(crate) fn now(&self) -> u64 {
        self.clock.fetch_add(1, SeqCst) + 1
    }

    pub(crate) fn record_write(&self, write: Write) {
        self.recorded.lock().0.push(write);
    }

    pub(crate) fn record_view(&self, view: View) {
        self.recorded.lock().1.push(view);
    }

    /// Checks the history. Returns the numbers of writes and views.
    pub(crate) fn check(&self) -> (usize, usize) {
        let recorded = self.recorded.lock();
        let (writes, views) = &*recorded;
        if let Err(reason) = check(writes, views) {
            panic!("{reason}");
        }
        (writes.len(), views.len())
    }
}

/// Returns whether one write certainly took effect before another: its submission ended before the other's began.
fn is_before(one: &Write, other: &Write) -> bool {
    one.submitted.1 < other.submitted.0
}

/// Checks that the store allows the history.
///
/// # Errors
///
/// Returns a description of a result that is not possible.
pub(crate) fn check(writes: &[Write], views: &[View]) -> Result<(), String> {
    let mut registers: HashMap<u64, (Vec<&Write>, Vec<Read>)> = HashMap::new();
    for write in writes {
        registers.entry(write.register).or_default().0.push(write);
    }
    let of_value: HashMap<Value, &Write> =
        writes.iter().filter_map(|write| Some((write.value?, write))).collect();
    for view in views {
        // A view that sees a write also sees everything that was submitted to the job before that write, as if the view
        // had begun no earlier than the write's submission.
        let seen = view.found.iter().filter_map(|(_, found)| of_value.get(&(*found)?));
        let begin = seen.map(|write| write.submitted.0).chain([view.during.0]).max();
        let during = (begin.unwrap_or_default(), view.during.1);
        for &(register, found) in &view.found {
            registers.entry(register).or_default().1.push(Read { found, during });
        }
    }
    registers.into_values().try_for_each(|(writes, reads)| check_register(writes, &reads))
}

/// The write before the first write of a register.
static NOTHING_YET: Write =
    Write { register: 0, value: None, submitted: (0, 0), outcome: Outcome::Applied };

fn check_register(mut writes: Vec<&Write>, reads: &[Read]) -> Result<(), String> {
    writes.push(&NOTHING_YET);
    writes.retain(|write| write.outcome == Outcome::Applied);
    writes.sort_unstable_by_key(|write| write.submitted.0);
    // For each write, the earliest time by which it or a later one was submitted.
    let mut submitted: Vec<u64> = writes.iter().map(|write| write.submitted.1).collect();
    for index in (1..submitted.len()).rev() {
        submitted[index - 1] = submitted[index - 1].min(submitted[index]);
    }
    let mut of_value: HashMap<Option<Value>, Vec<&Write>> = HashMap::new();
    for write in &writes {
        of_value.entry(write.value).or_default().push(write);
    }
    for read in reads {
        let is_source = |source: &&Write| {
            let is_late = source.submitted.0 > read.during.1;
            // The first write that certainly follows the source. If it was submitted before the read began, the read
            // has to see it.
            let next = writes.partition_point(|write| !is_before(source, write));
            let is_replaced = submitted.get(next).is_some_and(|&end| end < read.during.0);
            !is_late && !is_replaced
        };
        // All writes that may have left the state that was found.
        if !of_value.get(&read.found).is_some_and(|sources| sources.iter().any(is_source)) {
            return Err(format!(
                "{read:?} found a state that no longer existed, not yet existed, or never existed"
            ));
        }
    }
    check_monotonic(&of_value, reads)
}

/// Checks that a read that begins after another one has ended finds no older value.
fn check_monotonic<'a>(
    of_value: &HashMap<Option<Value>, Vec<&'a Write>>,
    reads: &'a [Read],
) -> Result<(), String> {
    let of_read = |read: &'a Read| Some((read, of_value[&Some(read.found?)][0]));
    let mut ended: Vec<(&Read, &Write)> = reads.iter().filter_map(of_read).collect();
    let mut begun = ended.clone();
    ended.sort_unstable_by_key(|(read, _)| read.during.1);
    begun.sort_unstable_by_key(|(read, _)| read.during.0);
    let mut ended = ended.into_iter().peekable();
    let mut newest: Option<(&Read, &Write)> = None;
    for (read, write) in begun {
        // The newest write that a read had seen when this read began.
        while let Some(seen) = ended.next_if(|(seen, _)| seen.during.1 < read.during.0) {
            let is_newer = |newest: (&Read, &Write)| seen.1.submitted.0 > newest.1.submitted.0;
            if newest.is_none_or(is_newer) {
                newest = Some(seen);
            }
        }
        if let Some((earlier, newer)) = newest
            && is_before(write, newer)
        {
            return Err(format!(
                "{read:?} found a value that {earlier:?} had already seen replaced"
            ));
        }
    }
    Ok(())
}

mod tests {
    use std::slice::from_ref;

    use super::{Outcome, View, Write, check};

    fn write(value: Option<u64>, from: u64, to: u64) -> Write {
        Write { register: 1, value, submitted: (from, to), outcome: Outcome::Applied }
    }

    fn read(found: Option<u64>, from: u64, to: u64) -> View {
        View { found: vec![(1, found)], during: (from, to) }
    }

    #[test]
    fn possible_history_is_accepted() {
        let writes = [write(Some(1), 1, 2), write(Some(2), 3, 6), write(None, 5, 7)];
        // The last two were submitted concurrently.
        for found in [Some(2), None] {
            assert_eq!(check(&writes, &[read(found, 8, 9)]), Ok(()));
        }
        // A write that is being submitted may or may not be seen.
        for found in [Some(1), Some(2), None] {
            assert_eq!(check(&writes, &[read(found, 4, 6)]), Ok(()));
        }
        assert_eq!(check(&[], &[read(None, 1, 2)]), Ok(()));
    }

    #[test]
    fn impossible_history_is_refused() {
        let writes =
            [write(Some(1), 1, 2), write(Some(2), 3, 4), write(None, 5, 6), write(Some(3), 7, 8)];
        let refused = |read| assert!(check(&writes, from_ref(&read)).is_err(), "{read:?}");
        refused(read(Some(1), 5, 6)); // a lost update
        refused(read(None, 3, 4)); // an earlier write isn't seen
        refused(read(None, 9, 10)); // nor the one after the delete
        refused(read(Some(3), 5, 6)); // a value from the future
        refused(read(Some(9), 5, 6)); // a value that was never written
        assert!(
            check(&[Write { outcome: Outcome::NotApplied, ..writes[0] }], &[read(Some(1), 3, 4)])
                .is_err()
        );
        // Each of the two is possible alone, but not in this order.
        let slow = [write(Some(1), 1, 2), write(Some(2), 3, 20)];
        assert_eq!(check(&slow, &[read(Some(2), 4, 5)]), Ok(()));
        assert_eq!(check(&slow, &[read(Some(1), 6, 7)]), Ok(()));
        assert!(check(&slow, &[read(Some(2), 4, 5), read(Some(1), 6, 7)]).is_err());
    }

    #[test]
    fn view_sees_all_writes_before_those_it_sees() {
        let other = Write { register: 2, ..write(Some(2), 3, 4) };
        let writes = [write(Some(1), 1, 2), other];
        let view = |one, other| View { found: vec![(1, one), (2, other)], during: (1, 9) };
        for (one, other) in [(None, None), (Some(1), None), (Some(1), Some(2))] {
            assert_eq!(check(&writes, &[view(one, other)]), Ok(()));
        }
        assert!(check(&writes, &[view(None, Some(2))]).is_err());
        // They were submitted concurrently, so either may come first.
        let writes = [write(Some(1), 1, 3), Write { submitted: (2, 4), ..other }];
        assert_eq!(check(&writes, &[view(None, Some(2))]), Ok(()));
    }
}
