//! A file call fails, once or from then on, during any operation of the store: each write's outcome is true, the error
//! is the right one, and after the fault the job opens and has every acknowledged write, even if the power is cut then.
//!
//! `PERSIST_FAULTS` sets the number of cases of each setting; recoveries get a fifth and large writes a tenth of it.
//! With `all`, each call fails in each way.

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

/// The seeds of the ordinary run. A seed that has failed is added for good.
const SEEDS: &[u64] = &[1];
/// The seeds of the recoveries. With the second one, opening a job's file for writing fails once, and SQLite opens it
/// read-only.
const SEEDS_OF_RECOVERIES: &[u64] = &[1, 6_285_044_433_939_452_868];
/// The number of cases of each setting and seed in the short form.
const CASES: usize = 60;
/// The largest size of a small payload.
const SMALL: usize = 3_000;

#[test]
fn normal_with_a_failed_call_keeps_its_promises() {
    for seed in seeds(SEEDS) {
        fail_calls("normal", seed, SMALL, false);
    }
}

#[test]
fn full_with_a_failed_call_keeps_its_promises() {
    for seed in seeds(SEEDS) {
        fail_calls("full", seed, SMALL, false);
    }
}

#[test]
fn exclusive_with_a_failed_call_keeps_its_promises() {
    for seed in seeds(SEEDS) {
        fail_calls("full+exclusive", seed, SMALL, false);
    }
}

/// The files that a power cut has left are opened while calls fail.
#[test]
fn recovery_with_a_failed_call_keeps_its_promises() {
    for seed in seeds(SEEDS_OF_RECOVERIES) {
        for settings in ["normal", "full", "full+exclusive"] {
            fail_calls(settings, seed, SMALL, true);
        }
    }
}

/// Writes so much that checkpoints begin by themselves. This takes longer, so there are fewer cases.
#[test]
fn large_writes_with_a_failed_call_keep_their_promises() {
    for seed in seeds(SEEDS) {
        let counts = fail_calls("full", seed, 20 * SMALL, false);
        assert!(counts.checkpoints > 0, "{counts:?}");
    }
}

fn fail_calls(settings: &'static str, seed: u64, payload_bytes: usize, recovers: bool) -> Counts {
    let plan = Plan { settings, seed, payload_bytes, recovers };
    let mut random = Rng::with_seed(seed);
    let mut counts = Counts::default();
    // The number of calls if none fails.
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
            // The first calls are made by the recovery.
            let calls = if recovers { calls[which] / 8 } else { calls[which] };
            let at = random.u64(..calls);
            try_one(plan, Failure::ALL[which], at, &mut counts);
        }
    }
    println!("{settings}, {calls:?} calls: {counts:?}");
    // The number of calls differs between cases.
    assert!(counts.faults * 2 > counts.cases, "{counts:?}");
    assert!(counts.acknowledged > 0 && counts.cuts_that_lost > 0, "{counts:?}");
    counts
}
