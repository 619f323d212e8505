//! Models of the engine: small programs over a fake writer, run in many orders of the steps of their threads. A model fails if
//! an assertion does, and also if something waits that nobody will ever wake.
//!
//! They are run by
//! `RUSTFLAGS="--cfg shuttle" cargo test --profile models -p persist-core --test models --target-dir target/shuttle`, in as many
//! orders as `PERSIST_SHUTTLE_ORDERS` says. The orders follow from fixed seeds, or from `PERSIST_SEED`, a number or `random`. The order in which one fails is printed, for `shuttle::replay`.
//!
//! An order is one of whole steps, each of which sees all that those before it did: what a weaker ordering of atomics would
//! allow isn't tried. There is no time either: a timeout may be over at any moment.
#![cfg(shuttle)]

mod acknowledgements;
mod end;
mod fake;
mod helping;
mod order;
mod reads;
mod room;

use std::hash::{BuildHasher, RandomState};

use persist_core::{Config, Job, Persistency};
use shuttle::Runner;
use shuttle::scheduler::{PctScheduler, RandomScheduler};

use fake::{Fake, KEPT};

/// The seeds of every run, which fix the orders tried. A seed that ever failed is added here and stays.
const SEEDS: &[u64] = &[1];

/// Runs a model in so many orders of two kinds: of steps drawn one by one, and of threads by priorities that change
/// now and then, which finds what needs a thread to stand still for long.
fn explore(model: fn()) {
    let orders = std::env::var("PERSIST_SHUTTLE_ORDERS")
        .map_or(10_000, |orders| orders.parse().expect("PERSIST_SHUTTLE_ORDERS is a number"));
    let seeds = match std::env::var("PERSIST_SEED").as_deref() {
        Err(_) => SEEDS.to_vec(),
        Ok("random") => vec![RandomState::new().hash_one(0)],
        Ok(seed) => vec![seed.parse().expect("PERSIST_SEED is a number, or random")],
    };
    let mut config = shuttle::Config::new();
    config.stack_size = 1 << 18;
    config.silence_warnings = true;
    for seed in seeds {
        println!("PERSIST_SEED={seed}");
        let random = RandomScheduler::new_from_seed(seed, orders);
        Runner::new(random, config.clone()).run(model);
        let by_priority = PctScheduler::new_from_seed(seed, 3, orders);
        Runner::new(by_priority, config.clone()).run(model);
    }
}

fn open(fake: &Fake) -> (Persistency, Job) {
    open_with(fake, Config::default())
}

fn open_with(fake: &Fake, config: Config) -> (Persistency, Job) {
    let store = Persistency::open_with(fake.clone(), config).unwrap();
    let job = store.open_job("job").wait().unwrap();
    (store, job)
}

/// Submits writes with the numbers from 0 up to, but without, `count`, and waits for none.
fn submit(job: &Job, producer: u64, count: u64) {
    for number in 0..count {
        job.persist_put(KEPT, (producer, number), b"");
    }
}

/// Asserts that the writes of each producer, of which there are so many, were committed once and in the order of their numbers.
fn assert_each_in_order(fake: &Fake, counts: &[u64]) {
    for (producer, count) in (0u64..).zip(counts) {
        let committed = fake.committed();
        let numbers = committed.iter().filter(|write| write.0 == producer).map(|write| write.1);
        assert!(numbers.eq(0..*count), "{committed:?} of {counts:?}");
    }
}
