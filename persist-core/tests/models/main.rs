//! Models of the engine: small programs over a fake writer, run in many orders of the steps of their threads. A model
//! fails if an assertion fails, and also if a thread waits that no other thread will ever wake.
//!
//! They are run by `RUSTFLAGS="--cfg shuttle" cargo test --profile models -p persist-core --test models --target-dir
//! target/shuttle`, in the number of orders set by `PERSIST_SHUTTLE_ORDERS`. The orders follow from fixed seeds, or
//! from `PERSIST_SEED`, a number or `random`. If a model fails, its order is printed, for `shuttle::replay`.
//!
//! Each step sees the effects of all earlier steps, so the reorderings that weaker atomics allow are not tried. There
//! is no time either: a timeout may be over at any moment.
#![cfg(shuttle)]

mod acknowledgements;
mod capacity;
mod end;
mod fake;
mod helping;
mod order;
mod planned;
mod reads;

use std::hash::{BuildHasher, RandomState};

use persist_core::{Config, Job, Persistency};
use shuttle::Runner;
use shuttle::scheduler::{PctScheduler, RandomScheduler};

use fake::{Fake, KEPT};

/// The seeds of the ordinary run, which determine the orders. A seed that has failed is added for good.
const SEEDS: &[u64] = &[1];

/// Runs a model in two kinds of orders: with steps chosen one by one, and with thread priorities that change sometimes.
/// The second kind finds bugs that need a thread to stand still for long.
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

/// Submits writes with the numbers from 0 to `count`, exclusive, and waits for none.
fn submit(job: &Job, producer: u64, count: u64) {
    for number in 0..count {
        job.persist_put(KEPT, (producer, number), b"");
    }
}

/// Asserts that the writes of each producer, whose numbers are given by `counts`, were committed once and in order.
fn assert_each_in_order(fake: &Fake, counts: &[u64]) {
    for (producer, count) in (0u64..).zip(counts) {
        let committed = fake.committed();
        let numbers = committed.iter().filter(|write| write.0 == producer).map(|write| write.1);
        assert!(numbers.eq(0..*count), "{committed:?} of {counts:?}");
    }
}
