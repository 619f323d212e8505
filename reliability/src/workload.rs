//! The steps that a thread writes to a job. They follow from a seed, so a checker knows every state of the rows without
//! recording it.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use fastrand::Rng;
use persist_core::{Committed, Error, Job, Key, Ticket, TxOp};

/// The rows of a workload: keys and payloads, by category.
pub type Rows = BTreeMap<(Vec<u8>, Vec<u8>), Vec<u8>>;

/// The steps of one thread, in categories that no other thread writes.
#[derive(Clone, Debug)]
pub struct Workload {
    seed: u64,
    thread: u8,
    /// The largest size of a payload; one in twenty may be ten times as large.
    payload_bytes: usize,
}

/// One step: a single change with a call of its own, or several as a batch or a transaction.
#[derive(Clone, Debug)]
pub struct Step {
    changes: Vec<Change>,
    is_transaction: bool,
}

/// A submitted step.
#[derive(Debug)]
pub enum Submitted {
    /// A change, or a batch of changes.
    Write(Ticket<Committed>),
    /// A transaction.
    Transaction(Ticket<()>),
}

impl Submitted {
    /// Waits for the outcome.
    ///
    /// # Errors
    ///
    /// Returns the error of the ticket.
    pub fn wait(self) -> Result<(), Error> {
        match self {
            Self::Write(ticket) => ticket.wait().map(drop),
            Self::Transaction(ticket) => ticket.wait(),
        }
    }
}

#[derive(Clone, Debug)]
enum Change {
    Put { category: Vec<u8>, key: Vec<u8>, payload: Vec<u8> },
    Delete { category: Vec<u8>, key: Vec<u8> },
    DeletePrefix { category: Vec<u8>, prefix: Vec<u8> },
    DeleteRange { category: Vec<u8>, keys: RangeInclusive<Vec<u8>> },
}

impl Workload {
    /// Returns the workload of a thread.
    #[must_use]
    pub fn new(seed: u64, thread: u8, payload_bytes: usize) -> Self {
        Self { seed, thread, payload_bytes }
    }

    /// Returns the step with this number, counted from 0.
    #[must_use]
    pub fn step(&self, number: u64) -> Step {
        let mut random = Rng::with_seed(
            self.seed ^ (u64::from(self.thread) << 56) ^ number.wrapping_mul(0x9E37_79B9),
        );
        let (count, is_transaction) = match random.u8(..10) {
            0..4 => (1, false),
            4..8 => (random.usize(2..20), false),
            _ => (random.usize(1..20), true),
        };
        // Nearly every step also puts its number, so that few states are equal.
        let number = Change::Put {
            category: self.category(0),
            key: b"number".to_vec(),
            payload: number.to_be_bytes().to_vec(),
        };
        let mut changes: Vec<Change> = (1..count).map(|_| self.change(&mut random)).collect();
        if count == 1 && random.u8(..3) == 0 {
            changes.push(self.change(&mut random));
        } else {
            changes.insert(random.usize(..=changes.len()), number);
        }
        Step { changes, is_transaction }
    }

    /// Returns the rows after the first `steps` steps.
    #[must_use]
    pub fn rows_after(&self, steps: u64) -> Rows {
        let mut rows = Rows::new();
        (0..steps).for_each(|number| self.step(number).apply(&mut rows));
        rows
    }

    /// Returns the least and the largest of the `possible` numbers of steps that lead to the rows `found`. There may be
    /// several, since some steps change nothing.
    #[must_use]
    pub fn find(&self, found: &Rows, possible: RangeInclusive<u64>) -> Option<(u64, u64)> {
        let mut rows = self.rows_after(*possible.start());
        let mut matching = None;
        for steps in possible {
            if *found == rows {
                matching = Some((matching.map_or(steps, |(least, _)| least), steps));
            }
            self.step(steps).apply(&mut rows);
        }
        matching
    }

    /// Returns the rows of a job that this workload wrote.
    #[must_use]
    pub fn own(&self, rows: &Rows) -> Rows {
        let own = [self.category(0), self.category(1)];
        rows.iter()
            .filter(|((category, _), _)| own.contains(category))
            .map(|(at, payload)| (at.clone(), payload.clone()))
            .collect()
    }

    fn category(&self, which: u8) -> Vec<u8> {
        format!("thread {} {which}", self.thread).into_bytes()
    }

    fn change(&self, random: &mut Rng) -> Change {
        let category = self.category(random.u8(..2));
        let group = random.u8(..8);
        match random.u8(..20) {
            0..2 => Change::Delete { category, key: vec![group, random.u8(..32)] },
            2 => Change::DeletePrefix { category, prefix: vec![group] },
            3 => {
                let first = random.u8(..32);
                let last = random.u8(first..32);
                Change::DeleteRange { category, keys: vec![group, first]..=vec![group, last] }
            }
            _ => {
                let most = self.payload_bytes * if random.u8(..20) == 0 { 10 } else { 1 };
                let mut payload = vec![0; random.usize(..=most)];
                random.fill(&mut payload);
                Change::Put { category, key: vec![group, random.u8(..32)], payload }
            }
        }
    }
}

impl Step {
    /// Submits the step. The result may be dropped.
    #[must_use = "drop it if there is no need to wait"]
    pub fn submit(&self, job: &Job) -> Submitted {
        let ops = self.changes.iter().map(Change::op);
        if self.is_transaction {
            let ops: Vec<TxOp> = ops.collect();
            return Submitted::Transaction(
                job.transact(move |transaction| transaction.persist(ops)),
            );
        }
        Submitted::Write(match &*self.changes {
            [Change::Put { category, key, payload }] => {
                job.persist_put(category, Key::from_bytes(key), payload.as_slice())
            }
            [Change::Delete { category, key }] => {
                job.persist_delete(category, Key::from_bytes(key))
            }
            [Change::DeletePrefix { category, prefix }] => {
                job.persist_delete_prefix(category, Key::from_bytes(prefix))
            }
            [Change::DeleteRange { category, keys }] => job.persist_delete_range(
                category,
                Key::from_bytes(keys.start())..=Key::from_bytes(keys.end()),
            ),
            _ => job.persist(ops),
        })
    }

    /// Applies the step to `rows`.
    pub fn apply(&self, rows: &mut Rows) {
        for change in &self.changes {
            match change {
                Change::Put { category, key, payload } => {
                    rows.insert((category.clone(), key.clone()), payload.clone());
                }
                Change::Delete { category, key } => {
                    rows.remove(&(category.clone(), key.clone()));
                }
                Change::DeletePrefix { category, prefix } => {
                    rows.retain(|(of, key), _| of != category || !key.starts_with(prefix));
                }
                Change::DeleteRange { category, keys } => {
                    rows.retain(|(of, key), _| of != category || !keys.contains(key));
                }
            }
        }
    }
}

impl Change {
    fn op(&self) -> TxOp {
        match self {
            Self::Put { category, key, payload } => {
                TxOp::put(category, Key::from_bytes(key), payload.as_slice())
            }
            Self::Delete { category, key } => TxOp::delete(category, Key::from_bytes(key)),
            Self::DeletePrefix { category, prefix } => {
                TxOp::delete_prefix(category, Key::from_bytes(prefix))
            }
            Self::DeleteRange { category, keys } => TxOp::delete_range(
                category,
                Key::from_bytes(keys.start())..=Key::from_bytes(keys.end()),
            ),
        }
    }
}

/// Returns all rows of a job.
///
/// # Errors
///
/// Returns the error of the read.
pub fn rows_of(job: &Job) -> Result<Rows, Error> {
    let mut rows = Rows::new();
    for category in job.categories().wait()? {
        let found = job.scan(&category, ..).wait()?;
        for row in &found {
            rows.insert((category.clone(), row.key().as_bytes().to_vec()), row.payload().to_vec());
        }
    }
    Ok(rows)
}
