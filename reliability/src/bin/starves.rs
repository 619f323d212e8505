//! A program that runs out of descriptors: `starves <root> <settings>` opens files until no more can be opened. Started with a low
//! limit of them, it says what is refused meanwhile, and checks that nothing is lost.

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

    // The program itself takes all that there are.
    let mut taken: Vec<File> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
    let mut kept = 1;
    for n in 1..=ROWS {
        let put = job.persist_put("c", n, vec![7; 5_000]).wait();
        kept += u64::from(tell("put", put).is_some());
        tell("get", job.get("c", n).wait());
        tell("count", job.count("c", ..).wait());
        tell("get of another job", idle.get("c", 0_u64).wait());
    }
    tell("open", store.open_job("new").wait());
    tell("check", job.check().wait());
    tell("backup", job.backup_to(format!("{root}/../backup.db")).wait());
    tell("compact", job.compact().wait());
    tell("drop", store.drop_job("idle").wait());
    tell("ids", store.stored_job_ids().wait());
    taken.clear();

    // With room again all goes on, without a reopening.
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

/// What is refused is refused by a word on descriptors.
fn tell<T>(call: &str, result: Result<T, StoreError>) -> Option<T> {
    let error = match result {
        Ok(given) => return Some(given),
        Err(error) => error,
    };
    println!("{call}: {error}");
    let is_told = match &error {
        StoreError::TooManyOpen { .. } => true,
        StoreError::InvalidArgument { reason } => reason.contains("Too many open files"),
        _ => false,
    };
    assert!(is_told, "{call}: {error:?}");
    None
}
