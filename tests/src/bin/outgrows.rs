//! A program that writes to a job, whose file can't grow, until it fails or a few rows are written, and closes:
//! `outgrows <root> <until_it_fails|little>`. It prints how many rows were acknowledged, and what the close says.

use std::error::Error;
use std::thread;
use std::time::Duration;

use persist_core::{Error as StoreError, Job, Persistency, TxOp};
use persist_sqlite::Sqlite;

/// As much as makes a checkpoint due, and more.
const MANY: u64 = 60;
const LITTLE: u64 = 20;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let root = arguments.next().ok_or("which root?")?;
    let way = arguments.next().ok_or("until when?")?;
    let store = Persistency::open(Sqlite::at(root))?;
    let job = store.open_job("job").wait()?;
    let rows = match &*way {
        "until_it_fails" => write_until_it_fails(&job)?,
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

fn write_until_it_fails(job: &Job) -> Result<u64, Box<dyn Error>> {
    let mut rows = 0;
    let failure = loop {
        let payload = if rows < MANY { vec![1; 100_000] } else { Vec::new() };
        match job.persist_put("new", rows, payload).wait() {
            Ok(_) => rows += 1,
            Err(failure) => break failure,
        }
        if rows >= MANY {
            // The checkpoint is under way.
            thread::sleep(Duration::from_millis(1));
        }
    };
    let has_failed = |error: &StoreError| matches!(error, StoreError::Failed { .. });
    if !has_failed(&failure) {
        return Err(failure.into());
    }
    // Nothing is written any more, in whatever way.
    let refusals = [
        job.persist([TxOp::put("new", "more", b""), TxOp::delete("new", 0u64)]).wait().err(),
        job.transact(|tx| tx.persist_put("new", "more", b"")).wait().err(),
        job.sync().wait().err(),
        job.compact().wait().err(),
    ];
    if !refusals.iter().all(|refusal| refusal.as_ref().is_some_and(has_failed)) {
        return Err(format!("not all writes are refused: {refusals:?}").into());
    }
    // And all is read as before.
    if job.count("new", ..).wait()? != rows || job.get("new", rows - 1).wait()?.is_none() {
        return Err("what was acknowledged isn't read".into());
    }
    Ok(rows)
}
