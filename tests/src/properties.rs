//! The configuration of the property tests, which makes them try the same cases in every run.

use proptest::test_runner::{Config, FileFailurePersistence};

/// Returns the configuration of a property test of `cases` random cases.
///
/// The random cases follow from `PROPTEST_RNG_SEED`, which `.cargo/config.toml` sets. Before them the test tries the
/// cases in `regressions`, a file in the directory `tests/`. A case that fails is appended to that file; it is
/// committed and stays.
#[must_use]
pub fn config(cases: u32, regressions: &'static str) -> Config {
    let regressions = FileFailurePersistence::Direct(regressions);
    Config { cases, failure_persistence: Some(Box::new(regressions)), ..Config::default() }
}
