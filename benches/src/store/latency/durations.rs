//! The durations of many calls.

use std::time::{Duration, Instant};

use measure::engine::Outcome;
use measure::line::{Line, Unit};
use measure::samples::Samples;

/// Capacity for any sample, so that nothing is moved while calls are timed.
const CALLS: usize = 1 << 24;

/// The durations, from the shortest to the longest.
pub(super) struct Durations(Vec<Duration>);

impl Durations {
    /// Measures a call that is repeated for `sample`.
    pub(super) fn over(sample: Duration, mut call: impl FnMut() -> Outcome<()>) -> Outcome<Self> {
        let mut durations = Vec::with_capacity(CALLS);
        let start = Instant::now();
        loop {
            let before = Instant::now();
            call()?;
            let after = Instant::now();
            durations.push(after - before);
            if after - start >= sample || durations.len() == CALLS {
                durations.sort_unstable();
                return Ok(Self(durations));
            }
        }
    }

    pub(super) fn add_to(&self, samples: &mut Samples, title: &str) {
        let last = self.0.len() - 1;
        for (name, index) in [("p50", last / 2), ("p99", last * 99 / 100), ("max", last)] {
            let line = Line::new(format!("{title}, {name}"), Unit::Microseconds);
            samples.add(line, self.0[index].as_secs_f64() * 1e6);
        }
    }
}
