//! Random sequences of calls, with reopening in between, give on every backend what a `BTreeMap` gives.
//!
//! `PERSIST_MODEL_CASES` sets how many sequences.

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
fn rows_in_memory_are_those_of_the_model() {
    check(400, |calls| {
        let rows = Memory::new();
        store_model_over(|| Persistency::open(rows.clone()).unwrap(), calls);
    });
}

#[test]
fn rows_in_files_are_those_of_the_model() {
    check(150, |calls| {
        let root = tempfile::tempdir().unwrap();
        store_model_over(|| Persistency::open(Sqlite::at(root.path())).unwrap(), calls);
    });
}
