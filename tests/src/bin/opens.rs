//! A program that waits for the end of its input, opens a job, puts one row and closes the job: `opens <root> <row>`.

use std::error::Error;
use std::io::{Read, stdin};

use persist_core::Persistency;
use persist_sqlite::Sqlite;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let root = arguments.next().ok_or("which root?")?;
    let row: u64 = arguments.next().ok_or("which row?")?.parse()?;
    stdin().read_to_end(&mut Vec::new())?;
    let store = Persistency::open(Sqlite::at(root))?;
    let job = store.open_job("job").wait()?;
    job.persist_encoded("c", row, &row).wait()?;
    store.close().wait()?;
    Ok(())
}
