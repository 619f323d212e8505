//! Repeated opening and closing leaks nothing, and calls that lack descriptors return an error that names the cause.

use std::fs;
use std::process::Command;

use persist_core::{Key, Memory, Persistency, TxOp};
use persist_reliability::{cases, child, child_argument, run, sqlite};
use persist_tests::watchdog::alive;

/// The number of cycles in the short form.
const CYCLES: usize = 250;

/// The resources that this process holds.
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

/// Opens, uses and closes a store, and leaves behind what a careless program leaves.
fn cycle(store: &Persistency, n: usize) {
    alive();
    let job = store.open_job("job").wait().unwrap();
    job.persist(
        (0..20_u64).map(|row| TxOp::put("c", row, vec![u8::try_from(n % 251).unwrap(); 200])),
    );
    job.persist_put("c", 7_u64, b"not waited for");
    assert_eq!(job.count("c", ..).wait().unwrap(), 20);
    // Reads that are never run, never finished, and dropped.
    drop(job.get("c", 1_u64));
    let mut unfinished = job.scan("c", ..).iter();
    unfinished.next().unwrap().unwrap();
    let _ = job.scan("c", ..).stream();
    assert!(store.open_job("").wait().is_err());
    assert!(job.get_as::<String>("c", Key::new()).wait().unwrap().is_none());
    let other = store.open_job("dropped").wait().unwrap();
    other.persist_put("c", 1_u64, b"1").wait().unwrap();
    store.drop_job("dropped").wait().unwrap();
    // Dropped after its job was closed.
    drop(store.close_job("job").wait());
    drop(unfinished);
}

/// In a process of its own, so that other tests are not counted.
#[test]
fn repeated_opening_and_closing_leaks_nothing() {
    println!("{}", run(child("child_opens_and_closes", "")));
}

#[test]
#[ignore = "run by another test in a process of its own"]
fn child_opens_and_closes() {
    let Some(_) = child_argument() else { return };
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
        // Threads and descriptors that are released in the background are waited for.
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
fn calls_without_descriptors_return_too_many_open_and_lose_no_rows() {
    for settings in ["normal", "exclusive"] {
        let directory = tempfile::tempdir().unwrap();
        let output = Command::new("sh")
            .args(["-c", "ulimit -S -n 100; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_starves")])
            .arg(directory.path().join("root"))
            .arg(settings)
            .output()
            .unwrap();
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{stdout}{}", String::from_utf8_lossy(&output.stderr));
        assert!(stdout.contains("open: too many open files"), "{settings}: {stdout}");
    }
}
