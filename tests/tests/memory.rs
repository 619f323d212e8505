//! The memory of the process stays bounded under any load.
#![cfg(target_os = "linux")]

use std::fs;
use std::sync::Mutex;
use std::thread;

use persist_core::{Persistency, TxOp};
use persist_sqlite::Sqlite;
use persist_tests::scripted::Scripted;

const MIB: u64 = 1 << 20;

/// One test at a time, since each measures the whole process.
static ALONE: Mutex<()> = Mutex::new(());

/// Returns by how many bytes the peak memory of the process during `run` exceeded its memory before.
fn grown_by(run: impl FnOnce()) -> u64 {
    // Resets the peak.
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = status("VmRSS:");
    run();
    status("VmHWM:").saturating_sub(before)
}

/// Returns a size that the system reports for the process, in bytes.
fn status(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

#[test]
fn million_puts_on_a_stalled_disk_use_little_more_memory_than_the_queue() {
    let _alone = ALONE.lock();
    let backend = Scripted::new();
    let store = Persistency::open(backend.clone()).unwrap();
    let job = store.open_job("job").wait().unwrap();
    let limit = 16 << 20; // the default of `Config::queue_limit_bytes`
    let grown = grown_by(|| {
        let release = backend.occupy(&job);
        let producer = thread::spawn({
            let job = job.clone();
            move || {
                for n in 0..1_000_000u64 {
                    job.persist_put("c", n % 1_000, [7; 100]);
                }
            }
        });
        while job.stats().wait().unwrap().queue_bytes < limit - 1_000 {
            assert!(!producer.is_finished(), "all writes fit into the queue");
            thread::yield_now();
        }
        release.send(()).unwrap();
        producer.join().unwrap();
        job.sync().wait().unwrap();
    });
    assert!(grown <= limit as u64 + 32 * MIB, "{grown} bytes");
    assert_eq!(job.count("c", ..).wait().unwrap(), 1_001);
}

#[test]
fn long_scan_by_iterator_uses_bounded_memory() {
    let _alone = ALONE.lock();
    let root = tempfile::tempdir().unwrap();
    let store = Persistency::open(Sqlite::at(root.path())).unwrap();
    let job = store.open_job("job").wait().unwrap();
    for part in 0..100u64 {
        job.persist((0..1_000).map(|n| TxOp::put("c", part * 1_000 + n, [7; 300])));
    }
    job.sync().wait().unwrap();
    // Fills the caches of the connection.
    assert_eq!(job.scan("c", ..).iter().take(20_000).map(Result::unwrap).count(), 20_000);
    let grown = grown_by(|| {
        assert_eq!(job.scan("c", ..).iter().map(Result::unwrap).count(), 100_000);
    });
    assert!(grown <= 4 * MIB, "{grown} bytes");
}
