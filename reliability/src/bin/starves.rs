//! A program that runs out of descriptors: `starves <root> <settings>` opens files until no more can be opened. It is
//! started with a low limit of descriptors, prints the calls that fail meanwhile, and checks that no row is lost.

use std::error::Error;
use std::fs::File;

use persist_core::{Error as StoreError, Persistency};
use persist_reliability::sqlite;

const ROWS: u64 = 30;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [root, settings] = &*arguments else {
        return Err("starves <root> <settings>".into());
    };
    let store = Persistency::open(sqlite(root, settings))?;
    let job = store.open_job("job").wait()?;
    let idle = store.open_job("idle").wait()?;
    job.persist_put("c", 0_u64, b"before").wait()?;
    idle.persist_put("c", 0_u64, b"before").wait()?;

    // The program itself takes all descriptors.
    let mut taken: Vec<File> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
    let mut kept = 1;
    for n in 1..=ROWS {
        let put = job.persist_put("c", n, vec![7; 5_000]).wait();
        kept += u64::from(report("put", put).is_some());
        report("get", job.get("c", n).wait());
        report("count", job.count("c", ..).wait());
        report("get of another job", idle.get("c", 0_u64).wait());
    }
    report("open", store.open_job("new").wait());
    report("check", job.check().wait());
    report("backup", job.backup_to(format!("{root}/../backup.db")).wait());
    report("compact", job.compact().wait());
    report("drop", store.drop_job("idle").wait());
    report("ids", store.stored_job_ids().wait());
    taken.clear();

    // With descriptors available again the open job works, without being reopened.
    job.persist_put("c", ROWS + 1, b"after").wait()?;
    let rows = job.count("c", ..).wait()?;
    if rows != kept + 1 {
        return Err(format!("{rows} rows, {kept} acknowledged and one after").into());
    }
    store.open_job("new").wait()?;
    if !job.check().wait()?.is_sound() {
        return Err("damaged".into());
    }
    store.close().wait()?;
    println!("{kept} kept");
    Ok(())
}

/// Prints the error of a call, which must name the lack of descriptors.
fn report<T>(call: &str, result: Result<T, StoreError>) -> Option<T> {
    let error = match result {
        Ok(value) => return Some(value),
        Err(error) => error,
    };
    println!("{call}: {error}");
    let names_the_lack = match &error {
        StoreError::TooManyOpen { .. } => true,
        StoreError::InvalidArgument { reason } => reason.contains("Too many open files"),
        _ => false,
    };
    assert!(names_the_lack, "{call}: {error:?}");
    None
}
