//! What is opened and closed again and again leaves nothing behind, and where the system has no more to give that is told.

use std::fs;
use std::process::Command;

use persist_core::{Key, Memory, Persistency, TxOp};
use persist_reliability::{cases, child, given, run, sqlite};
use persist_tests::watchdog::alive;

/// Cycles in the short form.
const CYCLES: usize = 250;

/// What this process holds.
#[derive(Clone, Copy, Debug)]
struct Held {
    kib: usize,
    threads: usize,
    descriptors: usize,
}

impl Held {
    fn now() -> Self {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
        let entries = |directory: &str| fs::read_dir(directory).unwrap().count();
        Self {
            kib: line.split_whitespace().nth(1).unwrap().parse().unwrap(),
            threads: entries("/proc/self/task"),
            descriptors: entries("/proc/self/fd"),
        }
    }
}

/// Opens, uses and closes a store, and leaves behind what a careless program does.
fn cycle(store: &Persistency, n: usize) {
    alive();
    let job = store.open_job("job").wait().unwrap();
    job.persist(
        (0..20_u64).map(|row| TxOp::put("c", row, vec![u8::try_from(n % 251).unwrap(); 200])),
    );
    job.persist_put("c", 7_u64, b"nobody waits");
    assert_eq!(job.count("c", ..).wait().unwrap(), 20);
    // Reads that are never run, never ended, and dropped.
    drop(job.get("c", 1_u64));
    let mut unfinished = job.scan("c", ..).iter();
    unfinished.next().unwrap().unwrap();
    let _ = job.scan("c", ..).stream();
    assert!(store.open_job("").wait().is_err());
    assert!(job.get_as::<String>("c", Key::new()).wait().unwrap().is_none());
    let other = store.open_job("dropped").wait().unwrap();
    other.persist_put("c", 1_u64, b"1").wait().unwrap();
    store.drop_job("dropped").wait().unwrap();
    // Outlives its job.
    drop(store.close_job("job").wait());
    drop(unfinished);
}

/// In a process of its own, where no other test is counted.
#[test]
fn opening_and_closing_leaves_nothing_behind() {
    println!("{}", run(child("a_child_opens_and_closes", "")));
}

#[test]
fn a_child_opens_and_closes() {
    let Some(_) = given() else { return };
    let cycles = cases("PERSIST_CYCLES", CYCLES);
    let root = tempfile::tempdir().unwrap();
    let memory = Memory::new();
    let go_on = |from: usize, to: usize, most: Held| {
        for n in from..to {
            for store in [
                Persistency::open(sqlite(root.path(), ["normal", "exclusive", "full"][n % 3]))
                    .unwrap(),
                Persistency::open(memory.clone()).unwrap(),
            ] {
                cycle(&store, n);
                store.close().wait().unwrap();
            }
        }
        // What ends by itself has ended once nothing is held any more.
        let mut held = Held::now();
        for _ in 0..100 {
            if held.threads <= most.threads && held.descriptors <= most.descriptors {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
            held = Held::now();
        }
        held
    };
    let warm = go_on(0, cycles / 5, Held::now());
    let end = go_on(cycles / 5, cycles, warm);
    println!("after {} cycles {warm:?}, after {cycles} {end:?}", cycles / 5);
    assert!(end.threads <= warm.threads && end.descriptors <= warm.descriptors, "{warm:?} {end:?}");
    assert!(end.kib < warm.kib + (4 << 10), "{warm:?} {end:?}");
}

#[test]
fn without_descriptors_calls_are_refused_by_a_word_on_that_and_nothing_is_lost() {
    for settings in ["normal", "exclusive"] {
        let directory = tempfile::tempdir().unwrap();
        let output = Command::new("sh")
            .args(["-c", "ulimit -S -n 100; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_starves")])
            .arg(directory.path().join("root"))
            .arg(settings)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
        assert!(said.contains("open: too many open files"), "{settings}: {said}");
    }
}
