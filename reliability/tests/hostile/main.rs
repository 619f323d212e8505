//! Hostile input and surroundings: ids, sizes, links and other entries in the places of files, roots that vanish or are
//! not accessible. Each call works or soon returns a typed error, and nothing outside the job is harmed.
#![cfg(unix)]

mod changed;
mod entries;
mod ids;
mod lost;
mod permissions;
mod roots;
mod secrets;
mod sizes;

use std::path::Path;

use persist_core::{Job, Persistency};
use persist_reliability::sqlite;

fn open(root: &Path) -> Persistency {
    Persistency::open(sqlite(root, "normal")).unwrap()
}

/// Opens a job with one row: key `k`, category `c`.
fn open_with_row(root: &Path, id: &str) -> (Persistency, Job) {
    let store = open(root);
    let job = store.open_job(id).wait().unwrap();
    job.persist_put("c", "k", id.as_bytes()).wait().unwrap();
    (store, job)
}

fn has_row(job: &Job) -> bool {
    job.get("c", "k").wait().unwrap().as_deref() == Some(job.id().as_bytes())
}
