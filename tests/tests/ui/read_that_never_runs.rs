#![deny(unused_must_use)]

use persist_core::Job;

fn read(job: &Job) {
    job.get("category", "key");
    job.scan("category", ..);
    job.persist_put("category", "key", b"fire-and-forget is fine");
}

fn main() {}
