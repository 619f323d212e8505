//! A program that opens a job, puts the rows 0 to 99, prints "open" and keeps the job open until its input ends: `holds
//! <root> <normal|exclusive|read_only>`. A job that is opened read-only gets no rows.

use std::error::Error;
use std::io::{Read, stdin};

use persist_core::Persistency;
use persist_sqlite::Sqlite;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let root = Sqlite::at(arguments.next().ok_or("which root?")?);
    let backend =
        match &*arguments.next().ok_or("usage: holds <root> <normal|exclusive|read_only>")? {
            "normal" => root,
            "exclusive" => root.exclusive(true),
            "read_only" => root.read_only(true),
            _ => return Err("an unknown way".into()),
        };
    let writes = backend != backend.clone().read_only(true);
    let store = Persistency::open(backend)?;
    let job = store.open_job("job").wait()?;
    for row in (0..100u64).filter(|_| writes) {
        job.persist_encoded("c", row, &row).wait()?;
    }
    println!("open");
    stdin().read_to_end(&mut Vec::new())?;
    store.close().wait()?;
    Ok(())
}
