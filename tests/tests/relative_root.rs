//! A relative root. The test has a binary of its own, since it changes the working directory of the process.

use std::env;

use persist_core::{Error, Persistency};
use persist_sqlite::Sqlite;

#[test]
fn relative_root_stays_after_the_working_directory_changed() {
    let directory = tempfile::tempdir().unwrap();
    let (first, second) = (directory.path().join("first"), directory.path().join("second"));
    for path in [&first, &second] {
        std::fs::create_dir(path).unwrap();
    }
    env::set_current_dir(&first).unwrap();
    let backend = Sqlite::at("data");
    let store = Persistency::open(backend.clone()).unwrap();
    env::set_current_dir(&second).unwrap();

    assert_eq!(store.stored_job_ids().wait().unwrap(), [""; 0]);
    let job = store.open_job("a").wait().unwrap();
    job.persist_put("c", "key", b"1").wait().unwrap();
    assert_eq!(store.stored_job_ids().wait().unwrap(), ["a"]);
    assert!(first.join("data/a.db").exists() && !second.join("data").exists());

    // A backend value is resolved when a store is opened with it for the first time. This one now has another root.
    let other = Persistency::open(backend).unwrap();
    assert_eq!(other.stored_job_ids().wait().unwrap(), [""; 0]);

    env::set_current_dir(&first).unwrap();
    store.close().wait().unwrap();
    store.close().wait().unwrap();
    let again = Persistency::open(Sqlite::at("data")).unwrap();
    env::set_current_dir(&second).unwrap();
    again.drop_job("a").wait().unwrap();
    assert!(!first.join("data/a.db").exists());
    assert!(matches!(again.drop_job("a").wait(), Err(Error::JobNotFound { .. })));
    // Some systems can't remove the temporary directory while it is the working directory.
    env::set_current_dir(env::temp_dir()).unwrap();
}
