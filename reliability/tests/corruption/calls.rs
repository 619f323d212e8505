use std::collections::BTreeMap;
use std::panic::Location;
use std::path::Path;

use persist_core::{Error, Job, Key, Persistency, TxOp};
use persist_reliability::{Rows, rows_of, sqlite};
use persist_tests::runtime::block_on;

/// What the calls to a damaged job gave.
#[derive(Debug, Default)]
pub(crate) struct Given {
    /// The rows, and what `check` had to say: nothing where the job didn't open.
    pub(crate) rows: Option<Rows>,
    pub(crate) is_sound: Option<bool>,
    /// How many errors of each kind.
    pub(crate) errors: BTreeMap<String, usize>,
}

/// Makes every call to the job in `root`, whose files nobody has open.
pub(crate) fn call_all(root: &Path, settings: &str, context: &str) -> Given {
    let mut calls = Calls { context, given: Given::default() };
    let store = Persistency::open(sqlite(root, settings)).unwrap();
    assert_eq!(calls.note(store.stored_job_ids().wait()).unwrap(), ["job"]);
    if let Some(job) = calls.note(store.open_job("job").wait()) {
        calls.given.rows = calls.note(rows_of(&job));
        let report = calls.note(job.check().wait());
        calls.given.is_sound = Some(report.is_some_and(|report| report.is_sound()));
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
    calls.given
}

struct Calls<'a> {
    context: &'a str,
    given: Given,
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

    /// Counts an error, which has to be one that damage may give, and to name the file.
    #[track_caller]
    fn note<T>(&mut self, result: Result<T, Error>) -> Option<T> {
        let error = match result {
            Ok(given) => return Some(given),
            Err(error) => error,
        };
        let told = error.to_string();
        let kind = match &error {
            Error::Corrupt { reason, .. } | Error::Incompatible { reason, .. } => reason,
            Error::Decode { .. } => "not the type asked for",
            // Where a journal would have to be undone.
            Error::Unsupported { .. } if told.contains("read_only") => "read only",
            _ => panic!("{}, {}: {error:?}", self.context, Location::caller()),
        };
        assert!(told.contains("job.db"), "{}: {told} names no file", self.context);
        *self.given.errors.entry(kind.to_owned()).or_default() += 1;
        None
    }
}
