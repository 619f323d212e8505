//! Gets, scans and counts, over rows with sequential keys.

use super::Turn;
use crate::answers::ensure_equal;
use crate::data::{Data, Keys, RowKey};
use crate::engine::{Engine, Outcome, Reader};
use crate::rate::Rate;
use crate::work::Work;

/// Gets between two reads of the clock.
const GETS: usize = 100;

/// Rows per read of the warm-up.
const PIECE: usize = 100_000;

/// Rows of a short scan.
const SHORT: usize = 100;

pub(super) fn all(turn: &mut Turn<'_>, engine: &dyn Engine) -> Outcome<()> {
    let data = turn.data;
    let reader = engine.reader()?;
    visit_all(data, &*reader)?;
    if turn.wants(Work::Get) {
        let rate = Rate::over(turn.sample, gets(data, 0, |key| reader.get(key)))?;
        turn.add(Work::Get, rate.seconds() * 1e6);
    }
    if turn.wants(Work::GetsTogether) {
        let rate = Rate::of_threads(2, turn.sample, |thread| {
            let reader = engine.reader()?;
            Ok(gets(data, thread * data.rows() / 2, move |key| reader.get(key)))
        })?;
        turn.add(Work::GetsTogether, rate.a_second / 1e3);
    }
    if turn.wants(Work::GetAwaited) && reader.get_awaited(&Keys::Sequential.key(0)).is_some() {
        let await_one = |key: &RowKey| reader.get_awaited(key).unwrap_or(Ok(None));
        let rate = Rate::over(turn.sample, gets(data, 0, await_one))?;
        turn.add(Work::GetAwaited, rate.seconds() * 1e6);
    }
    scans(turn, &*reader)
}

/// Reads all rows, since the first read from the disk is not measured; in pieces, so that a store of any size fits into
/// memory.
fn visit_all(data: &Data, reader: &dyn Reader) -> Outcome<()> {
    let end = Keys::Sequential.key(data.rows());
    for first in (0..data.rows()).step_by(PIECE) {
        let kept = reader.scan(&Keys::Sequential.key(first), &end, Some(PIECE))?;
        ensure_equal("the length of a scan", &kept.count(), &PIECE.min(data.rows() - first))?;
    }
    Ok(())
}

fn scans(turn: &mut Turn<'_>, reader: &dyn Reader) -> Outcome<()> {
    let data = turn.data;
    if turn.wants(Work::Scan) {
        let rate = Rate::over(turn.sample, || scan(data, reader))?;
        turn.add(Work::Scan, rate.seconds() * 1e9);
    }
    if turn.wants(Work::ScanHundred) {
        let rate = Rate::over(turn.sample, short_scans(data, reader))?;
        turn.add(Work::ScanHundred, rate.seconds() * 1e6);
    }
    if turn.wants(Work::Count) {
        let (start, stop) = (Keys::Sequential.key(0), Keys::Sequential.key(data.rows()));
        let rate = Rate::over(turn.sample, || {
            ensure_equal("a count", &reader.count(&start, &stop)?, &data.rows())?;
            Ok(1)
        })?;
        turn.add(Work::Count, rate.seconds() * 1e3);
    }
    Ok(())
}

/// Returns a closure that gets some rows in random order, from step `step` on.
fn gets(
    data: &Data,
    mut step: usize,
    get: impl Fn(&RowKey) -> Outcome<Option<Vec<u8>>>,
) -> impl FnMut() -> Outcome<usize> {
    move || {
        for _ in 0..GETS {
            let number = data.visited(step);
            let found = get(&Keys::Sequential.key(number))?;
            ensure_equal("a get", &found.as_deref(), &Some(data.payload(number)))?;
            step += 1;
        }
        Ok(GETS)
    }
}

/// Scans all rows, and returns their number.
fn scan(data: &Data, reader: &dyn Reader) -> Outcome<usize> {
    let (start, stop) = (Keys::Sequential.key(0), Keys::Sequential.key(data.rows()));
    let kept = reader.scan(&start, &stop, None)?;
    ensure_equal("the length of a scan", &kept.count(), &data.rows())?;
    let last = data.rows() - 1;
    let expected = (&Keys::Sequential.key(last)[..], data.payload(last));
    ensure_equal("the end of a scan", &kept.row(last), &Some(expected))?;
    Ok(data.rows())
}

/// Returns a closure that scans 100 rows, from another row each time.
fn short_scans(data: &Data, reader: &dyn Reader) -> impl FnMut() -> Outcome<usize> {
    let end = Keys::Sequential.key(data.rows());
    let mut step = 0;
    move || {
        let first = data.visited(step).min(data.rows() - SHORT);
        let kept = reader.scan(&Keys::Sequential.key(first), &end, Some(SHORT))?;
        ensure_equal("the length of a scan", &kept.count(), &SHORT)?;
        step += 1;
        Ok(1)
    }
}
