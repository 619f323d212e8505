//! Bounds on the descriptors and the memory of a store.
#![cfg(target_os = "linux")]

use std::process::Command;

use persist_tests::watchdog::within_a_minute;

/// Runs the program `many` with a limit of descriptors. Returns the numbers that it prints.
fn many(what: &'static str, jobs: usize, descriptors: usize) -> Vec<usize> {
    within_a_minute(move || {
        let root = tempfile::tempdir().unwrap();
        let script = format!("ulimit -S -n {descriptors}; exec \"$@\"");
        let output = Command::new("sh")
            .args(["-c", &script, "sh", env!("CARGO_BIN_EXE_many")])
            .arg(root.path())
            .args([what, &jobs.to_string()])
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
        let output = String::from_utf8(output.stdout).unwrap();
        output.split_whitespace().filter_map(|word| word.parse().ok()).collect()
    })
}

#[test]
fn more_jobs_than_descriptors_can_be_open() {
    let [descriptors, kib] = many("use_each", 80, 120)[..] else {
        panic!("the program prints two numbers")
    };
    assert!(descriptors < 90, "{descriptors}");
    assert!(kib <= 300, "{kib}");
}

#[test]
fn job_that_keeps_its_connections_uses_little_memory() {
    let [kib] = many("use_once", 60, 1_000)[..] else { panic!("the program prints one number") };
    assert!(kib <= 300, "{kib}");
}

#[test]
fn reads_without_a_free_connection_are_refused_and_writes_take_turns() {
    let [scans] = many("hold_scans", 12, 120)[..] else { panic!("the program prints one number") };
    assert!((16..=18).contains(&scans), "{scans}");
}

#[test]
fn file_replaced_during_a_pause_fails_its_job() {
    many("lose_a_file", 3, 60);
}
