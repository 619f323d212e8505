//! A check of an engine's results against a map in memory.

use std::collections::BTreeMap;
use std::fmt::Debug;

use crate::data::{Data, Keys, RowKey};
use crate::engine::{Commits, Engine, Fault, Outcome, Reader, With};

const ROWS: usize = 300;

/// Less than all keys. LMDB doesn't allow empty keys.
pub const START: &[u8] = &[0];
/// Greater than all keys.
pub const STOP: &[u8] = &[0xff];

/// Returns the first wrong result of an engine as an error, while it is open and after it was closed and opened again.
pub fn check(with: With) -> Outcome<()> {
    let data = Data::new(ROWS);
    for commits in [Commits::Fast, Commits::Durable] {
        let directory = tempfile::tempdir()?;
        let mut model = Model::default();
        with(directory.path(), commits, &mut |engine| {
            write(engine, &data, &mut model)?;
            model.compare(engine)
        })?;
        with(directory.path(), commits, &mut |engine| model.compare(engine))?;
    }
    Ok(())
}

fn write(engine: &dyn Engine, data: &Data, model: &mut Model) -> Outcome<()> {
    // Each row twice, so that half of the puts replace a row.
    for number in (0..ROWS / 3).chain(0..ROWS / 3) {
        let (key, payload) = (Keys::Sequential.key(number), data.payload(model.writes));
        engine.put(&key, payload)?;
        model.put(key, payload);
    }
    engine.put_acknowledged(&Keys::Random.key(ROWS), b"")?;
    model.put(Keys::Random.key(ROWS), b"");
    // A caller that has waited for a put finds it, and all earlier writes.
    model.compare(engine)?;
    for batch in data.shuffled.chunks(100) {
        let rows: Vec<_> =
            batch.iter().map(|&row| (Keys::Random.key(row), data.payload(row))).collect();
        engine.put_batch(&rows)?;
        for (key, payload) in rows {
            model.put(key, payload);
        }
    }
    // Some of these rows exist and some don't.
    for batch in data.shuffled.chunks(70).step_by(2) {
        let keys: Vec<RowKey> = batch.iter().map(|&row| Keys::Sequential.key(row)).collect();
        engine.delete_batch(&keys)?;
        for key in keys {
            model.rows.remove(&key);
        }
    }
    engine.settle()
}

#[derive(Default)]
struct Model {
    rows: BTreeMap<RowKey, Vec<u8>>,
    writes: usize,
}

impl Model {
    fn put(&mut self, key: RowKey, payload: &[u8]) {
        self.rows.insert(key, payload.to_vec());
        self.writes += 1;
    }

    fn compare(&self, engine: &dyn Engine) -> Outcome<()> {
        let reader = engine.reader()?;
        for number in 0..ROWS {
            self.compare_get(&*reader, &Keys::Sequential.key(number))?;
            self.compare_get(&*reader, &Keys::Random.key(number))?;
        }
        for stop in [STOP, &Keys::Random.key(1), &Keys::Sequential.key(ROWS / 2)] {
            for start in [START, &Keys::Random.key(2), &Keys::Sequential.key(ROWS / 4)] {
                if start <= stop {
                    self.compare_range(&*reader, start, stop)?;
                }
            }
        }
        Ok(())
    }

    fn compare_get(&self, reader: &dyn Reader, key: &RowKey) -> Outcome<()> {
        let expected = self.rows.get(key);
        ensure_equal("a get", &reader.get(key)?.as_ref(), &expected)?;
        match reader.get_awaited(key) {
            None => Ok(()),
            Some(found) => ensure_equal("an awaited get", &found?.as_ref(), &expected),
        }
    }

    fn compare_range(&self, reader: &dyn Reader, start: &[u8], stop: &[u8]) -> Outcome<()> {
        let within = |key: &[u8]| start <= key && key < stop;
        let expected: Vec<(&[u8], &[u8])> = self
            .rows
            .iter()
            .filter(|(key, _)| within(&key[..]))
            .map(|(key, payload)| (&key[..], &payload[..]))
            .collect();
        ensure_equal("a count", &reader.count(start, stop)?, &expected.len())?;
        for limit in [None, Some(100), Some(1)] {
            let kept = reader.scan(start, stop, limit)?;
            let found: Vec<_> = (0..kept.count()).filter_map(|index| kept.row(index)).collect();
            let rows = expected.len().min(limit.unwrap_or(usize::MAX));
            ensure_equal("a scan", &found.as_slice(), &&expected[..rows])?;
        }
        Ok(())
    }
}

/// Returns an error if the result differs from the expected one.
pub fn ensure_equal<T: PartialEq + Debug>(what: &str, found: &T, expected: &T) -> Outcome<()> {
    if found == expected {
        return Ok(());
    }
    Err(Fault::from(format!("{what} returned\n{found:?}\ninstead of\n{expected:?}")))
}
