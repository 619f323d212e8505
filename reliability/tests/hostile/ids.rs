//! Ids that could leave the root or be mistaken for another id.

use std::collections::BTreeSet;

use fastrand::Rng;
use persist_reliability::{cases, names, seeds};

use crate::{has_row, open, open_with_row};

/// The seeds of the ordinary run. A seed that has failed is added for good.
const SEEDS: &[u64] = &[1];
/// The number of ids in the short form.
const IDS: usize = 300;

/// The parts of random ids.
const PARTS: &[&str] = &[
    "a",
    "A",
    "b",
    "..",
    "../",
    "/",
    "\\",
    ".",
    " ",
    "\0",
    "\n",
    "%",
    "%2F",
    "%2f",
    "%41",
    ":",
    "?",
    "#",
    "~",
    "$HOME",
    "*",
    "é",
    "e\u{301}",
    "ﬀ",
    "ff",
    "K",
    "\u{212a}",
    "ı",
    "i",
    "\u{202e}",
    "\u{feff}",
    "🦀",
    ".db",
    "-wal",
    "-shm",
    "-journal",
    ".dropped-01234567",
    ".backup-0123456789abcdef",
    "con",
    "NUL",
    "COM1",
    "mode=memory",
];

fn random_id(random: &mut Rng) -> String {
    let parts = random.usize(1..6);
    (0..parts).map(|_| PARTS[random.usize(..PARTS.len())]).collect()
}

#[test]
fn random_ids_have_distinct_files_inside_the_root() {
    seeds(SEEDS).for_each(open_random_ids);
}

fn open_random_ids(seed: u64) {
    let mut random = Rng::with_seed(seed);
    let ids: BTreeSet<String> =
        (0..cases("PERSIST_IDS", IDS)).map(|_| random_id(&mut random)).collect();
    // A deep directory, so that an id that leaves the root is still found below it.
    let parent = tempfile::tempdir().unwrap();
    let root = parent.path().join("1/2/3/4/5/6");
    for id in &ids {
        let (store, _) = open_with_row(&root, id);
        store.close().wait().unwrap();
    }
    assert_eq!(names(&root).len(), ids.len());
    let mut directory = parent.path().to_owned();
    for name in ["1", "2", "3", "4", "5", "6"] {
        assert_eq!(names(&directory), [name]);
        directory.push(name);
    }
    let store = open(&root);
    assert!(store.stored_job_ids().wait().unwrap().iter().eq(&ids));
    for id in &ids {
        assert!(has_row(&store.open_job(id).wait().unwrap()), "{id:?}");
        store.close_job(id).wait().unwrap();
    }
    for (dropped, id) in (1..).zip(&ids) {
        store.drop_job(id).wait().unwrap();
        assert_eq!(names(&root).len(), ids.len() - dropped);
    }
}

#[test]
fn file_of_an_id_is_never_an_auxiliary_file_of_another() {
    let root = tempfile::tempdir().unwrap();
    let ids = [
        "a",
        "a.db",
        "a.db-wal",
        "a.db-shm",
        "a.db-journal",
        "a-wal",
        "a.db-wal.db",
        ".a.db.dropped-01234567",
        "a.db.dropped-01234567",
        ".backup-0123456789abcdef",
    ];
    let store = open(root.path());
    let jobs = ids.map(|id| {
        let job = store.open_job(id).wait().unwrap();
        job.persist_put("c", "k", id.as_bytes()).wait().unwrap();
        job
    });
    assert!(jobs.iter().all(has_row));
    drop(jobs);
    store.drop_job("a").wait().unwrap();
    store.close().wait().unwrap();
    // Opening sweeps the remains of dropped jobs.
    let store = open(root.path());
    for id in &ids[1..] {
        assert!(has_row(&store.open_job(id).wait().unwrap()), "{id}");
    }
}

/// On systems that reserve these names such files can't be created, and the ids can't be used.
#[test]
fn ids_reserved_by_windows_work() {
    let root = tempfile::tempdir().unwrap();
    let mut ids = ["CON", "NUL.txt", "aux.db", "COM1", "con", "lpt1", "prn", "x.", "y "];
    ids.sort_unstable();
    for id in ids {
        let (store, _) = open_with_row(root.path(), id);
        store.close().wait().unwrap();
    }
    let store = open(root.path());
    assert_eq!(store.stored_job_ids().wait().unwrap(), ids);
    assert!(ids.iter().all(|id| has_row(&store.open_job(id).wait().unwrap())));
}
