//! A program that backs up a stored job: `backs_up <root> <target>`. It prints the error if the backup fails.

use std::error::Error;

use persist_core::Persistency;
use persist_sqlite::Sqlite;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let root = arguments.next().ok_or("which root?")?;
    let target = arguments.next().ok_or("which target?")?;
    let store = Persistency::open(Sqlite::at(root))?;
    let job = store.open_job("job").wait()?;
    if let Err(error) = job.backup_to(target).wait() {
        println!("{error}");
    }
    store.close().wait()?;
    Ok(())
}
