//! Roots with two names or unusual names, and roots that vanish.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;

use persist_core::{Error, Persistency};
use persist_reliability::{child, child_argument, names, run, sqlite};
use persist_tests::watchdog::within_a_minute;

use crate::{has_row, open, open_with_row};

#[test]
fn root_that_is_a_link_is_the_same_root_as_its_target() {
    let directory = tempfile::tempdir().unwrap();
    let [root, link] = ["root", "link"].map(|name| directory.path().join(name));
    fs::create_dir(&root).unwrap();
    symlink(&root, &link).unwrap();
    let store = Persistency::open(sqlite(&link, "exclusive")).unwrap();
    let job = store.open_job("job").wait().unwrap();
    job.persist_put("c", "k", b"job").wait().unwrap();
    let other = open(&root).open_job("job").wait();
    assert!(matches!(other, Err(Error::Busy { .. })), "{other:?}");
    store.close().wait().unwrap();
    assert_eq!(names(&root), ["job.db"]);
    assert!(has_row(&open(&root).open_job("job").wait().unwrap()));
}

#[test]
fn root_with_any_name_works() {
    for name in
        [&b"\xff\xfe"[..], b"a b", b"a?mode=ro", b"%41", b"#", b"'\"", b"-wal", "é\n".as_bytes()]
    {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join(OsStr::from_bytes(name));
        let (store, job) = open_with_row(&root, "job");
        job.backup_to(root.join("copy.db")).wait().unwrap();
        drop(job);
        store.close().wait().unwrap();
        let store = open(&root);
        for id in ["job", "copy"] {
            let job = store.open_job(id).wait().unwrap();
            assert_eq!(job.get("c", "k").wait().unwrap().unwrap(), b"job");
        }
        store.drop_job("job").wait().unwrap();
        store.close().wait().unwrap();
        assert_eq!(names(&root), ["copy.db"]);
        let mut expected = fs::read_dir(directory.path()).unwrap();
        assert_eq!(expected.next().unwrap().unwrap().file_name(), OsStr::from_bytes(name));
        assert!(expected.next().is_none());
    }
}

#[test]
fn relative_root_stays_after_the_working_directory_changes() {
    let directory = tempfile::tempdir().unwrap();
    let mut child = child("roots::child_changes_working_directory", directory.path());
    child.current_dir(directory.path());
    run(child);
    assert_eq!(names(directory.path()), ["elsewhere", "root"]);
    assert_eq!(names(&directory.path().join("root")), ["job.db", "other.db"]);
}

#[test]
#[ignore = "run by another test in a process of its own"]
fn child_changes_working_directory() {
    let Some(directory) = child_argument().map(PathBuf::from) else { return };
    let elsewhere = directory.join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let before_its_first = open("root".as_ref());
    let (store, job) = open_with_row("root".as_ref(), "job");
    std::env::set_current_dir(elsewhere).unwrap();
    open_with_row(&directory.join("root"), "other").0.close().wait().unwrap();
    for store in [store, before_its_first] {
        assert_eq!(store.stored_job_ids().wait().unwrap(), ["job", "other"]);
        assert!(has_row(&store.open_job("other").wait().unwrap()));
        store.close().wait().unwrap();
    }
    assert!(!job.is_open());
}

const SETTINGS: [&str; 4] = ["normal", "full", "exclusive", "normal+mmap"];

/// Asserts that a call fails because the file is gone, or with an error of SQLite.
fn assert_gone(result: Result<(), Error>) {
    if let Err(error) = result {
        let is_told = matches!(error, Error::Incompatible { .. } | Error::Failed { .. });
        assert!(is_told && error.to_string().contains("job.db"), "{error:?}");
    }
}

#[test]
fn vanished_root_ends_every_call_and_is_reported_by_the_close() {
    for (settings, is_removed) in SETTINGS.into_iter().flat_map(|of| [(of, true), (of, false)]) {
        within_a_minute(move || {
            let directory = tempfile::tempdir().unwrap();
            let [root, moved] = ["root", "moved"].map(|name| directory.path().join(name));
            let store = Persistency::open(sqlite(&root, settings)).unwrap();
            let job = store.open_job("job").wait().unwrap();
            job.persist_put("c", "k", b"job").wait().unwrap();
            if is_removed {
                fs::remove_dir_all(&root).unwrap();
            } else {
                fs::rename(&root, &moved).unwrap();
            }
            assert_gone(job.get("c", "k").wait().map(drop));
            assert_gone(job.scan("c", ..).iter().try_for_each(|row| row.map(drop)));
            assert_gone(job.categories().wait().map(drop));
            for n in 0..20_u64 {
                assert_gone(job.persist_put("c", n, vec![0; 1 << 20]).wait().map(drop));
            }
            assert_gone(job.sync().wait());
            assert_gone(job.check().wait().map(drop));
            assert_gone(job.stats().wait().map(drop));
            assert_gone(job.compact().wait().map(drop));
            assert_gone(job.backup_to(directory.path().join("copy.db")).wait());
            store.open_job("other").wait().unwrap_err();
            assert_eq!(store.stored_job_ids().wait().unwrap(), [""; 0]);
            let closed = store.close().wait();
            assert!(matches!(closed, Err(Error::Incompatible { .. })), "{settings}: {closed:?}");
            // The acknowledged rows are where the root is now.
            if !is_removed {
                assert!(has_row(&open(&moved).open_job("job").wait().unwrap()));
            }
            assert!(has_row(&open_with_row(&root, "job").1));
        });
    }
}

#[test]
fn job_of_a_moved_root_leaves_the_job_in_its_place_intact() {
    for settings in SETTINGS {
        let directory = tempfile::tempdir().unwrap();
        let [root, moved] = ["root", "moved"].map(|name| directory.path().join(name));
        let store = Persistency::open(sqlite(&root, settings)).unwrap();
        let job = store.open_job("job").wait().unwrap();
        job.persist_put("c", "k", b"old").wait().unwrap();
        fs::rename(&root, &moved).unwrap();
        // Another process, so that it doesn't find the exclusive lock of this process.
        let died = child("roots::child_creates_job_and_aborts", &root).output().unwrap().status;
        assert_eq!(died.signal(), Some(libc::SIGABRT), "{died}");
        let wal = fs::metadata(root.join("job.db-wal")).unwrap().len();
        assert!(wal > 0);

        // A checkpoint may have found the loss first.
        let written = job.persist_put("c", "k", b"newer").wait();
        assert_gone(written.as_ref().map(drop).map_err(Error::clone));
        let expected = if written.is_ok() { &b"newer"[..] } else { b"old" };
        let read = job.get("c", "k").wait();
        assert!(
            matches!(&read, Err(Error::Incompatible { .. }))
                || read.as_ref().is_ok_and(|read| read.as_deref() == Some(expected)),
            "{read:?}"
        );
        let closed = store.close().wait();
        assert_eq!(fs::metadata(root.join("job.db-wal")).unwrap().len(), wal, "{settings}");
        assert!(matches!(closed, Err(Error::Incompatible { .. })), "{settings}: {closed:?}");
        assert!(has_row(&open(&root).open_job("job").wait().unwrap()));
        let old = open(&moved).open_job("job").wait().unwrap();
        assert_eq!(old.get("c", "k").wait().unwrap().unwrap(), expected);
    }
}

#[test]
#[ignore = "run by another test in a process of its own"]
fn child_creates_job_and_aborts() {
    let Some(root) = child_argument().map(PathBuf::from) else { return };
    let (store, job) = open_with_row(&root, "job");
    // Abort, so that the WAL stays.
    std::mem::forget((store, job));
    std::process::abort();
}
