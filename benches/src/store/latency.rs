//! `latency`: the slowest gets during writes, and the slowest puts.

mod durations;

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use durations::Durations;
use measure::answers::{START, STOP, ensure_equal};
use measure::data::{Data, Keys, ROW, RowKey};
use measure::engine::{Commits, Engine, Fault, Outcome};
use measure::fill::fill;
use measure::line::{Line, Unit};
use measure::rate::Rate;
use measure::samples::Samples;

use super::arguments::Arguments;
use super::kind::Kind;
use super::report::Report;
use super::results::Results;
use super::setup::Setup;

/// Rare delays appear in longer samples only.
const SAMPLES: u32 = 4;

pub(crate) fn run(arguments: &[&str]) -> Outcome<()> {
    let mut arguments = Arguments::of("latency", arguments)?;
    let rows = arguments.number("--rows", 1_000, 200_000)?;
    let setup = Setup::take(&mut arguments, &Kind::all_here(), &[Kind::PERSIST, Kind::BARE])?;
    arguments.finish()?;
    setup.check_answers()?;
    let data = Data::new(rows);
    let mut results = Results::default();
    for round in setup.rounds() {
        setup.take_turns(round, |kind, directory| {
            kind.with(directory.path(), Commits::Fast, |engine| {
                fill(engine, data.all(Keys::Sequential))
            })?;
            kind.with(directory.path(), Commits::Fast, |engine| {
                let sample = setup.sample * SAMPLES;
                let mut turn =
                    Turn { engine, data: &data, sample, rows, samples: Samples::default() };
                turn.run()?;
                results.add(kind, turn.samples);
                Ok(())
            })
        })?;
    }
    let about = format!("{rows} rows, {ROW}");
    Report { setup: &setup, about, results: &results }.publish()
}

struct Turn<'a> {
    engine: &'a dyn Engine,
    data: &'a Data,
    sample: Duration,
    /// The number of rows so far.
    rows: usize,
    samples: Samples,
}

impl Turn<'_> {
    fn run(&mut self) -> Outcome<()> {
        self.gets_during_writes()?;
        self.puts("acknowledged put", |engine, key, payload| {
            engine.put_acknowledged(key, payload)
        })?;
        self.puts("put without waiting", |engine, key, payload| engine.put(key, payload))?;
        let count = self.engine.reader()?.count(START, STOP)?;
        ensure_equal("a count after the puts", &count, &self.rows)
    }

    fn gets_during_writes(&mut self) -> Outcome<()> {
        let is_over = AtomicBool::new(false);
        let (gets, puts) = thread::scope(|scope| {
            let writer = scope.spawn(|| self.put_until(&is_over));
            let gets = self.gets();
            // Also if they failed, since the writer waits for it.
            is_over.store(true, Ordering::Relaxed);
            let puts = writer.join().map_err(|_| Fault::from("the writer panicked"))??;
            Ok::<_, Fault>((gets?, puts))
        })?;
        self.rows += puts.times;
        gets.add_to(&mut self.samples, "get during writes");
        let line = Line::new("puts of the writer", Unit::ThousandsASecond);
        self.samples.add(line, puts.a_second / 1e3);
        Ok(())
    }

    /// Measures gets of rows that are not written, in random order.
    fn gets(&self) -> Outcome<Durations> {
        let (reader, mut step) = (self.engine.reader()?, 0);
        Durations::over(self.sample, || {
            let number = self.data.visited(step);
            let found = reader.get(&Keys::Sequential.key(number))?;
            step += 1;
            ensure_equal("a get", &found.as_deref(), &Some(self.data.payload(number)))
        })
    }

    /// Puts new rows as fast as possible.
    fn put_until(&self, is_over: &AtomicBool) -> Outcome<Rate> {
        let (start, mut puts) = (Instant::now(), 0);
        while !is_over.load(Ordering::Relaxed) {
            let number = self.rows + puts;
            self.engine.put(&Keys::Sequential.key(number), self.data.payload(number))?;
            puts += 1;
        }
        self.engine.settle()?;
        Ok(Rate::since(start, puts))
    }

    /// Measures how long each put blocks its caller.
    fn puts(
        &mut self,
        title: &str,
        put: impl Fn(&dyn Engine, &RowKey, &[u8]) -> Outcome<()>,
    ) -> Outcome<()> {
        let durations = Durations::over(self.sample, || {
            let number = self.rows;
            self.rows += 1;
            put(self.engine, &Keys::Sequential.key(number), self.data.payload(number))
        })?;
        durations.add_to(&mut self.samples, title);
        self.engine.settle()
    }
}
