//! Ends of a process other than a kill: every submitted write is committed.

use std::process::{Command, Output};

use persist_core::Persistency;
use persist_sqlite::Sqlite;
use persist_tests::watchdog::within_a_minute;

/// Runs a process that writes 100,000 rows without waiting and ends in some way, and checks that all rows are there.
fn end_process(way: &'static str, code: i32) -> Output {
    within_a_minute(move || {
        let root = tempfile::tempdir().unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_ends"));
        let output = process.arg(root.path()).arg(way).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{stderr}");
        let store = Persistency::open(Sqlite::at(root.path())).unwrap();
        let job = store.open_job("job").wait().unwrap();
        assert_eq!(job.count("c", ..).wait().unwrap(), 100_000, "{stderr}");
        let last = job.get("c", 99_999u64).wait().unwrap();
        assert_eq!(last.as_deref(), Some(&99_999u64.to_be_bytes()[..]));
        output
    })
}

#[test]
fn end_of_main_loses_no_writes() {
    end_process("main", 0);
}

#[test]
fn error_from_main_loses_no_writes() {
    end_process("error", 1);
}

#[test]
fn process_exit_loses_no_writes() {
    end_process("exit", 0);
}

#[test]
fn process_exit_on_another_thread_loses_no_writes() {
    end_process("exit_of_a_thread", 0);
}

#[test]
fn process_exit_on_a_worker_loses_no_writes_of_other_jobs() {
    end_process("exit_on_a_worker", 0);
}

#[test]
fn panic_that_unwinds_main_loses_no_writes() {
    let output = end_process("panic", 101);
    assert!(String::from_utf8_lossy(&output.stderr).contains("a panic that unwinds main"));
}

#[test]
fn forgotten_handles_lose_no_writes() {
    end_process("forget", 0);
}

#[test]
fn handles_in_a_static_lose_no_writes() {
    end_process("static", 0);
}

#[test]
fn unclosed_process_wide_instance_loses_no_writes() {
    end_process("singleton", 0);
}

#[test]
fn last_handle_dropped_inside_a_task_loses_no_writes() {
    end_process("task", 0);
}
