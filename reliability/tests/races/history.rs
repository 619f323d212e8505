//! What threads did to a job, when, and whether that is a history that the store promises.
//!
//! The rows are registers: some keys each, which every write of the register sets to one value, its own, or removes. Times are
//! those of one clock for all threads.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use parking_lot::Mutex;

/// A value that no other write has.
pub(crate) type Value = u64;

/// A write of a register: a batch that sets all its keys, or a delete of all.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Write {
    pub(crate) register: u64,
    /// None for a delete.
    pub(crate) value: Option<Value>,
    /// Before it was submitted, and after.
    pub(crate) submitted: (u64, u64),
    pub(crate) outcome: Outcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Acknowledged, or nobody waited and no failure was told.
    Applied,
    NotApplied,
}

/// What a view found of one register: the value of all its keys, or that none is there.
#[derive(Clone, Copy, Debug)]
struct Read {
    found: Option<Value>,
    during: (u64, u64),
}

/// What one view found of several registers, which is what they all were at one moment.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub(crate) found: Vec<(u64, Option<Value>)>,
    /// Before it was first waited for or polled, and after it was there.
    pub(crate) during: (u64, u64),
}

/// What was recorded.
#[derive(Debug, Default)]
pub(crate) struct History {
    clock: AtomicU64,
    recorded: Mutex<(Vec<Write>, Vec<View>)>,
}

impl History {
    /// What time it is. No two calls give the same.
    pub(crate) fn now(&self) -> u64 {
        self.clock.fetch_add(1, SeqCst) + 1
    }

    pub(crate) fn wrote(&self, write: Write) {
        self.recorded.lock().0.push(write);
    }

    pub(crate) fn viewed(&self, view: View) {
        self.recorded.lock().1.push(view);
    }

    /// Checks all; gives how many writes and views there were.
    pub(crate) fn check(&self) -> (usize, usize) {
        let recorded = self.recorded.lock();
        let (writes, views) = &*recorded;
        if let Err(why) = check(writes, views) {
            panic!("{why}");
        }
        (writes.len(), views.len())
    }
}

/// Whether one write surely took effect before another: it was submitted before the other began to be.
fn is_before(one: &Write, other: &Write) -> bool {
    one.submitted.1 < other.submitted.0
}

/// # Errors
///
/// What was seen that can't have been.
pub(crate) fn check(writes: &[Write], views: &[View]) -> Result<(), String> {
    let mut registers: HashMap<u64, (Vec<&Write>, Vec<Read>)> = HashMap::new();
    for write in writes {
        registers.entry(write.register).or_default().0.push(write);
    }
    let of_value: HashMap<Value, &Write> =
        writes.iter().filter_map(|write| Some((write.value?, write))).collect();
    for view in views {
        // What sees a write sees all that was submitted to the job before it, as if it had begun no earlier than that.
        let seen = view.found.iter().filter_map(|(_, found)| of_value.get(&(*found)?));
        let begin = seen.map(|write| write.submitted.0).chain([view.during.0]).max();
        let during = (begin.unwrap_or_default(), view.during.1);
        for &(register, found) in &view.found {
            registers.entry(register).or_default().1.push(Read { found, during });
        }
    }
    registers.into_values().try_for_each(|(writes, reads)| check_register(writes, &reads))
}

/// What a register's state is of before its first write.
static NOTHING_YET: Write =
    Write { register: 0, value: None, submitted: (0, 0), outcome: Outcome::Applied };

fn check_register(mut writes: Vec<&Write>, reads: &[Read]) -> Result<(), String> {
    writes.push(&NOTHING_YET);
    writes.retain(|write| write.outcome == Outcome::Applied);
    writes.sort_unstable_by_key(|write| write.submitted.0);
    // When the first of each one and all that follow had been submitted.
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
            // A write between them, that the read has to see.
            let next = writes.partition_point(|write| !is_before(source, write));
            let is_replaced = submitted.get(next).is_some_and(|&end| end < read.during.0);
            !is_late && !is_replaced
        };
        // Each write that may have left what was found.
        if !of_value.get(&read.found).is_some_and(|sources| sources.iter().any(is_source)) {
            return Err(format!("{read:?} found what was not there any more, not yet, or never"));
        }
    }
    check_monotonic(&of_value, reads)
}

/// A read that begins when another has ended finds no older value.
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
        // The newest write that was seen when this read began.
        while let Some(seen) = ended.next_if(|(seen, _)| seen.during.1 < read.during.0) {
            let is_newer = |newest: (&Read, &Write)| seen.1.submitted.0 > newest.1.submitted.0;
            if newest.is_none_or(is_newer) {
                newest = Some(seen);
            }
        }
        if let Some((earlier, newer)) = newest
            && is_before(write, newer)
        {
            return Err(format!("{read:?} found what {earlier:?} had seen replaced"));
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
    fn what_may_be_is_accepted() {
        let writes = [write(Some(1), 1, 2), write(Some(2), 3, 6), write(None, 5, 7)];
        // The last two were submitted at once.
        for found in [Some(2), None] {
            assert_eq!(check(&writes, &[read(found, 8, 9)]), Ok(()));
        }
        // What is being submitted may be seen, or not.
        for found in [Some(1), Some(2), None] {
            assert_eq!(check(&writes, &[read(found, 4, 6)]), Ok(()));
        }
        assert_eq!(check(&[], &[read(None, 1, 2)]), Ok(()));
    }

    #[test]
    fn what_can_t_be_is_refused() {
        let writes =
            [write(Some(1), 1, 2), write(Some(2), 3, 4), write(None, 5, 6), write(Some(3), 7, 8)];
        let refused = |read| assert!(check(&writes, from_ref(&read)).is_err(), "{read:?}");
        refused(read(Some(1), 5, 6)); // a lost update
        refused(read(None, 3, 4)); // a write submitted before it isn't seen
        refused(read(None, 9, 10)); // nor that which follows the delete
        refused(read(Some(3), 5, 6)); // from the future
        refused(read(Some(9), 5, 6)); // from nowhere
        assert!(
            check(&[Write { outcome: Outcome::NotApplied, ..writes[0] }], &[read(Some(1), 3, 4)])
                .is_err()
        );
        // Both are possible by themselves, in this order they aren't.
        let slow = [write(Some(1), 1, 2), write(Some(2), 3, 20)];
        assert_eq!(check(&slow, &[read(Some(2), 4, 5)]), Ok(()));
        assert_eq!(check(&slow, &[read(Some(1), 6, 7)]), Ok(()));
        assert!(check(&slow, &[read(Some(2), 4, 5), read(Some(1), 6, 7)]).is_err());
    }

    #[test]
    fn a_view_sees_what_comes_before_what_it_sees() {
        let other = Write { register: 2, ..write(Some(2), 3, 4) };
        let writes = [write(Some(1), 1, 2), other];
        let view = |one, other| View { found: vec![(1, one), (2, other)], during: (1, 9) };
        for (one, other) in [(None, None), (Some(1), None), (Some(1), Some(2))] {
            assert_eq!(check(&writes, &[view(one, other)]), Ok(()));
        }
        assert!(check(&writes, &[view(None, Some(2))]).is_err());
        // Submitted at once, either may come first.
        let writes = [write(Some(1), 1, 3), Write { submitted: (2, 4), ..other }];
        assert_eq!(check(&writes, &[view(None, Some(2))]), Ok(()));
    }
}
