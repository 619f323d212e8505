//! The behavior of `stats`, `check`, `compact` and `backup_to` that all backends share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use persist_core::{Config, Error, Job, Key, TxOp};

use crate::Fixture;
use crate::rows::{numbers, pairs};
use crate::runtime::block_on;

/// Returns the result of a call, or `None` if the backend doesn't offer it.
fn if_offered<T: std::fmt::Debug>(result: Result<T, Error>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(Error::Unsupported { .. }) => None,
        Err(error) => panic!("{error}"),
    }
}

/// Returns the problems that a check finds: none if the backend offers no checks.
fn problems(job: &Job) -> Vec<String> {
    if_offered(job.check().wait()).unwrap_or_default().problems
}

/// Compacts the job if the backend offers that, and returns the number of released bytes.
fn compact(job: &Job) -> u64 {
    if_offered(job.compact().wait()).unwrap_or_default()
}

pub fn stats_count_commits_and_failures(place: &dyn Fixture) {
    let config = Config::new().queue_limit_bytes(1 << 20);
    let (_store, job) = place.open_job_with(config);
    let new = job.stats().wait().unwrap();
    assert_eq!((new.commits, new.failures, new.queue_bytes), (0, 0, 0));
    assert_eq!(new.queue_limit_bytes, 1 << 20);

    let commits = job.persist_put("c", 1u64, b"").wait().unwrap().commit;
    assert_eq!(job.stats().wait().unwrap().commits, commits);

    let too_long = Key::from_bytes(vec![0; (16 << 20) + 1]);
    job.persist([TxOp::delete("c", too_long)]).wait().unwrap_err();
    let stats = job.stats().wait().unwrap();
    assert_eq!(
        (stats.commits, stats.failures),
        (commits, 1),
        "also failures that a ticket has reported"
    );
}

pub fn check_of_stored_rows_finds_no_problems(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    assert_eq!(problems(&job), [""; 0], "without rows");
    for n in 0..1_000u64 {
        job.persist_put("c", n, vec![7; 3_000]);
    }
    job.persist_delete_range("c", 100u64..900);
    job.persist_put("", Key::new(), b"");
    assert_eq!(problems(&job), [""; 0]);
    store.close_job("job").wait().unwrap();
    assert_eq!(problems(&store.open_job("job").wait().unwrap()), [""; 0]);
}

pub fn compaction_changes_no_row(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    for n in 0..2_000u64 {
        job.persist_put("c", n, vec![7; 2_000]);
    }
    job.persist_delete_range("c", 10u64..1_990);
    let before = pairs(&job.scan("c", ..).wait().unwrap());
    compact(&job);
    assert_eq!(pairs(&job.scan("c", ..).wait().unwrap()), before);
    assert_eq!(compact(&job), 0, "there is nothing left to free");
    assert_eq!(problems(&job), [""; 0]);
}

pub fn writes_continue_during_housekeeping(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    for n in 0..2_000u64 {
        job.persist_put("old", n, vec![7; 2_000]);
    }
    job.persist_delete_prefix("old", Key::new());
    let done = AtomicBool::new(false);
    let written = thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut written = 0u64;
            while !done.load(Ordering::Relaxed) || written == 0 {
                job.persist_put("c", written, b"").wait().unwrap();
                written += 1;
            }
            written
        });
        compact(&job);
        assert_eq!(problems(&job), [""; 0]);
        done.store(true, Ordering::Relaxed);
        writer.join().unwrap()
    });
    assert_eq!(job.count("c", ..).wait().unwrap(), written);
    assert!(numbers(job.scan("c", ..)).into_iter().eq(0..written));
}

pub fn awaited_housekeeping_completes(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    job.persist_put("c", 1u64, b"");
    assert_eq!(if_offered(block_on(job.check())).unwrap_or_default().problems, [""; 0]);
    if_offered(block_on(job.compact()));
    assert!(block_on(job.stats()).unwrap().commits >= 1);
    let directory = tempfile::tempdir().unwrap();
    let made = block_on(job.backup_to(directory.path().join("copy.db")));
    assert!(matches!(made, Ok(()) | Err(Error::Unsupported { .. })), "{made:?}");
}

pub fn backup_is_a_file_or_is_refused(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    job.persist_put("c", 1u64, b"");
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("copy.db");
    let backup = job.backup_to(&path);
    assert!(!path.exists(), "nothing happens before the wait");
    match backup.wait() {
        Ok(()) => assert!(path.is_file()),
        Err(error) => {
            assert!(matches!(error, Error::Unsupported { .. }), "{error}");
            assert!(!path.exists());
        }
    }
    assert_eq!(numbers(job.scan("c", ..)), [1]);
}

pub fn housekeeping_on_the_worker_returns_would_deadlock(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    let inside = job.clone();
    let errors = job.transact(move |_| {
        Ok([
            inside.stats().wait().unwrap_err(),
            inside.check().wait().unwrap_err(),
            inside.compact().wait().unwrap_err(),
            inside.backup_to("copy.db").wait().unwrap_err(),
        ])
    });
    for error in errors.wait().unwrap() {
        assert!(matches!(error, Error::WouldDeadlock), "{error}");
    }
}
