//! The file calls of commits without errors.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use persist_core::Persistency;
use persist_faults::{Op, Watch};
use persist_reliability::sqlite;

/// As long as no checkpoint is due, commits write to the WAL. A few writes to the file are those of the checkpoints of a job that rests,
/// which this one does only if the system stops it for a while.
#[test]
fn commits_below_the_size_of_a_checkpoint_write_to_the_wal_alone() {
    for settings in ["normal", "full", "exclusive"] {
        let directory = tempfile::tempdir().unwrap();
        let watch = Watch::over(directory.path());
        let store = Persistency::open(sqlite(directory.path(), settings)).unwrap();
        let job = store.open_job("job").wait().unwrap();
        let (to_file, to_wal) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let (file, wal) = (Arc::clone(&to_file), Arc::clone(&to_wal));
        watch.intercept(move |call| {
            if matches!(call.op, Op::Write(_)) && call.is_on("/job.db") {
                file.fetch_add(1, Relaxed);
            } else if matches!(call.op, Op::Write(_)) && call.is_on("/job.db-wal") {
                wal.fetch_add(1, Relaxed);
            }
            None
        });
        // A page of 4 KiB each, of the 4 MiB that make a checkpoint due.
        for n in 0..500u64 {
            job.persist_put("c", "k", n.to_be_bytes()).wait().unwrap();
        }
        let (to_file, to_wal) = (to_file.load(Relaxed), to_wal.load(Relaxed));
        assert!(to_wal >= 500 && to_file < 100, "{settings}: {to_wal} and {to_file} writes");
    }
}
