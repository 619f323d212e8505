//! The power is cut at any file call: the jobs hold what was acknowledged (`Durability::Full`) or synced (`Normal`), and of the rest
//! only what came first.
//!
//! A workload is run once, and all its file calls recorded. From the record the disk is made as a power cut leaves it at any
//! place: without what was not synced, or with a part of it, torn or out of order.
//!
//! `PERSIST_CUTS` says how many cuts there are of each workload; with `all` the power is cut at each call, with each kind
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
use crate::life::{Jobs, Life, Plan};
use crate::promises::Promises;

/// The seeds of every run. A seed that ever failed is added here and stays.
///
/// 113,344,589: a step that changes nothing is the last one of a round.
const SEEDS: &[u64] = &[113_344_589];
/// Cuts of a workload in the short form.
const CUTS: usize = 160;
/// More steps than a job gets in a test.
const MOST_STEPS: u64 = 400;

#[test]
fn full_keeps_what_was_acknowledged() {
    for seed in seeds(SEEDS) {
        long_life("full", seed);
    }
}

#[test]
fn exclusive_and_full_keeps_what_was_acknowledged() {
    for seed in seeds(SEEDS) {
        long_life("full+exclusive", seed);
    }
}

#[test]
fn normal_keeps_what_was_synced_and_a_prefix_of_the_rest() {
    for seed in seeds(SEEDS) {
        let counts = long_life("normal", seed);
        assert!(
            counts.lost_acknowledged > 0,
            "the disk lost nothing, which tests nothing: {counts:?}"
        );
    }
}

/// Two times of much writing, with checkpoints while it is written, and when it pauses.
fn long_life(settings: &'static str, seed: u64) -> Counts {
    let mut random = Rng::with_seed(seed);
    let jobs = Jobs::new(seed, MOST_STEPS);
    let directory = tempfile::tempdir().unwrap();
    let plan = Plan { settings, rounds: 2, steps: 60, has_checkpoints: true };
    let life = Life::live(plan, &jobs, directory.path(), Vec::new(), Promises::default());
    let mut counts = Counts::default();
    match cuts() {
        None => life.cut_everywhere(Loss::ALL.len(), &jobs, &mut random, &mut counts),
        Some(cuts) => life.cut(cuts, &jobs, &mut random, &mut counts),
    }
    println!("{settings}, {} calls: {counts:?}", life.events.len());
    assert!(counts.found_unacknowledged > 0 && counts.lost_unacknowledged > 0, "{counts:?}");
    counts
}

/// Little is written, so that there is time for each call of opening, closing, backing up, compacting and dropping.
#[test]
fn a_short_life_is_cut_at_each_call() {
    seeds(SEEDS).for_each(cut_short_lives);
}

fn cut_short_lives(seed: u64) {
    let mut random = Rng::with_seed(seed);
    for _ in 0..times() {
        let jobs = Jobs::new(random.u64(..), 10);
        for settings in ["normal", "full"] {
            let directory = tempfile::tempdir().unwrap();
            let plan = Plan { settings, rounds: 2, steps: 1, has_checkpoints: false };
            let life = Life::live(plan, &jobs, directory.path(), Vec::new(), Promises::default());
            let mut counts = Counts::default();
            let losses = if cuts().is_none() { Loss::ALL.len() } else { 1 };
            life.cut_everywhere(losses, &jobs, &mut random, &mut counts);
            println!("{settings}, {} calls: {counts:?}", life.events.len());
        }
    }
}

/// The process dies, or the power is cut, and then it is cut once more in the life of the next one, with settings of its own.
#[test]
fn after_a_death_or_a_power_cut_the_next_one_keeps_its_promises() {
    seeds(SEEDS).for_each(cut_second_lives);
}

fn cut_second_lives(seed: u64) {
    let mut random = Rng::with_seed(seed);
    let mut counts = Counts::default();
    let mut lives = 0;
    for _ in 0..times() * 4 {
        let seed = random.u64(..);
        let jobs = Jobs::new(seed, 30);
        let directory = tempfile::tempdir().unwrap();
        let any = |random: &mut Rng| ["normal", "full", "full+exclusive"][random.usize(..3)];
        let settings = any(&mut random);
        let plan = Plan { settings, rounds: 2, steps: 3, has_checkpoints: false };
        let first = Life::live(plan, &jobs, directory.path(), Vec::new(), Promises::default());
        let places = first.places(10, &mut random);
        first.visit(places, |place| {
            fs::remove_dir_all(directory.path().join("new")).or_else(gone).unwrap();
            let past = if random.bool() {
                first.events[..place.index].to_vec()
            } else {
                let loss = Loss::ALL[random.usize(..Loss::ALL.len())];
                place.device.cut(loss, &mut random).events()
            };
            let plan = Plan { settings: any(&mut random), rounds: 1, ..plan };
            let promises = place.promises.clone();
            let next = Life::live(plan, &jobs, directory.path(), past, promises);
            next.cut(6, &jobs, &mut random, &mut counts);
            lives += 1;
        });
    }
    println!("{lives} lives: {counts:?}");
}

/// A log whose entry is not on the disk yet, since nobody has waited for that, is another's to wait for.
#[test]
fn a_sync_keeps_what_a_process_that_died_had_written() {
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

fn gone(error: std::io::Error) -> std::io::Result<()> {
    if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

/// How many cuts there are of a workload; none for all.
fn cuts() -> Option<usize> {
    let all = env::var("PERSIST_CUTS").is_ok_and(|cuts| cuts == "all");
    (!all).then(|| cases("PERSIST_CUTS", CUTS))
}

/// How often a smaller workload is done.
fn times() -> usize {
    cuts().map_or(20, |cuts| cuts.div_ceil(CUTS))
}
