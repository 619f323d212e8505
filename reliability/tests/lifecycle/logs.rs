//! Logs: a job without trouble logs no warning, and each fault is logged once.

use std::fs;
use std::path::Path;

use parking_lot::Mutex;
use persist_core::{Error, Persistency, TxOp};
use persist_reliability::{OnEvent, child, child_argument, fields_of, run, sqlite};
use tracing::{Event, Level};

static LOGGED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Runs a test of this module in a process of its own, whose warnings and errors are kept. Returns whether this is that process.
fn logs_in_a_child(test: &str) -> bool {
    if child_argument().is_none() {
        run(child(&format!("logs::{test}"), "itself"));
        return false;
    }
    let keep = |event: &Event<'_>| {
        if *event.metadata().level() <= Level::WARN {
            LOGGED.lock().push(fields_of(event));
        }
    };
    tracing::subscriber::set_global_default(OnEvent(keep)).unwrap();
    true
}

fn logged() -> Vec<String> {
    std::mem::take(&mut *LOGGED.lock())
}

/// Calls all that a backend does for a job, twice.
fn use_a_job(root: &Path, settings: &str) -> Result<(), Error> {
    for round in 0..2u64 {
        let store = Persistency::open(sqlite(root, settings))?;
        let job = store.open_job("job").wait()?;
        for n in 0..300u64 {
            job.persist_put("c", (round, n), vec![1; 1_000]);
        }
        job.sync().wait()?;
        job.persist([TxOp::delete_prefix("c", round), TxOp::put("c", (round, 0u64), b"")])
            .wait()?;
        job.transact(|transaction| transaction.count("c", ..)).wait()?;
        job.read(|view| view.count("c", ..)).wait()?;
        job.scan("c", ..).iter().try_for_each(|row| row.map(drop))?;
        assert!(job.check().wait()?.is_sound());
        let backup = root.with_extension(format!("{settings}.{round}"));
        job.backup_to(&backup).wait()?;
        job.compact().wait()?;
        store.open_job("other").wait()?;
        store.close_job("other").wait()?;
        store.restore_from("other", &backup).wait()?;
        store.drop_job("other").wait()?;
        store.close().wait()?;
    }
    Ok(())
}

#[test]
fn job_without_trouble_logs_no_warning() {
    if !logs_in_a_child("job_without_trouble_logs_no_warning") {
        return;
    }
    for settings in ["normal", "full", "exclusive", "normal+mmap"] {
        let directory = tempfile::tempdir().unwrap();
        use_a_job(&directory.path().join("root"), settings).unwrap();
        assert_eq!(logged(), [""; 0], "{settings}");
    }
}

#[test]
fn lost_file_is_logged_once() {
    if !logs_in_a_child("lost_file_is_logged_once") {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let store = Persistency::open(sqlite(root.path(), "normal")).unwrap();
    let job = store.open_job("job").wait().unwrap();
    job.persist_put("c", "k", b"v").wait().unwrap();
    assert_eq!(logged(), [""; 0]);
    fs::rename(root.path().join("job.db"), root.path().join("moved")).unwrap();
    for _ in 0..3 {
        job.sync().wait().unwrap_err();
    }
    let logged = logged();
    let losses = logged.iter().filter(|line| line.contains("a file of the job was removed"));
    assert_eq!(losses.count(), 1, "{logged:?}");
}
