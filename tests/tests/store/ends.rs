//! However a process ends, short of being killed: what it submitted is there.

use std::process::{Command, Output};

use persist_core::Persistency;
use persist_sqlite::Sqlite;
use persist_tests::watchdog::within_a_minute;

/// Lets a process write 100,000 rows without waiting for one and end in some way; all have to be there.
fn ends(way: &'static str, code: i32) -> Output {
    within_a_minute(move || {
        let root = tempfile::tempdir().unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_ends"));
        let output = process.arg(root.path()).arg(way).output().unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{words}");
        let store = Persistency::open(Sqlite::at(root.path())).unwrap();
        let job = store.open_job("job").wait().unwrap();
        assert_eq!(job.count("c", ..).wait().unwrap(), 100_000, "{words}");
        let last = job.get("c", 99_999u64).wait().unwrap();
        assert_eq!(last.as_deref(), Some(&99_999u64.to_be_bytes()[..]));
        output
    })
}

#[test]
fn the_end_of_main_loses_nothing() {
    ends("main", 0);
}

#[test]
fn an_error_of_main_loses_nothing() {
    ends("error", 1);
}

#[test]
fn process_exit_loses_nothing() {
    ends("exit", 0);
}

#[test]
fn process_exit_on_another_thread_loses_nothing() {
    ends("exit_of_a_thread", 0);
}

#[test]
fn process_exit_on_a_worker_loses_nothing_of_other_jobs() {
    ends("exit_on_a_worker", 0);
}

#[test]
fn a_panic_that_unwinds_main_loses_nothing() {
    let output = ends("panic", 101);
    assert!(String::from_utf8_lossy(&output.stderr).contains("a panic that unwinds main"));
}

#[test]
fn handles_that_are_forgotten_lose_nothing() {
    ends("forget", 0);
}

#[test]
fn handles_in_a_static_lose_nothing() {
    ends("static", 0);
}

#[test]
fn the_process_wide_instance_never_closed_loses_nothing() {
    ends("singleton", 0);
}

#[test]
fn the_last_handle_dropped_inside_a_task_loses_nothing() {
    ends("task", 0);
}
