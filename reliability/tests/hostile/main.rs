//! What somebody may give to a store, or put in its way, who means it harm: ids, sizes, links and other things in the place of
//! files, and roots that vanish or may not be used. It works or is refused by a typed error, soon, and harms nothing.
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

/// A job with one row, `k` of `c`.
fn open_with_row(root: &Path, id: &str) -> (Persistency, Job) {
    let store = open(root);
    let job = store.open_job(id).wait().unwrap();
    job.persist_put("c", "k", id.as_bytes()).wait().unwrap();
    (store, job)
}

fn has_row(job: &Job) -> bool {
    job.get("c", "k").wait().unwrap().as_deref() == Some(job.id().as_bytes())
}
