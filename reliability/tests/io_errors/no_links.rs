//! File systems on which a file can't have two names.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use parking_lot::Mutex;
use persist_core::{Error, Persistency};
use persist_faults::{Fault, Op, Watch};
use persist_reliability::{OnEvent, fields_of, names, sqlite};
use tempfile::TempDir;

/// Makes a backup of a job with one row. The first attempt to give it its name is a link, which fails; so do later attempts,
/// which are renames, if `renames_fail`. Returns the directory of the backup, the result and what was logged.
fn back_up_without_links(renames_fail: bool) -> (TempDir, Result<(), Error>, String) {
    let directory = tempfile::tempdir().unwrap();
    let store = Persistency::open(sqlite(directory.path(), "normal")).unwrap();
    let job = store.open_job("job").wait().unwrap();
    job.persist_put("c", "k", b"v").wait().unwrap();

    let backups = tempfile::tempdir().unwrap();
    let watch = Watch::over(backups.path());
    let has_failed = AtomicBool::new(false);
    watch.intercept(move |call| {
        let fails = call.op == Op::Rename && (!has_failed.swap(true, Relaxed) || renames_fail);
        fails.then_some(Fault::Errno(libc::EPERM))
    });
    let logged = Arc::new(Mutex::new(String::new()));
    let log = Arc::clone(&logged);
    let subscriber = OnEvent(move |event: &tracing::Event<'_>| *log.lock() += &fields_of(event));
    let backed_up = tracing::subscriber::with_default(subscriber, || {
        job.backup_to(backups.path().join("backup.db")).wait()
    });
    drop(watch);
    let logged = logged.lock().clone();
    (backups, backed_up, logged)
}

#[test]
fn backup_without_links_is_renamed_and_logs_nothing() {
    let (backups, backed_up, logged) = back_up_without_links(false);
    backed_up.unwrap();
    assert_eq!(logged, "");
    let store = Persistency::open(sqlite(backups.path(), "normal")).unwrap();
    let job = store.open_job("backup").wait().unwrap();
    assert_eq!(job.get("c", "k").wait().unwrap().as_deref(), Some(b"v".as_slice()));
}

#[test]
fn backup_without_links_and_renames_fails_and_leaves_no_file() {
    let (backups, backed_up, logged) = back_up_without_links(true);
    let error = backed_up.unwrap_err().to_string();
    assert!(error.contains("it can't be given its name"), "{error}");
    assert_eq!(logged, "");
    assert!(names(backups.path()).is_empty());
}
