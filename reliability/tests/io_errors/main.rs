//! A file call fails, once or from then on, in whatever the store is doing: each write's outcome is true, the error is the right
//! one, and once the fault is gone the job opens and has all that was acknowledged, even if the power is then cut.
//!
//! `PERSIST_FAULTS` says how many cases there are of each setting; with `all` each call fails in each way.

mod case;
mod failure;
mod known;
mod lasting;

use std::env;

use fastrand::Rng;
use persist_reliability::{cases, seed};

use crate::case::{Counts, try_one};
use crate::failure::Failure;

/// Cases of each setting in the short form.
const CASES: usize = 150;

#[test]
fn normal_survives_every_error() {
    survives("normal");
}

#[test]
fn full_survives_every_error() {
    survives("full");
}

#[test]
fn exclusive_survives_every_error() {
    survives("full+exclusive");
}

fn survives(settings: &'static str) {
    let seed = seed();
    let mut random = Rng::with_seed(seed);
    let mut counts = Counts::default();
    // How many calls there are, where none fails.
    let calls = Failure::ALL
        .map(|failure| try_one(settings, failure, u64::MAX, seed, &mut Counts::default()));
    if env::var("PERSIST_FAULTS").is_ok_and(|faults| faults == "all") {
        for (failure, calls) in Failure::ALL.into_iter().zip(calls) {
            for at in 0..calls {
                try_one(settings, failure, at, seed, &mut counts);
            }
        }
    } else {
        for _ in 0..cases("PERSIST_FAULTS", CASES) {
            let which = random.usize(..Failure::ALL.len());
            let at = random.u64(..calls[which]);
            try_one(settings, Failure::ALL[which], at, seed, &mut counts);
        }
    }
    println!("{settings}, {calls:?} calls: {counts:?}");
    // Calls differ a little from case to case.
    assert!(counts.faults * 10 > counts.cases * 9, "{counts:?}");
    assert!(counts.acknowledged > 0 && counts.cuts_that_lost > 0, "{counts:?}");
}
