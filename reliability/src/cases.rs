use std::env;
use std::fmt::Display;
use std::str::FromStr;

/// How many cases to try: what `variable` says, or `short` where it isn't set.
///
/// # Panics
///
/// If the variable isn't a number.
#[must_use]
pub fn cases(variable: &str, short: usize) -> usize {
    number(variable).unwrap_or(short)
}

/// The seed of this run: what `PERSIST_SEED` says, or a new one. It is printed, so that a run that failed can be
/// tried again.
///
/// # Panics
///
/// If the variable isn't a number.
#[must_use]
pub fn seed() -> u64 {
    let seed = number("PERSIST_SEED").unwrap_or_else(|| fastrand::u64(..));
    println!("PERSIST_SEED={seed}");
    seed
}

fn number<N: FromStr<Err: Display>>(variable: &str) -> Option<N> {
    let value = env::var(variable).ok()?;
    Some(value.parse().unwrap_or_else(|why| panic!("{variable}={value:?} is not a number: {why}")))
}
