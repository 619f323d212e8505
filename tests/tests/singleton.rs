//! The process-wide store. There is only one, so these tests take turns.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use persist_core::{Config, Durability, Error, Job, Memory, Persistency};
use persist_sqlite::Sqlite;
use tempfile::TempDir;

/// The turn of a test. There is no process-wide store before it and after it.
struct Turn {
    _guard: MutexGuard<'static, ()>,
    root: TempDir,
}

impl Turn {
    fn take() -> Self {
        static TURNS: Mutex<()> = Mutex::new(());
        let guard = TURNS.lock().unwrap_or_else(PoisonError::into_inner);
        Persistency::reset().unwrap();
        Self { _guard: guard, root: tempfile::tempdir().unwrap() }
    }

    fn root(&self) -> &Path {
        self.root.path()
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let _ = Persistency::reset();
    }
}

fn assert_refused(result: &Result<Persistency, Error>) {
    assert!(matches!(result, Err(Error::InvalidArgument { .. })), "{result:?}");
}

#[test]
fn instance_with_the_same_root_is_the_same_instance() {
    let turn = Turn::take();
    let store = Persistency::instance(Sqlite::at(turn.root())).unwrap();
    let again = Persistency::instance(Sqlite::at(turn.root())).unwrap();
    assert!(again.same_instance(&store));
    let job = store.open_job("job").wait().unwrap();
    assert!(again.job("job").unwrap().same_job(&job));
}

#[test]
fn instance_with_another_path_to_the_root_is_the_same_instance() {
    let turn = Turn::take();
    let store = Persistency::instance(Sqlite::at(turn.root())).unwrap();
    let dotted = turn.root().join(".").join("");
    let again = Persistency::instance(Sqlite::at(dotted)).unwrap();
    assert!(again.same_instance(&store));
}

#[test]
fn instance_with_another_root_is_refused() {
    let turn = Turn::take();
    let store = Persistency::instance(Sqlite::at(turn.root().join("a"))).unwrap();
    assert_refused(&Persistency::instance(Sqlite::at(turn.root().join("b"))));
    assert_refused(&Persistency::instance(Memory::new()));
    assert!(Persistency::current().unwrap().same_instance(&store));
    assert!(!turn.root().join("b").exists());
}

#[test]
fn instance_with_another_config_is_refused() {
    let turn = Turn::take();
    let config = Config::new().queue_limit_bytes(1 << 20);
    let store = Persistency::instance_with(Sqlite::at(turn.root()), config.clone()).unwrap();
    assert_refused(&Persistency::instance(Sqlite::at(turn.root())));
    let again = Persistency::instance_with(Sqlite::at(turn.root()), config).unwrap();
    assert!(again.same_instance(&store));
}

#[test]
fn instance_with_other_backend_settings_is_refused_and_both_are_named() {
    let turn = Turn::take();
    let backend = Sqlite::at(turn.root()).mmap(1 << 20);
    let store = Persistency::instance(backend.clone()).unwrap();
    let refused = Persistency::instance(Sqlite::at(turn.root()).durability(Durability::Full));
    assert_refused(&refused);
    let message = refused.unwrap_err().to_string();
    assert!(message.contains("mmap(1048576)") && message.contains("Durability::Full"), "{message}");
    assert!(Persistency::instance(backend).unwrap().same_instance(&store));
}

#[test]
fn instance_with_the_same_memory_is_the_same_and_with_another_is_refused() {
    let _turn = Turn::take();
    let rows = Memory::new();
    let store = Persistency::instance(rows.clone()).unwrap();
    assert!(Persistency::instance(rows).unwrap().same_instance(&store));
    assert_refused(&Persistency::instance(Memory::new()));
}

#[test]
fn current_before_the_first_instance_returns_closed_and_then_the_instance() {
    let turn = Turn::take();
    assert!(matches!(Persistency::current(), Err(Error::Closed { .. })));
    let store = Persistency::instance(Sqlite::at(turn.root())).unwrap();
    let current = Persistency::current().unwrap();
    assert!(current.same_instance(&store));
    current.open_job("job").wait().unwrap().persist_put("c", "k", b"1");
    assert!(store.exists("job", "c", "k").wait().unwrap());
}

#[test]
fn failed_first_instance_leaves_no_current_one() {
    let turn = Turn::take();
    let file = turn.root().join("file");
    std::fs::write(&file, "").unwrap();
    assert_refused(&Persistency::instance(Sqlite::at(file)));
    assert!(matches!(Persistency::current(), Err(Error::Closed { .. })));
    Persistency::instance(Sqlite::at(turn.root())).unwrap();
}

#[test]
fn instance_after_reset_may_have_another_root() {
    let turn = Turn::take();
    let first = Persistency::instance(Sqlite::at(turn.root().join("a"))).unwrap();
    let job = first.open_job("job").wait().unwrap();
    job.persist_put("c", "k", b"1");
    Persistency::reset().unwrap();
    assert!(!job.is_open(), "a reset closes the jobs");
    assert!(matches!(Persistency::current(), Err(Error::Closed { .. })));
    let second = Persistency::instance(Sqlite::at(turn.root().join("b"))).unwrap();
    assert!(!second.same_instance(&first));
    assert_eq!(second.stored_job_ids().wait().unwrap(), [""; 0]);

    Persistency::reset().unwrap();
    let store = Persistency::instance(Sqlite::at(turn.root().join("a"))).unwrap();
    assert!(store.open_job("job").wait().unwrap().exists("c", "k").wait().unwrap());
}

#[test]
fn second_reset_succeeds() {
    let turn = Turn::take();
    Persistency::instance(Sqlite::at(turn.root())).unwrap();
    Persistency::reset().unwrap();
    Persistency::reset().unwrap();
    assert!(matches!(Persistency::current(), Err(Error::Closed { .. })));
}

#[test]
fn reset_returns_the_first_failure_and_forgets_the_instance() {
    let turn = Turn::take();
    let store = Persistency::instance(Sqlite::at(turn.root())).unwrap();
    let job: Job = store.open_job("job").wait().unwrap();
    let too_long = persist_core::Key::from_bytes(vec![0; (16 << 20) + 1]);
    drop(job.persist_put("c", too_long, b""));
    assert!(matches!(Persistency::reset(), Err(Error::InvalidArgument { .. })));
    assert!(matches!(Persistency::current(), Err(Error::Closed { .. })));
}

#[test]
fn instance_after_close_is_a_new_one() {
    let turn = Turn::take();
    let store = Persistency::instance(Sqlite::at(turn.root())).unwrap();
    store.close().wait().unwrap();
    assert!(matches!(Persistency::current(), Err(Error::Closed { .. })));
    let again = Persistency::instance(Sqlite::at(turn.root())).unwrap();
    assert!(!again.same_instance(&store));
    again.open_job("job").wait().unwrap();
}

#[test]
fn instance_from_eight_threads_at_once_is_one_instance() {
    let turn = Turn::take();
    let root = turn.root();
    let stores: Vec<Persistency> = thread::scope(|scope| {
        let ask = |_| scope.spawn(|| Persistency::instance(Sqlite::at(root)).unwrap());
        let threads: Vec<_> = (0..8).map(ask).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(stores.iter().all(|store| store.same_instance(&stores[0])));
}

#[test]
fn owned_store_is_independent_of_the_instance() {
    let turn = Turn::take();
    let owned = Persistency::open(Sqlite::at(turn.root())).unwrap();
    assert!(matches!(Persistency::current(), Err(Error::Closed { .. })));
    let store = Persistency::instance(Sqlite::at(turn.root())).unwrap();
    assert!(!store.same_instance(&owned));
    Persistency::reset().unwrap();
    owned.open_job("job").wait().unwrap();
}
