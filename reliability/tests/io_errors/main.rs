//! A file call fails, once or from then on, in whatever the store is doing: each write's outcome is true, the error is the right
//! one, and once the fault is gone the job opens and has all that was acknowledged, even if the power is then cut.
//!
//! `PERSIST_FAULTS` says how many cases there are of each setting, a fifth of that for recoveries and a tenth where much is written;
//! with `all` each call fails in each way.

mod case;
mod commits;
mod failure;
mod known;
mod lasting;
mod less_than_asked;
mod no_links;
mod no_space;

use std::env;

use fastrand::Rng;
use persist_reliability::{cases, seeds};

use crate::case::{Counts, Plan, try_one};
use crate::failure::Failure;

/// The seeds of every run. A seed that ever failed is added here and stays.
const SEEDS: &[u64] = &[1];
/// The same for recoveries. With the second, opening a job's file for writing fails once, and SQLite opens it read-only.
const SEEDS_OF_RECOVERIES: &[u64] = &[1, 6_285_044_433_939_452_868];
/// Cases of each setting and seed in the short form.
const CASES: usize = 90;
/// Up to how many bytes a payload has.
const SMALL: usize = 3_000;

#[test]
fn normal_survives_every_error() {
    for seed in seeds(SEEDS) {
        survives("normal", seed, SMALL, false);
    }
}

#[test]
fn full_survives_every_error() {
    for seed in seeds(SEEDS) {
        survives("full", seed, SMALL, false);
    }
}

#[test]
fn exclusive_survives_every_error() {
    for seed in seeds(SEEDS) {
        survives("full+exclusive", seed, SMALL, false);
    }
}

/// What a power cut has left is opened while calls fail.
#[test]
fn a_recovery_survives_every_error() {
    for seed in seeds(SEEDS_OF_RECOVERIES) {
        for settings in ["normal", "full", "full+exclusive"] {
            survives(settings, seed, SMALL, true);
        }
    }
}

/// So much is written that checkpoints come by themselves. It takes its time, and so there are fewer cases.
#[test]
fn much_that_is_written_survives_every_error() {
    for seed in seeds(SEEDS) {
        let counts = survives("full", seed, 20 * SMALL, false);
        assert!(counts.checkpoints > 0, "{counts:?}");
    }
}

fn survives(settings: &'static str, seed: u64, payload_bytes: usize, recovers: bool) -> Counts {
    let plan = Plan { settings, seed, payload_bytes, recovers };
    let mut random = Rng::with_seed(seed);
    let mut counts = Counts::default();
    // How many calls there are, where none fails.
    let calls =
        Failure::ALL.map(|failure| try_one(plan, failure, u64::MAX, &mut Counts::default()));
    if env::var("PERSIST_FAULTS").is_ok_and(|faults| faults == "all") {
        for (failure, calls) in Failure::ALL.into_iter().zip(calls) {
            for at in 0..calls {
                try_one(plan, failure, at, &mut counts);
            }
        }
    } else {
        let one_in = if recovers { 5 } else { payload_bytes / SMALL / 2 }.max(1);
        for _ in 0..cases("PERSIST_FAULTS", CASES) / one_in {
            let which = random.usize(..Failure::ALL.len());
            // The first calls are those of the recovery.
            let calls = if recovers { calls[which] / 8 } else { calls[which] };
            let at = random.u64(..calls);
            try_one(plan, Failure::ALL[which], at, &mut counts);
        }
    }
    println!("{settings}, {calls:?} calls: {counts:?}");
    // How many calls there are differs from case to case.
    assert!(counts.faults * 2 > counts.cases, "{counts:?}");
    assert!(counts.acknowledged > 0 && counts.cuts_that_lost > 0, "{counts:?}");
    counts
}
