//! A store has one root: the directory that its path led to at the first call, even if a link changes later.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use persist_core::{Error, Persistency};
use persist_sqlite::Sqlite;
use tempfile::TempDir;

/// Two directories, and a link to the first.
struct Links {
    directory: TempDir,
}

impl Links {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        for target in ["one", "two"] {
            fs::create_dir(directory.path().join(target)).unwrap();
        }
        let links = Self { directory };
        symlink(links.path("one"), links.path("link")).unwrap();
        links
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Makes the link lead to the second directory.
    fn repoint(&self) {
        fs::remove_file(self.path("link")).unwrap();
        symlink(self.path("two"), self.path("link")).unwrap();
    }
}

fn put(store: &Persistency, id: &str) {
    store.open_job(id).wait().unwrap().persist_put("c", "key", id.as_bytes()).wait().unwrap();
}

fn has_row(store: &Persistency, id: &str) -> bool {
    let job = store.open_job(id).wait().unwrap();
    job.get("c", "key").wait().unwrap().as_deref() == Some(id.as_bytes())
}

fn stored(store: &Persistency) -> Vec<String> {
    store.stored_job_ids().wait().unwrap()
}

fn is_empty(directory: &Path) -> bool {
    fs::read_dir(directory).unwrap().next().is_none()
}

#[test]
fn root_link_repointed_after_a_job_was_opened_keeps_the_first_target() {
    let links = Links::new();
    let store = Persistency::open(Sqlite::at(links.path("link"))).unwrap();
    put(&store, "a");
    links.repoint();

    put(&store, "b");
    store.close_job("a").wait().unwrap();
    assert_eq!(stored(&store), ["a", "b"]);
    assert!(has_row(&store, "a"));
    store.drop_job("a").wait().unwrap();
    assert_eq!(stored(&store), ["b"]);
    store.close().wait().unwrap();
    assert!(is_empty(&links.path("two")));
}

#[test]
fn root_link_repointed_after_the_listing_keeps_the_first_target() {
    let links = Links::new();
    put(&Persistency::open(Sqlite::at(links.path("one"))).unwrap(), "a");
    let store = Persistency::open(Sqlite::at(links.path("link"))).unwrap();
    assert_eq!(stored(&store), ["a"]);
    links.repoint();

    assert!(has_row(&store, "a"));
    assert_eq!(stored(&store), ["a"]);
    store.close().wait().unwrap();
    assert!(is_empty(&links.path("two")));
}

#[test]
fn root_link_repointed_after_the_store_was_opened_keeps_the_first_target() {
    let links = Links::new();
    put(&Persistency::open(Sqlite::at(links.path("one"))).unwrap(), "a");
    let store = Persistency::open(Sqlite::at(links.path("link"))).unwrap();
    links.repoint();

    // The drop is the first call that reads the root.
    store.drop_job("a").wait().unwrap();
    assert!(!links.path("one").join("a.db").exists());
    put(&store, "b");
    assert_eq!(stored(&store), ["b"]);
    store.close().wait().unwrap();
    assert!(is_empty(&links.path("two")));
}

#[test]
fn root_below_a_repointed_link_is_created_in_the_first_target() {
    let links = Links::new();
    let store = Persistency::open(Sqlite::at(links.path("link").join("below/data"))).unwrap();
    assert_eq!(stored(&store), [""; 0]);
    links.repoint();

    put(&store, "a");
    assert_eq!(stored(&store), ["a"]);
    store.close().wait().unwrap();
    assert!(links.path("one").join("below/data/a.db").exists());
    assert!(is_empty(&links.path("two")));
}

#[test]
fn root_created_as_a_link_after_the_store_was_opened_is_followed_once() {
    let links = Links::new();
    let store = Persistency::open(Sqlite::at(links.path("later"))).unwrap();
    assert_eq!(stored(&store), [""; 0]);
    put(&Persistency::open(Sqlite::at(links.path("one"))).unwrap(), "a");
    symlink(links.path("one"), links.path("later")).unwrap();
    assert_eq!(stored(&store), ["a"]);
    fs::remove_file(links.path("later")).unwrap();
    symlink(links.path("two"), links.path("later")).unwrap();

    assert_eq!(stored(&store), ["a"]);
    assert!(has_row(&store, "a"));
    store.close().wait().unwrap();
    assert!(is_empty(&links.path("two")));
}

#[test]
fn root_created_by_another_store_after_the_first_listing_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("data");
    let store = Persistency::open(Sqlite::at(&root).create(false)).unwrap();
    assert_eq!(stored(&store), [""; 0]);
    assert!(matches!(store.open_job("a").wait(), Err(Error::JobNotFound { .. })));
    let other = Persistency::open(Sqlite::at(&root)).unwrap();
    put(&other, "a");

    assert_eq!(stored(&store), ["a"]);
    assert!(has_row(&store, "a"));
}

#[test]
fn two_paths_to_one_root_share_the_rows_of_a_job() {
    let links = Links::new();
    let by_link = Persistency::open(Sqlite::at(links.path("link"))).unwrap();
    let directly = Persistency::open(Sqlite::at(links.path("one")).exclusive(true)).unwrap();
    put(&by_link, "a");
    assert!(matches!(directly.open_job("a").wait(), Err(Error::Busy { .. })));
    links.repoint();
    by_link.close_job("a").wait().unwrap();
    assert!(has_row(&directly, "a"));
    assert!(matches!(by_link.open_job("a").wait(), Err(Error::Busy { .. })));
    assert!(matches!(by_link.drop_job("a").wait(), Err(Error::Busy { .. })));
}
