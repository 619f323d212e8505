//! Nanoseconds per call, in rounds over all cases, so that a slow minute of the machine affects all of them.

use std::time::{Duration, Instant};

use super::case::Case;
use crate::spread::Spread;

pub(crate) struct Effort {
    pub(crate) rounds: usize,
    /// The duration of one sample of one case.
    pub(crate) sample: Duration,
}

impl Effort {
    pub(crate) const FULL: Self = Self { rounds: 7, sample: Duration::from_millis(10) };
    pub(crate) const TINY: Self = Self { rounds: 1, sample: Duration::from_micros(50) };
}

/// Returns one spread for each case.
pub(crate) fn measure(cases: &[Case<'_>], effort: &Effort) -> Vec<Spread> {
    let counts: Vec<u64> = cases.iter().map(|case| calls_for(case, effort.sample)).collect();
    let mut samples = vec![Vec::with_capacity(effort.rounds); cases.len()];
    for _ in 0..effort.rounds {
        for ((case, count), samples) in cases.iter().zip(&counts).zip(&mut samples) {
            samples.push(ns_per_call(case, *count));
        }
    }
    samples.into_iter().map(Spread::of).collect()
}

/// Returns the number of calls that take about as long as a sample.
fn calls_for(case: &Case<'_>, sample: Duration) -> u64 {
    let mut count = 64;
    loop {
        let start = Instant::now();
        (case.repeat)(count);
        if start.elapsed() >= sample {
            return count;
        }
        count *= 2;
    }
}

fn ns_per_call(case: &Case<'_>, count: u64) -> f64 {
    let start = Instant::now();
    (case.repeat)(count);
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let count = count as f64;
    start.elapsed().as_secs_f64() * 1e9 / count
}
