//! A program that writes much or little to a job whose file can't grow, and closes it: `outgrows <root> <much|little>`.
//! It prints the number of acknowledged rows and the result of the close.

use std::error::Error;

use persist_core::{Error as StoreError, Job, Persistency};
use persist_sqlite::Sqlite;

/// More rows than a checkpoint needs to become due.
const MANY: u64 = 60;
const LITTLE: u64 = 20;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let root = arguments.next().ok_or("which root?")?;
    let way = arguments.next().ok_or("usage: outgrows <root> <much|little>")?;
    let store = Persistency::open(Sqlite::at(root))?;
    let job = store.open_job("job").wait()?;
    let rows = match &*way {
        "much" => write_much(&job)?,
        "little" => {
            for row in 0..LITTLE {
                job.persist_put("new", row, vec![1; 100_000]).wait()?;
            }
            LITTLE
        }
        _ => return Err("an unknown way".into()),
    };
    println!("{rows}");
    println!("{}", store.close().wait().err().map_or("closed".into(), |error| error.to_string()));
    Ok(())
}

/// Keeps writing while no checkpoint is possible.
fn write_much(job: &Job) -> Result<u64, Box<dyn Error>> {
    for row in 0..MANY {
        job.persist_put("new", row, vec![1; 100_000]).wait()?;
    }
    // A checkpoint, by the compaction or in the background.
    let compacted = job.compact().wait();
    if !matches!(compacted, Err(StoreError::DiskFull { .. })) {
        return Err(format!("the compaction returned {compacted:?}").into());
    }
    job.persist_put("new", MANY, b"").wait()?;
    job.sync().wait()?;
    if job.count("new", ..).wait()? != MANY + 1 {
        return Err("what was acknowledged isn't read".into());
    }
    Ok(MANY + 1)
}
