//! Random sequences of calls, with reopening in between, give on every backend what a `BTreeMap` gives.

use persist_core::{Memory, Persistency};
use persist_sqlite::Sqlite;
use persist_tests::fuzzing::store_model_over;
use proptest::collection::vec;
use proptest::prelude::*;

fn calls() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..500)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn rows_in_memory_are_those_of_the_model(calls in calls()) {
        let rows = Memory::new();
        store_model_over(|| Persistency::open(rows.clone()).unwrap(), &calls);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn rows_in_files_are_those_of_the_model(calls in calls()) {
        let root = tempfile::tempdir().unwrap();
        store_model_over(|| Persistency::open(Sqlite::at(root.path())).unwrap(), &calls);
    }
}
