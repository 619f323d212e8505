use std::env;
use std::fmt::Display;
use std::hash::{BuildHasher, RandomState};
use std::str::FromStr;

const SEED: &str = "PERSIST_SEED";

/// Returns how many cases to try: the number in the environment variable `variable`, or `short` if the variable isn't
/// set.
///
/// # Panics
///
/// If the variable isn't a number.
#[must_use]
pub fn cases(variable: &str, short: usize) -> usize {
    env::var(variable).map_or(short, |value| number(variable, &value))
}

/// Returns the seeds to run a test with, and prints each when the test takes it.
///
/// By default these are the `fixed` seeds of the family, so every run tries the same cases. `PERSIST_SEED=<number>`
/// replaces them by one seed, which repeats a run that failed, and `PERSIST_SEED=random` by a new one.
///
/// # Panics
///
/// If the variable is neither a number nor `random`.
pub fn seeds(fixed: &[u64]) -> impl Iterator<Item = u64> + use<> {
    let seeds = match env::var(SEED).as_deref() {
        Err(_) => fixed.to_vec(),
        Ok("random") => vec![RandomState::new().hash_one(SEED)],
        Ok(value) => vec![number(SEED, value)],
    };
    seeds.into_iter().inspect(|seed| println!("{SEED}={seed}"))
}

fn number<N: FromStr<Err: Display>>(variable: &str, value: &str) -> N {
    value.parse().unwrap_or_else(|why| panic!("{variable}={value:?} is not a number: {why}"))
}
