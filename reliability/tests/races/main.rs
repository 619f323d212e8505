//! Many threads make all kinds of calls at once, and the results form a history that the store allows: writes are in
//! order, batches are whole, reads see all writes that were submitted before them, and every outcome is true.

mod client;
mod history;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use client::{COUNTER, Client, REGISTERS, Shared};
use fastrand::Rng;
use history::{Outcome, Write};
use persist_core::{Error, Memory, Persistency};
use persist_reliability::{assert_sound, cases, seeds, sqlite};
use persist_tests::watchdog::alive;

/// The seeds of the ordinary run. A seed that has failed is added for good.
const SEEDS: &[u64] = &[1];
/// The number of calls of each thread in the short form.
const CALLS: usize = 800;

fn calls() -> usize {
    cases("PERSIST_RACE_CALLS", CALLS)
}

fn sixteen_threads_on_one_job(store: &Persistency, seed: u64) {
    store.open_job("job").wait().unwrap();
    let shared = Shared::default();
    let random = Rng::with_seed(seed);
    run_clients(16, calls(), &random, |random| Client {
        shared: &shared,
        store,
        id: "job",
        stays_open: true,
        random,
    });
    check_final(store, "job", &shared, true);
}

/// Runs threads that make `calls` calls each.
fn run_clients<'a>(
    threads: u64,
    calls: usize,
    random: &Rng,
    client: impl Fn(Rng) -> Client<'a> + Sync,
) {
    thread::scope(|scope| {
        for number in 0..threads {
            let client = &client;
            let seed = random.get_seed().wrapping_add(number);
            scope.spawn(move || {
                let mut client = client(Rng::with_seed(seed));
                (0..calls).for_each(|_| client.call());
            });
        }
    });
}

/// Reads everything once more after all calls, and checks the history. Returns the number of reads.
fn check_final(store: &Persistency, id: &str, shared: &Shared, stays_open: bool) -> usize {
    let random = Rng::with_seed(0);
    let mut client = Client { shared, store, id, stays_open: true, random };
    (0..REGISTERS).for_each(|register| client.read(register));
    client.view();
    let (writes, reads) = shared.history.check();
    println!("{id}: {writes} writes, {reads} reads, {} refused", shared.refused.load(Relaxed));
    assert!(writes > 0 && reads > 0);
    if stays_open {
        let counted: Option<u64> = store.job(id).unwrap().get_as(COUNTER, 0_u64).wait().unwrap();
        assert_eq!(
            counted.unwrap_or_default(),
            shared.counted.load(Relaxed),
            "transactions run one after the other"
        );
    }
    reads
}

#[test]
fn sixteen_threads_on_one_memory_job_see_a_valid_history() {
    for seed in seeds(SEEDS) {
        sixteen_threads_on_one_job(&Persistency::open(Memory::new()).unwrap(), seed);
    }
}

#[test]
fn sixteen_threads_on_one_file_job_see_a_valid_history() {
    for seed in seeds(SEEDS) {
        for settings in ["normal", "exclusive"] {
            let root = tempfile::tempdir().unwrap();
            let store = Persistency::open(sqlite(root.path(), settings)).unwrap();
            sixteen_threads_on_one_job(&store, seed);
            store.close().wait().unwrap();
            assert_sound(&root.path().join("job.db"));
        }
    }
}

#[test]
fn sixty_four_concurrent_jobs_see_valid_histories() {
    seeds(SEEDS).for_each(sixty_four_jobs);
}

fn sixty_four_jobs(seed: u64) {
    let root = tempfile::tempdir().unwrap();
    let store = Persistency::open(sqlite(root.path(), "normal")).unwrap();
    let jobs: Vec<(String, Shared)> =
        (0..64).map(|job| (format!("job {job}"), Shared::default())).collect();
    for (id, _) in &jobs {
        store.open_job(id).wait().unwrap();
    }
    let calls = calls() / 2;
    thread::scope(|scope| {
        for number in 0..16 {
            let (store, jobs) = (&store, &jobs);
            scope.spawn(move || {
                let mut random = Rng::with_seed(seed.wrapping_add(number));
                for _ in 0..calls {
                    let (id, shared) = &jobs[random.usize(..jobs.len())];
                    let random = random.fork();
                    Client { shared, store, id, stays_open: true, random }.call();
                }
            });
        }
    });
    for (id, shared) in &jobs {
        check_final(&store, id, shared, true);
    }
    store.close().wait().unwrap();
}

/// Threads use a job while others open, close and drop it. A refused call reports the right error, and every
/// acknowledged write is there unless the job was dropped afterwards.
fn opened_closed_and_dropped(store: &Persistency, drops: bool, seed: u64) {
    let shared = Shared::default();
    let random = Rng::with_seed(seed);
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        for number in 0..2 {
            let (shared, ended, mut random) =
                (&shared, &ended, Rng::with_seed(random.get_seed() ^ number));
            scope.spawn(move || {
                while !ended.load(Relaxed) {
                    open_close_or_drop(store, shared, drops, &mut random);
                }
            });
        }
        run_clients(8, calls(), &random, |random| Client {
            shared: &shared,
            store,
            id: "job",
            stays_open: false,
            random,
        });
        ended.store(true, Relaxed);
    });
    store.open_job("job").wait().unwrap();
    let reads = check_final(store, "job", &shared, false);
    assert!(shared.refused.load(Relaxed) > 0 && reads > calls() / 16, "{reads} reads");
}

fn open_close_or_drop(store: &Persistency, shared: &Shared, drops: bool, random: &mut Rng) {
    let refused = match random.u8(..10) {
        0..2 => store.close_job("job").wait().err(),
        2 if drops => {
            let before = shared.history.now();
            let result = store.drop_job("job").wait();
            // A drop deletes all rows that exist when it takes effect.
            let submitted = (before, shared.history.now());
            let outcome = if result.is_ok() { Outcome::Applied } else { Outcome::NotApplied };
            for register in 0..REGISTERS {
                shared.history.record_write(Write { register, value: None, submitted, outcome });
            }
            result.err()
        }
        _ => {
            let opened = store.open_job("job").wait();
            // A pause, so that other calls are made in between.
            thread::sleep(Duration::from_millis(2));
            opened.err()
        }
    };
    match refused {
        None | Some(Error::JobNotFound { .. } | Error::Closed { .. }) => {}
        // A client reads from the job.
        Some(Error::Busy { .. }) if drops => {}
        Some(error) => panic!("{error}"),
    }
}

#[test]
fn memory_job_opened_closed_and_dropped_during_use_keeps_its_promises() {
    for seed in seeds(SEEDS) {
        opened_closed_and_dropped(&Persistency::open(Memory::new()).unwrap(), true, seed);
    }
}

#[test]
fn file_job_opened_and_closed_during_use_keeps_its_promises() {
    for seed in seeds(SEEDS) {
        let root = tempfile::tempdir().unwrap();
        let store = Persistency::open(sqlite(root.path(), "normal")).unwrap();
        opened_closed_and_dropped(&store, false, seed);
    }
}

#[test]
fn file_job_opened_closed_and_dropped_during_use_keeps_its_promises() {
    for seed in seeds(SEEDS) {
        for settings in ["normal", "exclusive"] {
            let root = tempfile::tempdir().unwrap();
            let store = Persistency::open(sqlite(root.path(), settings)).unwrap();
            opened_closed_and_dropped(&store, true, seed);
        }
    }
}

/// The process-wide instance is reset and created again while threads use it.
#[test]
fn instance_reset_during_use_keeps_acknowledged_writes() {
    let root = tempfile::tempdir().unwrap();
    let backend = sqlite(root.path(), "normal");
    let ended = AtomicBool::new(false);
    let puts = AtomicU64::new(0);
    let acknowledged = thread::scope(|scope| {
        let resetting = scope.spawn(|| {
            let mut resets = 0;
            while !ended.load(Relaxed) {
                // The close may report a late write before its ticket does.
                let reset = Persistency::reset();
                assert!(matches!(reset, Ok(()) | Err(Error::Closed { .. })), "{reset:?}");
                resets += 1;
                // Waits until another call was made.
                let before = puts.load(Relaxed);
                while puts.load(Relaxed) == before && !ended.load(Relaxed) {
                    thread::sleep(Duration::from_millis(2));
                }
            }
            resets
        });
        let writing: Vec<_> = (0..8_u64)
            .map(|thread| {
                let (backend, puts) = (backend.clone(), &puts);
                scope.spawn(move || {
                    let put = |n: u64| {
                        let store = Persistency::instance(backend.clone())?;
                        let job = store.open_job("job").wait()?;
                        job.persist_put("c", (thread, n), n.to_be_bytes()).wait()?;
                        puts.fetch_add(1, Relaxed);
                        Ok(())
                    };
                    let calls = u64::try_from(calls()).unwrap();
                    (0..calls)
                        .inspect(|_| alive())
                        .filter(|&n| match put(n) {
                            Ok(()) => true,
                            Err(Error::Closed { .. } | Error::JobNotFound { .. }) => false,
                            Err(error) => panic!("{error}"),
                        })
                        .map(|n| (thread, n))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        let acknowledged: Vec<_> =
            writing.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        ended.store(true, Relaxed);
        assert!(resetting.join().unwrap() > 0);
        acknowledged
    });
    Persistency::reset().unwrap();
    let store = Persistency::open(backend).unwrap();
    let job = store.open_job("job").wait().unwrap();
    println!("{} acknowledged", acknowledged.len());
    assert!(!acknowledged.is_empty());
    for (thread, n) in acknowledged {
        assert!(job.exists("c", (thread, n)).wait().unwrap(), "{thread} {n}");
    }
}
