//! Roots that go by two names, or by odd ones, and those that vanish.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;

use persist_core::{Error, Persistency};
use persist_reliability::{child, given, names, run, sqlite};
use persist_tests::watchdog::within_a_minute;

use crate::{has_row, open, open_with_row};

#[test]
fn a_root_that_is_a_link_is_the_root_that_it_leads_to() {
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
fn a_root_may_have_any_name() {
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
        let mut there = fs::read_dir(directory.path()).unwrap();
        assert_eq!(there.next().unwrap().unwrap().file_name(), OsStr::from_bytes(name));
        assert!(there.next().is_none());
    }
}

#[test]
fn a_relative_root_stays_where_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let mut child = child("roots::a_child_changes_its_directory", directory.path());
    child.current_dir(directory.path());
    run(child);
    assert_eq!(names(directory.path()), ["elsewhere", "root"]);
    assert_eq!(names(&directory.path().join("root")), ["job.db", "other.db"]);
}

#[test]
fn a_child_changes_its_directory() {
    let Some(directory) = given().map(PathBuf::from) else { return };
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

/// That a job's file isn't there any more, or anything else that SQLite says of it.
fn is_gone(result: Result<(), Error>) {
    if let Err(error) = result {
        let is_told = matches!(error, Error::Incompatible { .. } | Error::Failed { .. });
        assert!(is_told && error.to_string().contains("job.db"), "{error:?}");
    }
}

#[test]
fn when_the_root_vanishes_every_call_ends_and_the_close_tells() {
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
            is_gone(job.get("c", "k").wait().map(drop));
            is_gone(job.scan("c", ..).iter().try_for_each(|row| row.map(drop)));
            is_gone(job.categories().wait().map(drop));
            for n in 0..20_u64 {
                is_gone(job.persist_put("c", n, vec![0; 1 << 20]).wait().map(drop));
            }
            is_gone(job.sync().wait());
            is_gone(job.check().wait().map(drop));
            is_gone(job.stats().wait().map(drop));
            is_gone(job.compact().wait().map(drop));
            is_gone(job.backup_to(directory.path().join("copy.db")).wait());
            store.open_job("other").wait().unwrap_err();
            assert_eq!(store.stored_job_ids().wait().unwrap(), [""; 0]);
            let closed = store.close().wait();
            assert!(matches!(closed, Err(Error::Incompatible { .. })), "{settings}: {closed:?}");
            // What was acknowledged is where the root is now.
            if !is_removed {
                assert!(has_row(&open(&moved).open_job("job").wait().unwrap()));
            }
            assert!(has_row(&open_with_row(&root, "job").1));
        });
    }
}

#[test]
fn a_job_whose_root_was_moved_harms_none_in_its_place() {
    for settings in SETTINGS {
        let directory = tempfile::tempdir().unwrap();
        let [root, moved] = ["root", "moved"].map(|name| directory.path().join(name));
        let store = Persistency::open(sqlite(&root, settings)).unwrap();
        let job = store.open_job("job").wait().unwrap();
        job.persist_put("c", "k", b"old").wait().unwrap();
        fs::rename(&root, &moved).unwrap();
        // Another process, which isn't told of whoever has the old one exclusively.
        let died = child("roots::a_child_makes_a_job", &root).output().unwrap().status;
        assert_eq!(died.signal(), Some(libc::SIGABRT), "{died}");
        let wal = fs::metadata(root.join("job.db-wal")).unwrap().len();
        assert!(wal > 0);

        // Unless a checkpoint found the loss before.
        let written = job.persist_put("c", "k", b"newer").wait();
        is_gone(written.as_ref().map(drop).map_err(Error::clone));
        let there = if written.is_ok() { &b"newer"[..] } else { b"old" };
        let read = job.get("c", "k").wait();
        assert!(
            matches!(&read, Err(Error::Incompatible { .. }))
                || read.as_ref().is_ok_and(|read| read.as_deref() == Some(there)),
            "{read:?}"
        );
        let closed = store.close().wait();
        assert_eq!(fs::metadata(root.join("job.db-wal")).unwrap().len(), wal, "{settings}");
        assert!(matches!(closed, Err(Error::Incompatible { .. })), "{settings}: {closed:?}");
        assert!(has_row(&open(&root).open_job("job").wait().unwrap()));
        let old = open(&moved).open_job("job").wait().unwrap();
        assert_eq!(old.get("c", "k").wait().unwrap().unwrap(), there);
    }
}

#[test]
fn a_child_makes_a_job() {
    let Some(root) = given().map(PathBuf::from) else { return };
    let (store, job) = open_with_row(&root, "job");
    // It dies, and leaves its WAL.
    std::mem::forget((store, job));
    std::process::abort();
}
