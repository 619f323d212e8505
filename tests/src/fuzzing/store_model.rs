//! The store compared with a `BTreeMap`, over any sequence of calls.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use persist_core::{Committed, Job, Key, KeyRange, Memory, Persistency, Ticket, TxOp};

/// Makes the calls that `data` encodes on a store in memory and on a model, and compares all results.
///
/// # Panics
///
/// If a result differs, or a call fails.
pub fn store_model(data: &[u8]) {
    let rows = Memory::new();
    store_model_over(|| Persistency::open(rows.clone()).expect("the store opens"), data);
}

/// Like [`store_model`], over any backend: `open_store` opens a store over the same rows each time.
///
/// # Panics
///
/// If a result differs, or a call fails.
pub fn store_model_over(open_store: impl Fn() -> Persistency, data: &[u8]) {
    let store = open_store();
    let mut calls = Calls { left: data };
    let mut run = Run { job: open(&store), store, model: Model::default() };
    // Bounded, so that a long input doesn't take long.
    for _ in 0..64 {
        let Some(call) = calls.next() else { break };
        if call % 13 == 12 {
            run.reopen_store(&open_store);
        } else {
            run.call(call % 13, &mut calls);
        }
    }
    run.check_all_categories();
    run.store.close().wait().expect("the store closes without a failed write");
    assert!(!run.job.is_open());
}

fn open(store: &Persistency) -> Job {
    store.open_job("model").wait().expect("the job opens")
}

/// Bytes that select the calls. After their end, every choice is the first.
struct Calls<'a> {
    left: &'a [u8],
}

impl Calls<'_> {
    fn next(&mut self) -> Option<u8> {
        let (first, left) = self.left.split_first()?;
        self.left = left;
        Some(*first)
    }

    fn choice(&mut self, of: u8) -> u8 {
        self.next().map_or(0, |byte| byte % of)
    }

    fn category(&mut self) -> &'static [u8] {
        CATEGORIES[usize::from(self.choice(3))]
    }

    /// Returns short keys of few different bytes, so that calls use the same keys: empty keys, prefixes of others, all
    /// FF.
    fn key(&mut self) -> Key {
        let shape = self.choice(32);
        let byte = |bits: u8| [0x00, 0x01, 0x7F, 0xFF][usize::from(bits & 3)];
        match shape {
            0 => Key::new(),
            1..=4 => Key::from_bytes([byte(shape - 1)]),
            5..=20 => Key::from_bytes([byte(shape - 5), byte((shape - 5) >> 2)]),
            21..=30 => Key::from_bytes(vec![byte(shape); usize::from(shape) + 10]),
            _ => Key::from_bytes([self.choice(255), self.choice(255)]),
        }
    }

    fn payload(&mut self) -> Vec<u8> {
        let length = usize::from(self.choice(8));
        vec![self.choice(255); length]
    }

    fn bound(&mut self) -> Bound<Key> {
        match self.choice(3) {
            0 => Bound::Unbounded,
            1 => Bound::Included(self.key()),
            _ => Bound::Excluded(self.key()),
        }
    }

    fn op(&mut self) -> TxOp {
        let category = self.category();
        match self.choice(5) {
            0 | 1 => TxOp::put(category, self.key(), self.payload()),
            2 => TxOp::delete(category, self.key()),
            3 => TxOp::delete_prefix(category, self.key()),
            _ => TxOp::delete_range(category, (self.bound(), self.bound())),
        }
    }
}

const CATEGORIES: [&[u8]; 3] = [b"", b"msg", b"\xFF"];

/// The rows that each category must have.
#[derive(Default)]
struct Model {
    categories: BTreeMap<Vec<u8>, BTreeMap<Key, Vec<u8>>>,
}

impl Model {
    fn rows(&mut self, category: &[u8]) -> &mut BTreeMap<Key, Vec<u8>> {
        self.categories.entry(category.to_vec()).or_default()
    }

    fn apply(&mut self, op: &TxOp) {
        match op {
            TxOp::Put { category, key, payload } => {
                self.rows(category).insert(key.clone(), payload.as_bytes().to_vec());
            }
            TxOp::Delete { category, key } => {
                self.rows(category).remove(key);
            }
            TxOp::DeletePrefix { category, prefix } => {
                self.rows(category).retain(|key, _| !key.as_bytes().starts_with(prefix.as_bytes()));
            }
            TxOp::DeleteRange { category, start, stop } => {
                let holds = |key: &Key| start <= key && stop.as_ref().is_none_or(|stop| key < stop);
                self.rows(category).retain(|key, _| !holds(key));
            }
            other => panic!("an operation unknown to the model: {other:?}"),
        }
    }

    /// Returns the rows in the range, in the order of their keys. `holds` is the test of the range.
    fn select(&mut self, category: &[u8], holds: impl Fn(&Key) -> bool) -> Vec<(Key, Vec<u8>)> {
        let rows = self.rows(category).iter().filter(|(key, _)| holds(key));
        rows.map(|(key, payload)| (key.clone(), payload.clone())).collect()
    }
}

fn holds(range: &(Bound<Key>, Bound<Key>), key: &Key) -> bool {
    let behind_start = match &range.0 {
        Bound::Unbounded => true,
        Bound::Included(start) => key >= start,
        Bound::Excluded(start) => key > start,
    };
    let before_stop = match &range.1 {
        Bound::Unbounded => true,
        Bound::Included(stop) => key <= stop,
        Bound::Excluded(stop) => key < stop,
    };
    behind_start && before_stop
}

struct Run {
    store: Persistency,
    job: Job,
    model: Model,
}

impl Run {
    fn call(&mut self, call: u8, calls: &mut Calls<'_>) {
        match call {
            0..=2 => self.write_one(calls),
            3 => self.write_batch(calls),
            4 => self.delete_acked(calls),
            5 | 6 => self.read_one(calls),
            7 => self.count(calls),
            8 => self.scan_range(calls),
            9 => self.scan_prefix(calls),
            10 => self.check_categories(),
            _ => self.reopen(),
        }
    }

    fn write_one(&mut self, calls: &mut Calls<'_>) {
        let op = calls.op();
        self.model.apply(&op);
        let ticket = match op {
            TxOp::Put { category, key, payload } => self.job.persist_put(category, key, payload),
            TxOp::Delete { category, key } => self.job.persist_delete(category, key),
            TxOp::DeletePrefix { category, prefix } => {
                self.job.persist_delete_prefix(category, prefix)
            }
            other => self.job.persist([other]),
        };
        wait_or_drop(ticket, calls);
    }

    fn write_batch(&mut self, calls: &mut Calls<'_>) {
        let ops: Vec<TxOp> = (0..calls.choice(6)).map(|_| calls.op()).collect();
        for op in &ops {
            self.model.apply(op);
        }
        wait_or_drop(self.job.persist(ops), calls);
    }

    fn delete_acked(&mut self, calls: &mut Calls<'_>) {
        let (category, key) = (calls.category(), calls.key());
        let was_there = self.model.rows(category).remove(&key).is_some();
        assert_eq!(self.job.delete_acked(category, key).wait().expect("a delete"), was_there);
    }

    fn read_one(&mut self, calls: &mut Calls<'_>) {
        let (category, key) = (calls.category(), calls.key());
        let expected = self.model.rows(category).get(&key).cloned();
        assert_eq!(self.job.exists(category, &key).wait().expect("a read"), expected.is_some());
        assert_eq!(self.job.get(category, &key).wait().expect("a read"), expected);
    }

    fn count(&mut self, calls: &mut Calls<'_>) {
        let (category, range) = (calls.category(), (calls.bound(), calls.bound()));
        let expected = self.model.select(category, |key| holds(&range, key)).len();
        let counted = self.job.count(category, range).wait().expect("a count");
        assert_eq!(usize::try_from(counted), Ok(expected));
    }

    fn scan_range(&mut self, calls: &mut Calls<'_>) {
        let category = calls.category();
        if calls.choice(2) == 0 {
            let range = (calls.bound(), calls.bound());
            let expected = self.model.select(category, |key| holds(&range, key));
            check_rows(self.job.scan(category, range), expected, calls);
        } else {
            let (start, stop) = (calls.key(), calls.key());
            let expected = self
                .model
                .select(category, |key| start <= *key && (stop.is_empty() || *key < stop));
            let range = KeyRange::with_empty_stop_as_end(start, stop);
            check_rows(self.job.scan(category, &range), expected, calls);
        }
    }

    fn scan_prefix(&mut self, calls: &mut Calls<'_>) {
        let (category, prefix) = (calls.category(), calls.key());
        let expected =
            self.model.select(category, |key| key.as_bytes().starts_with(prefix.as_bytes()));
        check_rows(self.job.scan_prefix(category, &prefix), expected, calls);
    }

    fn check_categories(&mut self) {
        self.model.categories.retain(|_, rows| !rows.is_empty());
        let expected: BTreeSet<_> = self.model.categories.keys().cloned().collect();
        let categories = self.job.categories().wait().expect("the categories");
        assert!(categories.iter().eq(&expected), "{categories:?} must be {expected:?}");
    }

    fn reopen(&mut self) {
        self.store.close_job("model").wait().expect("the job closes without a failed write");
        assert!(!self.store.has_job("model") && !self.job.is_open());
        self.job = open(&self.store);
    }

    /// Closes the store or only drops it. Its writes are committed in both cases.
    fn reopen_store(&mut self, open_store: impl Fn() -> Persistency) {
        if self.model.categories.len().is_multiple_of(2) {
            self.store.close().wait().expect("the store closes without a failed write");
        }
        // The last handles must be dropped before the rows are opened again.
        self.store = Persistency::open(Memory::new()).expect("an empty store opens");
        self.job = open(&self.store);
        self.store = open_store();
        self.job = open(&self.store);
    }

    fn check_all_categories(&mut self) {
        for category in CATEGORIES {
            let expected = self.model.select(category, |_| true);
            check_rows(self.job.scan(category, ..), expected, &mut Calls { left: &[] });
        }
        self.check_categories();
    }
}

/// Waits for the write, or drops its ticket. Reads see the write in both cases.
fn wait_or_drop(ticket: Ticket<Committed>, calls: &mut Calls<'_>) {
    if calls.choice(2) == 1 {
        ticket.wait().expect("a write");
    }
}

/// Checks that a scan, with random options, returns the expected rows, all at once and one by one.
fn check_rows(
    scan: persist_core::Scan<'_>,
    mut expected: Vec<(Key, Vec<u8>)>,
    calls: &mut Calls<'_>,
) {
    let (mut scan, options) = (scan, calls.choice(8));
    let reversed = options & 1 != 0;
    if reversed {
        scan = scan.reverse();
        expected.reverse();
    }
    if options & 2 != 0 {
        let after = calls.key();
        expected.retain(|(key, _)| if reversed { *key < after } else { *key > after });
        scan = scan.after(after);
    }
    if options & 4 != 0 {
        let limit = usize::from(calls.choice(4));
        expected.truncate(limit);
        scan = scan.limit(limit);
    }
    let rows = scan.clone().wait().expect("a scan");
    let rows: Vec<_> =
        rows.iter().map(|row| (row.key().to_owned(), row.payload().to_vec())).collect();
    assert_eq!(rows, expected, "all at once");
    let one_by_one: Vec<_> = scan
        .iter()
        .map(|row| row.map(|row| (row.key().to_owned(), row.payload().to_vec())).expect("a row"))
        .collect();
    assert_eq!(one_by_one, expected, "one by one");
}
