//! Puts, batches, durable commits and deletes.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::Turn;
use crate::answers::{START, STOP, ensure_equal};
use crate::data::{Keys, RowKey};
use crate::engine::{Commits, Engine, Outcome};
use crate::fill::{BATCH, fill};
use crate::fsync;
use crate::rate::Rate;
use crate::work::Work;

/// The same number in a store of any size.
const REPLACEMENTS: usize = 50_000;

pub(super) fn puts(turn: &mut Turn<'_>) -> Outcome<()> {
    (turn.with)(turn.directory, Commits::Fast, &mut |engine| {
        let rows = turn.data.rows();
        let rate = Rate::of(rows, || {
            for number in 0..rows {
                engine.put(&Keys::Sequential.key(number), turn.data.payload(number))?;
            }
            engine.settle()
        })?;
        turn.add(Work::Puts, rate.a_second / 1e3);
        ensure_rows(engine, rows)
    })
}

pub(super) fn acknowledged(turn: &mut Turn<'_>) -> Outcome<()> {
    let rate = rate_of_commits(turn, Commits::Fast, 1)?;
    turn.add(Work::Acknowledged, rate.a_second / 1e3);
    Ok(())
}

pub(super) fn durable(turn: &mut Turn<'_>) -> Outcome<()> {
    durable_by(turn, 1, Work::Durable)
}

pub(super) fn durable_together(turn: &mut Turn<'_>) -> Outcome<()> {
    durable_by(turn, 16, Work::DurableTogether)
}

fn durable_by(turn: &mut Turn<'_>, threads: usize, work: Work) -> Outcome<()> {
    // The speed of the disk drifts from one engine to the next.
    turn.samples.fsync_ms.push(fsync::milliseconds(turn.directory, turn.sample / 2)?);
    let rate = rate_of_commits(turn, Commits::Durable, threads)?;
    turn.add(work, rate.a_second);
    Ok(())
}

/// Returns the rate of puts, each of which its thread waits for.
fn rate_of_commits(turn: &Turn<'_>, commits: Commits, threads: usize) -> Outcome<Rate> {
    let mut rate = Rate::default();
    (turn.with)(turn.directory, commits, &mut |engine| {
        let next = AtomicUsize::new(0);
        // A disk can be slow for a while, so this takes longer than the works that don't wait for it.
        rate = Rate::of_threads(threads, turn.sample * 2, |_| {
            Ok(|| {
                let number = next.fetch_add(1, Ordering::Relaxed);
                engine
                    .put_acknowledged(&Keys::Sequential.key(number), turn.data.payload(number))?;
                Ok(1)
            })
        })?;
        ensure_rows(engine, rate.times)
    })?;
    Ok(rate)
}

pub(super) fn random_batches(turn: &mut Turn<'_>) -> Outcome<()> {
    (turn.with)(turn.directory, Commits::Fast, &mut |engine| {
        let rate = rate_of_batches(turn, engine, Keys::Random)?;
        turn.add(Work::RandomBatches, rate.a_second / 1e3);
        Ok(())
    })
}

pub(super) fn batches(turn: &mut Turn<'_>, engine: &dyn Engine) -> Outcome<()> {
    let rate = rate_of_batches(turn, engine, Keys::Sequential)?;
    turn.add(Work::Batches, rate.a_second / 1e3);
    Ok(())
}

fn rate_of_batches(turn: &Turn<'_>, engine: &dyn Engine, keys: Keys) -> Outcome<Rate> {
    let rows = turn.data.rows();
    let rate = Rate::of(rows, || fill(engine, turn.data.all(keys)))?;
    ensure_rows(engine, rows)?;
    Ok(rate)
}

/// Overwrites existing rows in random order.
pub(super) fn replacements(turn: &mut Turn<'_>, engine: &dyn Engine) -> Outcome<()> {
    if !turn.wants(Work::Replacements) {
        return Ok(());
    }
    let data = turn.data;
    let replacements = (0..REPLACEMENTS).map(|step| {
        let number = data.visited(step);
        // SQLite would write nothing if nothing changed.
        (Keys::Sequential.key(number), data.payload(number + 1 + step / data.rows()))
    });
    let rate = Rate::of(REPLACEMENTS, || fill(engine, replacements))?;
    turn.add(Work::Replacements, rate.a_second / 1e3);
    ensure_rows(engine, turn.data.rows())
}

/// Deletes all rows in random order.
pub(super) fn deletes(turn: &mut Turn<'_>, engine: &dyn Engine) -> Outcome<()> {
    if !turn.wants(Work::Deletes) {
        return Ok(());
    }
    let rate = Rate::of(turn.data.rows(), || {
        let mut batch: Vec<RowKey> = Vec::with_capacity(BATCH);
        for numbers in turn.data.shuffled.chunks(BATCH) {
            batch.clear();
            batch.extend(numbers.iter().map(|&number| Keys::Sequential.key(number)));
            engine.delete_batch(&batch)?;
        }
        engine.settle()
    })?;
    turn.add(Work::Deletes, rate.a_second / 1e3);
    ensure_rows(engine, 0)
}

fn ensure_rows(engine: &dyn Engine, rows: usize) -> Outcome<()> {
    ensure_equal("a count after the writes", &engine.reader()?.count(START, STOP)?, &rows)
}
