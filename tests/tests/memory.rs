//! What the store takes of memory, as the system counts it: bounded, whatever it is asked for.
#![cfg(target_os = "linux")]

use std::fs;
use std::sync::Mutex;
use std::thread;

use persist_core::{Config, Persistency, TxOp};
use persist_sqlite::Sqlite;
use persist_tests::scripted::Scripted;

const MIB: u64 = 1 << 20;

/// One test at a time, since they measure the process.
static ALONE: Mutex<()> = Mutex::new(());

/// By how many bytes the memory of the process exceeded, at its greatest, what it had before.
fn grown_by(run: impl FnOnce()) -> u64 {
    // The greatest so far is forgotten.
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = status("VmRSS:");
    run();
    status("VmHWM:").saturating_sub(before)
}

/// A size that the system tells of the process, in bytes.
fn status(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

#[test]
fn a_million_puts_onto_a_stalled_disk_take_the_queue_and_little_more() {
    let _alone = ALONE.lock();
    let backend = Scripted::new();
    let store = Persistency::open(backend.clone()).unwrap();
    let job = store.open_job("job").wait().unwrap();
    let limit = Config::default().queue_limit_bytes;
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
            assert!(!producer.is_finished(), "the queue holds them all");
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
fn a_scan_row_by_row_takes_little_however_many_there_are() {
    let _alone = ALONE.lock();
    let root = tempfile::tempdir().unwrap();
    let store = Persistency::open(Sqlite::at(root.path())).unwrap();
    let job = store.open_job("job").wait().unwrap();
    for part in 0..100u64 {
        job.persist((0..1_000).map(|n| TxOp::put("c", part * 1_000 + n, [7; 300])));
    }
    job.sync().wait().unwrap();
    // The caches of the connection fill.
    assert_eq!(job.scan("c", ..).iter().take(20_000).map(Result::unwrap).count(), 20_000);
    let grown = grown_by(|| {
        assert_eq!(job.scan("c", ..).iter().map(Result::unwrap).count(), 100_000);
    });
    assert!(grown <= 4 * MIB, "{grown} bytes");
}
