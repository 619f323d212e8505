use std::collections::BTreeMap;
use std::panic::Location;
use std::path::Path;

use persist_core::{Error, Job, Key, Persistency, TxOp};
use persist_reliability::{Rows, rows_of, sqlite};
use persist_tests::runtime::block_on;

/// The results of all calls to a damaged job.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// The rows, if the job opened and could be read.
    pub(crate) rows: Option<Rows>,
    pub(crate) is_sound: Option<bool>,
    /// The number of errors of each kind.
    pub(crate) errors: BTreeMap<String, usize>,
}

/// Makes every call to the job in `root`. Its files are not open.
pub(crate) fn call_all(root: &Path, settings: &str, context: &str) -> Outcome {
    let mut calls = Calls { context, outcome: Outcome::default() };
    let store = Persistency::open(sqlite(root, settings)).unwrap();
    assert_eq!(calls.note(store.stored_job_ids().wait()).unwrap(), ["job"]);
    if let Some(job) = calls.note(store.open_job("job").wait()) {
        calls.outcome.rows = calls.note(rows_of(&job));
        let report = calls.note(job.check().wait());
        calls.outcome.is_sound = Some(report.is_some_and(|report| report.is_sound()));
        calls.read(&job);
        calls.write(&job);
        calls.note(job.backup_to(root.with_file_name("backup.db")).wait());
        calls.note(store.close_job("job").wait());
    }
    if let Some(job) = calls.note(store.open_job("job").wait()) {
        calls.note(rows_of(&job));
    }
    calls.note(store.close().wait());

    let reading = Persistency::open(sqlite(root, "normal").read_only(true)).unwrap();
    if let Some(job) = calls.note(reading.open_job("job").wait()) {
        calls.note(rows_of(&job));
        calls.read(&job);
    }
    calls.note(reading.close().wait());

    let store = Persistency::open(sqlite(root, settings)).unwrap();
    calls.note(store.drop_job("job").wait());
    calls.note(store.close().wait());
    calls.outcome
}

struct Calls<'a> {
    context: &'a str,
    outcome: Outcome,
}

impl Calls<'_> {
    fn read(&mut self, job: &Job) {
        for category in ["a", "b", "d", "none"] {
            self.note(job.get(category, 0_u64).wait());
            self.note(job.get_as::<u64>(category, 0_u64).wait());
            self.note(job.exists(category, 5_u64).wait());
            self.note(job.count(category, ..).wait());
            self.note(job.first(category, ..).wait());
            self.note(job.last(category, ..).wait());
            self.note(job.get_many(category, [0_u64, 50, 99]).wait());
            self.note(job.scan_prefix(category, Key::new()).after(10_u64).wait());
            self.note(job.scan(category, ..).reverse().limit(60).wait());
            for scan in [
                job.scan(category, ..).paged(),
                job.scan(category, ..).keys_only(),
                job.scan(category, ..).reverse(),
            ] {
                self.note(scan.iter().collect::<Result<Vec<_>, _>>());
            }
        }
        let streamed = block_on(async {
            let mut rows = job.scan("a", ..).stream();
            while let Some(row) = rows.next().await {
                row?;
            }
            Ok(())
        });
        self.note(streamed);
        let viewed = job.read(|view| {
            view.get("a", 0_u64)?;
            view.scan("a", ..).rows()?;
            view.scan("d", ..).reverse().iter().try_for_each(|row| row.map(drop))?;
            view.categories()?;
            view.count("c", ..)
        });
        self.note(viewed.wait());
        self.note(block_on(job.categories()));
        self.note(job.stats().wait());
    }

    fn write(&mut self, job: &Job) {
        self.note(job.persist_put("a", 1_000_u64, vec![1; 10_000]).wait());
        self.note(job.persist((0..50_u64).map(|n| TxOp::put("new", n, vec![2; 500]))).wait());
        self.note(job.delete_acked("a", 1_000_u64).wait());
        self.note(job.persist_delete("a", 0_u64).wait());
        self.note(job.persist_delete_prefix("b", Key::new()).wait());
        self.note(job.persist_delete_range("c", 10_u64..90).wait());
        let moved = job.transact(|rows| {
            let found = rows.get("a", 3_u64)?;
            rows.persist_put("d", 7_u64, found.unwrap_or_default())
        });
        self.note(moved.wait());
        self.note(job.sync().wait());
        self.note(job.compact().wait());
    }

    /// Counts an error. Damage must be able to cause it, and it must name the file.
    #[track_caller]
    fn note<T>(&mut self, result: Result<T, Error>) -> Option<T> {
        let error = match result {
            Ok(value) => return Some(value),
            Err(error) => error,
        };
        let message = error.to_string();
        let kind = match &error {
            Error::Corrupt { reason, .. } | Error::Incompatible { reason, .. } => reason,
            Error::Decode { .. } => "not the type asked for",
            // A rollback journal that a read-only store would have to play back.
            Error::Unsupported { .. } if message.contains("read_only") => "read only",
            _ => panic!("{}, {}: {error:?}", self.context, Location::caller()),
        };
        assert!(message.contains("job.db"), "{}: {message} does not name the file", self.context);
        *self.outcome.errors.entry(kind.to_owned()).or_default() += 1;
        None
    }
}
