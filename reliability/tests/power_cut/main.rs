//! The power is cut at any file call. The jobs keep every acknowledged write (`Durability::Full`) or every synced write
//! (`Normal`), and only the first ones of the other writes.
//!
//! A workload runs once while its file calls are recorded. From the record the disk is built as a power cut leaves it
//! at any place: without the data that was not synced, or with a part of it, torn or out of order.
//!
//! `PERSIST_CUTS` sets the number of cuts of each workload. With `all`, the power is cut at each call, with each kind
//! of loss.

mod cuts;
mod found;
mod life;
mod promises;

use std::env;
use std::fs;

use fastrand::Rng;
use persist_core::Persistency;
use persist_faults::{Device, Loss, Watch};
use persist_reliability::{cases, seeds, sqlite};

use crate::found::Counts;
use crate::life::{Jobs, Plan, Run};
use crate::promises::Promises;

/// The seeds of the ordinary run. A seed that has failed is added for good.
///
/// 113,344,589: a step that changes nothing is the last one of a round.
const SEEDS: &[u64] = &[113_344_589];
/// The number of cuts of a workload in the short form.
const CUTS: usize = 100;
/// More steps than a job gets in a test.
const MOST_STEPS: u64 = 400;

#[test]
fn power_cut_with_full_durability_keeps_acknowledged_writes() {
    for seed in seeds(SEEDS) {
        long_run("full", seed);
    }
}

#[test]
fn power_cut_with_exclusive_and_full_keeps_acknowledged_writes() {
    for seed in seeds(SEEDS) {
        long_run("full+exclusive", seed);
    }
}

#[test]
fn power_cut_with_normal_durability_keeps_synced_writes_and_a_prefix_of_the_rest() {
    for seed in seeds(SEEDS) {
        let counts = long_run("normal", seed);
        assert!(
            counts.lost_acknowledged > 0,
            "no write was lost, so the test checks nothing: {counts:?}"
        );
    }
}

/// Two rounds of many writes, with checkpoints during the writes and in a pause.
fn long_run(settings: &'static str, seed: u64) -> Counts {
    let mut random = Rng::with_seed(seed);
    let jobs = Jobs::new(seed, MOST_STEPS);
    let directory = tempfile::tempdir().unwrap();
    let plan = Plan { settings, rounds: 2, steps: 60, has_checkpoints: true };
    let run = Run::record(plan, &jobs, directory.path(), Vec::new(), Promises::default());
    let mut counts = Counts::default();
    match cuts() {
        None => run.cut_everywhere(Loss::ALL.len(), &jobs, &mut random, &mut counts),
        Some(cuts) => run.cut(cuts, &jobs, &mut random, &mut counts),
    }
    println!("{settings}, {} calls: {counts:?}", run.events.len());
    assert!(counts.found_unacknowledged > 0 && counts.lost_unacknowledged > 0, "{counts:?}");
    counts
}

/// The run is short, so that each call of opening, closing, backing up, compacting and dropping can be tried.
#[test]
fn power_cut_at_each_call_of_a_short_run_keeps_its_promises() {
    seeds(SEEDS).for_each(cut_short_runs);
}

fn cut_short_runs(seed: u64) {
    let mut random = Rng::with_seed(seed);
    for _ in 0..times() {
        let jobs = Jobs::new(random.u64(..), 10);
        for settings in ["normal", "full"] {
            let directory = tempfile::tempdir().unwrap();
            let plan = Plan { settings, rounds: 2, steps: 1, has_checkpoints: false };
            let run = Run::record(plan, &jobs, directory.path(), Vec::new(), Promises::default());
            let mut counts = Counts::default();
            let losses = if cuts().is_none() { Loss::ALL.len() } else { 1 };
            run.cut_everywhere(losses, &jobs, &mut random, &mut counts);
            println!("{settings}, {} calls: {counts:?}", run.events.len());
        }
    }
}

/// The process is killed or the power is cut. The next process has other settings, and the power is cut during its run,
/// too.
#[test]
fn power_cut_in_the_next_run_keeps_its_promises() {
    seeds(SEEDS).for_each(cut_second_runs);
}

fn cut_second_runs(seed: u64) {
    let mut random = Rng::with_seed(seed);
    let mut counts = Counts::default();
    let mut runs = 0;
    for _ in 0..times() * 4 {
        let seed = random.u64(..);
        let jobs = Jobs::new(seed, 30);
        let directory = tempfile::tempdir().unwrap();
        let any = |random: &mut Rng| ["normal", "full", "full+exclusive"][random.usize(..3)];
        let settings = any(&mut random);
        let plan = Plan { settings, rounds: 2, steps: 3, has_checkpoints: false };
        let first = Run::record(plan, &jobs, directory.path(), Vec::new(), Promises::default());
        let places = first.places(10, &mut random);
        first.visit(places, |place| {
            fs::remove_dir_all(directory.path().join("new")).or_else(ignore_missing).unwrap();
            let past = if random.bool() {
                first.events[..place.index].to_vec()
            } else {
                let loss = Loss::ALL[random.usize(..Loss::ALL.len())];
                place.device.cut(loss, &mut random).events()
            };
            let plan = Plan { settings: any(&mut random), rounds: 1, ..plan };
            let promises = place.promises.clone();
            let next = Run::record(plan, &jobs, directory.path(), past, promises);
            next.cut(6, &jobs, &mut random, &mut counts);
            runs += 1;
        });
    }
    println!("{runs} runs: {counts:?}");
}

/// The directory entry of the WAL is not on the disk yet, since the process that created it didn't sync. The next
/// process has to sync it.
#[test]
fn sync_keeps_writes_of_a_killed_process() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("root");
    let open = |settings: &str| {
        let store = Persistency::open(sqlite(&root, settings)).unwrap();
        let job = store.open_job("job").wait().unwrap();
        (store, job)
    };
    let watch = Watch::over(directory.path());
    open("normal").0.close().wait().unwrap();
    let (store, job) = open("normal");
    job.persist_put("c", "k", b"v").wait().unwrap();
    let before_death = watch.events();
    store.close().wait().unwrap();
    drop(watch);

    for settings in ["normal", "full"] {
        fs::remove_dir_all(&root).unwrap();
        let watch = Watch::after(before_death.clone(), directory.path()).unwrap();
        let (store, job) = open(settings);
        job.sync().wait().unwrap();
        let device = Device::default().after(&watch.events());
        store.close().wait().unwrap();
        drop(watch);

        fs::remove_dir_all(&root).unwrap();
        let found = device.cut(Loss::Everything, &mut Rng::with_seed(1));
        found.write_below(directory.path(), directory.path()).unwrap();
        let (_store, job) = open(settings);
        assert_eq!(
            job.get("c", "k").wait().unwrap().as_deref(),
            Some(b"v".as_slice()),
            "{settings}"
        );
    }
}

fn ignore_missing(error: std::io::Error) -> std::io::Result<()> {
    if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

/// Returns the number of cuts of a workload; none means all.
fn cuts() -> Option<usize> {
    let all = env::var("PERSIST_CUTS").is_ok_and(|cuts| cuts == "all");
    (!all).then(|| cases("PERSIST_CUTS", CUTS))
}

/// Returns how often a smaller workload is run.
fn times() -> usize {
    cuts().map_or(20, |cuts| cuts.div_ceil(CUTS))
}
