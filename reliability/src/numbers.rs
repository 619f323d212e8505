//! The number of a job's last batch, which the engine keeps as a system row: a check that system rows and rows of users are committed
//! together.

use persist_core::port::{Backend, Category, Commit, Group, Op, OpenOptions, OpenedJob, Outcome};
use persist_sqlite::Sqlite;

const LAST_BATCH: (Category<'_>, &[u8]) = (Category::system(b"batches"), b"last");

/// Creates a job whose batches have numbers. The engine has no function for that yet.
///
/// # Panics
///
/// If the job can't be opened and written.
pub fn begin_numbers(backend: &Sqlite, job: &str) {
    let (category, key) = LAST_BATCH;
    with_job(backend, job, |opened| {
        let payload = &0u64.to_be_bytes();
        let commit = opened.writer.commit(&Group::planned(&[Op::Put { category, key, payload }]));
        let Commit::Resolved(outcomes) = &commit else { panic!("{commit:?}") };
        assert!(matches!(outcomes[..], [Outcome::Committed { .. }]), "{commit:?}");
    });
}

/// Returns the number of the last batch of a job that isn't open.
///
/// # Panics
///
/// If the job can't be read, or has no such number.
#[must_use]
pub fn last_number(backend: &Sqlite, job: &str) -> u64 {
    let (category, key) = LAST_BATCH;
    let last = with_job(backend, job, |opened| opened.reader.get(category, key));
    let last = last.expect("the job can be read").expect("the batches have numbers");
    u64::from_be_bytes(last.try_into().expect("8 bytes"))
}

fn with_job<T>(backend: &Sqlite, job: &str, run: impl FnOnce(&mut OpenedJob) -> T) -> T {
    let mut opened = backend.open_job(job, &OpenOptions::default()).expect("the job opens");
    let result = run(&mut opened);
    opened.reader.close();
    opened.writer.close().expect("the job closes");
    result
}
