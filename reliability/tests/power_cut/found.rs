//! The check of the files after a power cut against the promises.

use std::collections::BTreeMap;
use std::fs;

use persist_core::{Job, Key, Persistency};
use persist_faults::{Image, Loss};
use persist_reliability::{Rows, assert_sound, rows_of, sqlite};
use persist_tests::watchdog::alive;
use tempfile::TempDir;

use crate::cuts::Place;
use crate::life::{self, JOBS, Jobs, OTHER, OTHER_ROWS, Run};
use crate::promises::{Other, Promises, Steps};

/// The counts of all cuts so far, among them the steps that were found or lost, by whether they were acknowledged.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) cuts: BTreeMap<&'static str, usize>,
    pub(crate) found_unacknowledged: u64,
    pub(crate) lost_unacknowledged: u64,
    pub(crate) lost_acknowledged: u64,
    pub(crate) backups: usize,
}

pub(crate) struct Found<'a> {
    directory: TempDir,
    settings: &'static str,
    promises: &'a Promises,
    loss: Loss,
    context: String,
}

impl<'a> Found<'a> {
    /// Writes a disk to a directory.
    pub(crate) fn below(run: &Run, place: &'a Place, loss: Loss, image: &Image) -> Self {
        let directory = tempfile::tempdir().unwrap();
        image.write_below(&run.directory, directory.path()).unwrap();
        let settings = run.plan.settings;
        let context =
            format!("{settings}, {loss:?} lost at call {} of {}", place.index, run.events.len());
        Self { directory, settings, promises: &place.promises, loss, context }
    }

    pub(crate) fn check(&self, jobs: &Jobs, counts: &mut Counts) {
        alive();
        let name = match self.loss {
            Loss::Nothing => "nothing lost",
            Loss::Everything => "everything lost",
            Loss::Tail => "tails lost",
            Loss::Sectors => "sectors lost",
        };
        *counts.cuts.entry(name).or_default() += 1;

        let root = life::root(self.directory.path());
        let store = Persistency::open(sqlite(&root, self.settings)).unwrap();
        let stored = store.stored_job_ids().wait().unwrap();
        let is_stored = |id: &str| stored.iter().any(|stored| stored == id);
        for (job, promised) in self.promises.jobs.iter().enumerate() {
            if is_stored(&job.to_string()) {
                self.check_job(jobs, job, &self.open(&store, &job.to_string()), promised, counts);
            } else {
                let context = &self.context;
                assert!(promised.kept == 0 && !promised.is_made, "{context}: job {job} is gone");
            }
        }
        self.check_other(&store, is_stored(OTHER));
        store.close().wait().unwrap_or_else(|error| panic!("{}: {error}", self.context));

        for job in (0..JOBS).map(|job| job.to_string()).filter(|id| is_stored(id)) {
            assert_sound(&root.join(format!("{job}.db")));
        }
        if is_stored("0") {
            let store = Persistency::open(sqlite(&root, self.settings)).unwrap();
            let row = self.open(&store, "0").get("new", Key::new()).wait().unwrap();
            assert_eq!(row.as_deref(), Some(b"row".as_slice()), "{}", self.context);
        }
        self.check_backups(jobs, counts);
    }

    fn open(&self, store: &Persistency, id: &str) -> Job {
        store
            .open_job(id)
            .wait()
            .unwrap_or_else(|error| panic!("{}: {id} doesn't open: {error}", self.context))
    }

    fn rows(&self, job: &Job) -> Rows {
        rows_of(job).unwrap_or_else(|error| panic!("{}: {error}", self.context))
    }

    /// Checks that a job has the rows after some number of steps, that no kept step is missing, and that the job can be
    /// written.
    fn check_job(
        &self,
        jobs: &Jobs,
        number: usize,
        job: &Job,
        promised: &Steps,
        counts: &mut Counts,
    ) {
        let context = &self.context;
        let rows = self.rows(job);
        let steps = jobs.steps(number, &rows, promised.kept..=promised.submitted);
        let Some(steps) = steps else {
            let earlier = jobs.steps(number, &rows, 0..=promised.kept);
            panic!("{context}: job {number}, {promised:?}, has the rows after {earlier:?} steps");
        };
        counts.found_unacknowledged += steps.saturating_sub(promised.acknowledged);
        counts.lost_unacknowledged += promised.submitted - steps.max(promised.acknowledged);
        counts.lost_acknowledged += promised.acknowledged.saturating_sub(steps);
        let report = job.check().wait().unwrap();
        assert!(report.is_sound(), "{context}: {report:?}");
        job.persist_put("new", Key::new(), b"row").wait().unwrap();
    }

    /// Checks that the job that is filled and dropped is whole or gone.
    fn check_other(&self, store: &Persistency, is_stored: bool) {
        let (context, other) = (&self.context, self.promises.other);
        match other {
            Other::Made(_) | Other::Filled(_) => {
                assert!(is_stored, "{context}: a job is gone that was not dropped");
            }
            Other::NeverMade | Other::Dropped(_) => {
                assert!(!is_stored, "{context}: a dropped job is back");
            }
            Other::Making(_) | Other::Dropping(_) => {}
        }
        if !is_stored {
            return;
        }
        let rows = self.rows(&self.open(store, OTHER));
        let may_be_empty = matches!(other, Other::Making(_) | Other::Made(_));
        assert!(
            rows.len() == usize::from(OTHER_ROWS) || rows.is_empty() && may_be_empty,
            "{context}: {other:?} has {} rows",
            rows.len()
        );
        let row = [other.number(); 300];
        assert!(rows.values().all(|found| *found == row), "{context}: rows of a dropped job");
    }

    /// Checks that a backup is whole or absent, and that an acknowledged one exists.
    fn check_backups(&self, jobs: &Jobs, counts: &mut Counts) {
        for (&number, &(steps, is_there)) in &self.promises.backups {
            let backup = life::backup(self.directory.path(), number);
            if !backup.exists() {
                assert!(!is_there, "{}: backup {number} is gone", self.context);
                continue;
            }
            let root = backup.with_extension("");
            fs::create_dir(&root).unwrap();
            fs::rename(&backup, root.join("backup.db")).unwrap();
            let store = Persistency::open(sqlite(&root, "normal")).unwrap();
            let rows = self.rows(&self.open(&store, "backup"));
            let found = jobs.steps(0, &rows, steps..=steps);
            assert_eq!(found, Some(steps), "{}: backup {number}", self.context);
            counts.backups += 1;
        }
    }
}
