//! Entries in the places of a job's files that are not regular files.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use persist_core::{Error, Persistency};
use persist_reliability::sqlite;
use persist_tests::watchdog::within_a_minute;

use crate::{has_row, open, open_with_row};

/// Creates an entry at a path; `outside` is a directory next to the root.
type Make = fn(at: &Path, outside: &Path);

fn make_fifo(at: &Path, _: &Path) {
    assert!(Command::new("mkfifo").arg(at).status().unwrap().success());
}

fn make_socket(at: &Path, _: &Path) {
    drop(UnixListener::bind(at).unwrap());
}

fn make_link(at: &Path, outside: &Path) {
    symlink(outside.join("theirs"), at).unwrap();
}

fn make_link_to_nothing(at: &Path, outside: &Path) {
    symlink(outside.join("nothing"), at).unwrap();
}

fn make_link_to_itself(at: &Path, _: &Path) {
    symlink(at, at).unwrap();
}

fn make_link_to_device(at: &Path, _: &Path) {
    symlink("/dev/zero", at).unwrap();
}

fn make_directory(at: &Path, _: &Path) {
    fs::create_dir(at).unwrap();
}

const ALL: [(&str, Make); 7] = [
    ("a fifo", make_fifo),
    ("a socket", make_socket),
    ("a link", make_link),
    ("a link to nothing", make_link_to_nothing),
    ("a link to itself", make_link_to_itself),
    ("a link to a device", make_link_to_device),
    ("a directory", make_directory),
];

/// Returns everything below a directory, with the contents of the files.
fn contents(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let names = persist_reliability::names(directory);
    names.into_iter().map(|name| (name.clone(), fs::read(directory.join(name)).unwrap())).collect()
}

/// Puts each kind of entry in the place of a file of a job that exists (`stored`) or not, and makes all calls that open
/// the job.
fn try_all(suffix: &'static str, stored: bool, check: fn(&str, Result<(), Error>)) {
    for (what, make) in ALL {
        within_a_minute(move || {
            let directory = tempfile::tempdir().unwrap();
            let [root, outside] = ["root", "outside"].map(|name| directory.path().join(name));
            fs::create_dir_all(&root).unwrap();
            fs::create_dir(&outside).unwrap();
            fs::write(outside.join("theirs"), "what is theirs").unwrap();
            if stored {
                let (store, _) = open_with_row(&root, "job");
                store.close().wait().unwrap();
            }
            make(&root.join(format!("job.db{suffix}")), &outside);
            let before = contents(&outside);
            for (exclusive, read_only) in [(false, false), (true, false), (false, true)] {
                let backend = sqlite(&root, "normal").exclusive(exclusive).read_only(read_only);
                let store = Persistency::open(backend).unwrap();
                check(what, store.open_job("job").wait().map(drop));
                store.close().wait().unwrap();
            }
            let store = open(&root);
            check(what, store.drop_job("job").wait());
            assert_eq!(contents(&outside), before, "{what}");
            // Other jobs are not affected.
            assert!(has_row(&open_with_row(&root, "other").1));
        });
    }
}

fn is_refused(what: &str, opened: Result<(), Error>) {
    let error = opened.unwrap_err();
    assert!(matches!(error, Error::Incompatible { .. }), "{what}: {error:?}");
    assert!(error.to_string().contains("job.db"), "{error}");
}

#[test]
fn job_file_that_is_no_regular_file_is_refused() {
    try_all("", false, is_refused);
}

#[test]
fn wal_that_is_no_regular_file_is_refused() {
    try_all("-wal", true, is_refused);
}

#[test]
fn wal_index_that_is_no_regular_file_is_refused() {
    try_all("-shm", true, is_refused);
}

#[test]
fn journal_that_is_no_regular_file_is_refused() {
    try_all("-journal", true, is_refused);
}

#[test]
fn new_job_next_to_irregular_files_is_refused() {
    for suffix in ["-wal", "-shm", "-journal"] {
        try_all(suffix, false, is_refused);
    }
}

#[test]
fn second_job_linked_to_the_same_file_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let (store, _) = open_with_row(root, "a");
    let link = |name: &str| fs::hard_link(root.join("a.db"), root.join(name)).unwrap();
    // A second link is harmless if it isn't the file of a job.
    link("copy.of.a");
    store.close().wait().unwrap();
    let store = open(root);
    assert!(has_row(&store.open_job("a").wait().unwrap()));
    link("b.db");
    let refused = |result: Result<(), Error>, other: &str| {
        let error = result.unwrap_err();
        assert!(matches!(error, Error::Incompatible { .. }), "{error:?}");
        assert!(error.to_string().contains(other), "{error}");
    };
    refused(store.open_job("b").wait().map(drop), "a.db");
    refused(store.drop_job("b").wait(), "a.db");
    store.close().wait().unwrap();
    let store = open(root);
    refused(store.open_job("a").wait().map(drop), "b.db");
    fs::remove_file(root.join("b.db")).unwrap();
    assert!(has_row(&store.open_job("a").wait().unwrap()));
}
