//! A backend that offers no maintenance.

use persist_core::{Error, Persistency};
use persist_tests::scripted::Scripted;

#[test]
fn job_without_maintenance_serves_reads_and_writes_and_reports_the_rest_as_unsupported() {
    let store = Persistency::open(Scripted::without_maintenance()).unwrap();
    let job = store.open_job("job").wait().unwrap();
    job.persist_put("c", 1u64, b"one").wait().unwrap();
    assert_eq!(job.count("c", ..).wait().unwrap(), 1);

    let stats = job.stats().wait().unwrap();
    assert_eq!((stats.commits, stats.storage), (1, None));
    let directory = tempfile::tempdir().unwrap();
    let copy = directory.path().join("copy");
    let errors = [
        job.check().wait().map(drop).unwrap_err(),
        job.compact().wait().map(drop).unwrap_err(),
        job.backup_to(&copy).wait().unwrap_err(),
    ];
    for error in errors {
        let Error::Unsupported { what } = error else { panic!("{error}") };
        assert_eq!(what, "maintenance of job \"job\": its backend has none");
    }
    assert!(!copy.exists());
    // None of these is a failure of the job.
    store.close().wait().unwrap();
}
