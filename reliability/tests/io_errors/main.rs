//! A file call fails, once or from then on, in whatever the store is doing: each write's outcome is true, the error is the right
//! one, and once the fault is gone the job opens and has all that was acknowledged, even if the power is then cut.
//!
//! `PERSIST_FAULTS` says how many cases there are of each setting, and a tenth of that where much is written; with `all` each call fails in each way.

mod case;
mod failure;
mod known;
mod lasting;

use std::env;

use fastrand::Rng;
use persist_reliability::{cases, seed};

use crate::case::{Counts, Plan, try_one};
use crate::failure::Failure;

/// Cases of each setting in the short form.
const CASES: usize = 150;

#[test]
fn normal_survives_every_error() {
    survives("normal", 3_000, 1);
}

#[test]
fn full_survives_every_error() {
    survives("full", 3_000, 1);
}

#[test]
fn exclusive_survives_every_error() {
    survives("full+exclusive", 3_000, 1);
}

/// So much is written that checkpoints come by themselves. It takes its time, and so there are fewer cases.
#[test]
fn much_that_is_written_survives_every_error() {
    let counts = survives("full", 60_000, 10);
    assert!(counts.checkpoints * 2 > counts.cases, "{counts:?}");
}

fn survives(settings: &'static str, payload_bytes: usize, one_in: usize) -> Counts {
    let plan = Plan { settings, seed: seed(), payload_bytes };
    let mut random = Rng::with_seed(plan.seed);
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
        for _ in 0..cases("PERSIST_FAULTS", CASES) / one_in {
            let which = random.usize(..Failure::ALL.len());
            let at = random.u64(..calls[which]);
            try_one(plan, Failure::ALL[which], at, &mut counts);
        }
    }
    println!("{settings}, {calls:?} calls: {counts:?}");
    // Calls differ a little from case to case.
    assert!(counts.faults * 10 > counts.cases * 9, "{counts:?}");
    assert!(counts.acknowledged > 0 && counts.cuts_that_lost > 0, "{counts:?}");
    counts
}
