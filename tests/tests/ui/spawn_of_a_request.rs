use std::future::{Future, IntoFuture};

use persist_core::Job;

/// The signature of `tokio::spawn`.
fn spawn<F>(_: F)
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
}

fn get(job: &Job) {
    spawn(job.get("category", "key"));
}

fn scan(job: &Job) {
    spawn(job.scan("category", ..));
}

fn submit(job: &Job) {
    spawn(job.submit([]));
}

fn reserve(job: &Job) {
    spawn(job.reserve(1));
}

fn flush(job: &Job) {
    spawn(job.flush());
}

fn without_into_owned(job: Job) {
    spawn(job.get("category", "key").into_future());
}

fn main() {}
