//! Random sequences of calls, with reopening in between, return the results of a `BTreeMap` on every backend.
//!
//! `PERSIST_MODEL_CASES` sets the number of sequences.

use persist_core::{Memory, Persistency};
use persist_sqlite::Sqlite;
use persist_tests::fuzzing::store_model_over;
use persist_tests::properties::config;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

fn check(cases: u32, run: impl Fn(&[u8])) {
    let cases = match std::env::var("PERSIST_MODEL_CASES") {
        Ok(cases) => cases.parse().expect("PERSIST_MODEL_CASES is a number of cases"),
        Err(_) => cases,
    };
    let config = config(cases, "proptest-regressions/model.txt");
    let calls = vec(any::<u8>(), 0..500);
    if let Err(failure) = TestRunner::new(config).run(&calls, |calls| {
        run(&calls);
        Ok(())
    }) {
        panic!("{failure}");
    }
}

#[test]
fn memory_store_matches_the_model() {
    check(400, |calls| {
        let rows = Memory::new();
        store_model_over(|| Persistency::open(rows.clone()).unwrap(), calls);
    });
}

#[test]
fn file_store_matches_the_model() {
    check(150, |calls| {
        let root = tempfile::tempdir().unwrap();
        store_model_over(|| Persistency::open(Sqlite::at(root.path())).unwrap(), calls);
    });
}
