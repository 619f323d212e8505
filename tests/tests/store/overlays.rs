//! Transactions that the engine runs over a snapshot, for a backend without transactions.

use std::time::Duration;

use persist_core::port::SizeLimits;
use persist_core::{Config, Error, Job, Key, Memory, Persistency, Transaction, TxOp};
use persist_tests::scripted::{Answer, Scripted};

/// A row: its key and payload.
type Pair = (Vec<u8>, Vec<u8>);

#[test]
fn transaction_in_doubt_runs_its_closure_once_and_is_applied_once() {
    for applied in [false, true] {
        let backend = Scripted::without_transactions();
        let store = Persistency::open(backend.clone()).unwrap();
        let job = store.open_job("job").wait().unwrap();
        job.persist_encoded("c", "n", &1u64).wait().unwrap();
        backend.then(Answer::InDoubt { applied });
        let mut runs = 0;
        let added = job.transact(move |tx| {
            runs += 1;
            let n = tx.get_as::<u64>("c", "n")?.unwrap_or(0) + 1;
            tx.persist_encoded("c", "n", &n)?;
            Ok((n, runs))
        });
        assert_eq!(added.wait().unwrap(), (2, 1));
        assert_eq!(job.get_as::<u64>("c", "n").wait().unwrap(), Some(2));
    }
}

#[test]
fn transaction_without_writes_commits_nothing() {
    let backend = Scripted::without_transactions();
    let store = Persistency::open(backend.clone()).unwrap();
    let job = store.open_job("job").wait().unwrap();
    assert_eq!(job.transact(|tx| tx.count("c", ..)).wait().unwrap(), 0);
    assert!(backend.groups().is_empty());
}

#[test]
fn transaction_refused_by_the_commit_is_reported_by_its_ticket() {
    let backend = Scripted::without_transactions();
    let config = Config::new().close_timeout(Duration::from_millis(20));
    let store = Persistency::open_with(backend.clone(), config).unwrap();
    let job = store.open_job("job").wait().unwrap();
    backend.then(Answer::DiskFull);
    let refused = job.transact(|tx| tx.persist_put("c", 1u64, b"")).wait();
    assert!(matches!(refused, Err(Error::DiskFull { .. })), "{refused:?}");
    assert_eq!(job.count("c", ..).wait().unwrap(), 0);
    job.transact(|tx| tx.persist_put("c", 1u64, b"")).wait().unwrap();
}

#[test]
fn transaction_that_writes_more_than_a_batch_is_refused_and_leaves_no_trace() {
    let limits = SizeLimits { batch_bytes: 1_000, ..SizeLimits::default() };
    let backend = Scripted::without_transactions().with_limits(limits);
    let store = Persistency::open(backend.clone()).unwrap();
    let job = store.open_job("job").wait().unwrap();
    let fill = |rows: u64| {
        job.transact(move |tx| (0..rows).try_for_each(|n| tx.persist_put("c", n, vec![7; 91])))
    };
    let refused = fill(11).wait().unwrap_err();
    assert!(matches!(refused, Error::InvalidArgument { .. }), "{refused:?}");
    assert!(refused.to_string().contains("1000 bytes: split it"), "{refused}");
    assert_eq!(job.count("c", ..).wait().unwrap(), 0);
    assert!(backend.groups().is_empty());
    // Each row has a category of 1 byte, a key of 8 and a payload of 91.
    fill(10).wait().unwrap();
    assert_eq!(job.count("c", ..).wait().unwrap(), 10);
}

/// A generator of small numbers.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn key(&mut self) -> Key {
        let length = self.below(4);
        let byte = |random: &mut Self| [0, 1, 7, 0xFF][usize::try_from(random.below(4)).unwrap()];
        Key::from_bytes((0..length).map(|_| byte(self)).collect::<Vec<u8>>())
    }

    fn category(&mut self) -> &'static str {
        ["a", "b", ""][usize::try_from(self.below(3)).unwrap()]
    }
}

/// Writes and reads at random in a transaction. Returns the result of each step.
fn steps(tx: &Transaction<'_>, seed: u64) -> Result<Vec<String>, Error> {
    let mut random = Random(seed);
    let mut results = Vec::new();
    for _ in 0..30 {
        let category = random.category();
        let (key, other) = (random.key(), random.key());
        let (start, stop) = if key <= other { (key, other) } else { (other, key) };
        let pairs = |rows: persist_core::Rows| -> Vec<Pair> {
            rows.iter().map(|row| (row.key().as_bytes().to_vec(), row.payload().to_vec())).collect()
        };
        results.push(match random.below(12) {
            0..=3 => {
                format!("{:?}", tx.persist_put(category, &start, random.below(9).to_be_bytes())?)
            }
            4 => format!("{:?}", tx.persist_delete(category, &start)?),
            5 => format!("{:?}", tx.persist_delete_prefix(category, &start)?),
            6 => format!("{:?}", tx.persist_delete_range(category, start..stop)?),
            7 => format!("{:?}", tx.count(category, start..stop)?),
            8 => format!("{:?}", tx.categories()?),
            9 => format!("{:?}", pairs(tx.scan(category, start..).limit(4).rows()?)),
            10 => format!("{:?}", pairs(tx.scan(category, ..stop).reverse().rows()?)),
            _ => format!("{:?}", (tx.get(category, &start)?, tx.exists(category, &stop)?)),
        });
    }
    for category in ["a", "b", ""] {
        let rows = tx.scan(category, ..).rows()?;
        results.push(format!(
            "{:?}",
            rows.iter().map(|row| row.key().as_bytes().to_vec()).collect::<Vec<_>>()
        ));
    }
    Ok(results)
}

#[test]
fn random_transactions_over_a_snapshot_equal_native_ones() {
    let open = |store: Persistency| -> Job { store.open_job("job").wait().unwrap() };
    let native = open(Persistency::open(Memory::new()).unwrap());
    let overlay = open(Persistency::open(Scripted::without_transactions()).unwrap());
    for seed in 0..400 {
        // A few rows that the transaction finds, and many of one category every now and then, so that pages are turned.
        let mut random = Random(seed + 1_000);
        let mut ops: Vec<TxOp> = (0..20)
            .map(|n: u64| TxOp::put(random.category(), random.key(), n.to_be_bytes()))
            .collect();
        if seed % 100 == 0 {
            ops.extend((0..2_500u64).map(|n| TxOp::put("a", n, b"")));
        }
        let mut outcomes = Vec::new();
        for job in [&native, &overlay] {
            job.persist(ops.clone());
            let done = job.transact(move |tx| {
                let results = steps(tx, seed)?;
                // Every other transaction is rolled back.
                if seed % 2 == 0 {
                    Ok(results)
                } else {
                    Err(Error::invalid_argument(results.concat()))
                }
            });
            let rows = |category| {
                let rows = job.scan(category, ..).wait().unwrap();
                let pair = |row: persist_core::Row<'_>| {
                    (row.key().as_bytes().to_vec(), row.payload().to_vec())
                };
                rows.iter().map(pair).collect::<Vec<Pair>>()
            };
            outcomes.push((format!("{:?}", done.wait()), ["a", "b", ""].map(rows)));
        }
        assert_eq!(outcomes[0].0, outcomes[1].0, "seed {seed}");
        assert!(outcomes[0].1 == outcomes[1].1, "seed {seed}");
    }
}
