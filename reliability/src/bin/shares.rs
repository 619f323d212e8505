//! A program that shares a root with other processes: `shares <root> <settings> <number> <rows>`. It opens the job
//! "job" and prints "open". For each "write" in its input, it puts `rows` rows under its number, or fewer if more input
//! arrives. It waits for each put, reads the row back and reads the rows of the other processes. It ends when its input
//! ends.

use std::error::Error;
use std::io::stdin;
use std::sync::mpsc::{TryRecvError, channel};
use std::thread;

use persist_core::{Persistency, TxOp};
use persist_reliability::sqlite;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [root, settings, number, rows] = &*arguments else {
        return Err("shares <root> <settings> <number> <rows>".into());
    };
    let (number, rows): (u64, u64) = (number.parse()?, rows.parse()?);
    let store = Persistency::open(sqlite(root, settings))?;
    let job = store.open_job("job").wait()?;
    println!("open");
    let (sender, input) = channel();
    thread::spawn(move || stdin().lines().try_for_each(|line| sender.send(line)));
    let mut seen = 0;
    while input.recv().is_ok_and(|line| line.is_ok_and(|line| line == "write")) {
        for row in 0..rows {
            if !matches!(input.try_recv(), Err(TryRecvError::Empty)) {
                break;
            }
            // A batch of one new row and the number of rows written so far.
            let own = TxOp::put("rows", (number, row), vec![1; 200]);
            let count = TxOp::put("counts", number, (row + 1).to_be_bytes());
            job.persist([own, count]).wait()?;
            if job.get_as("counts", number).wait()? != Some(row + 1) {
                return Err("a row that was just written is not read".into());
            }
            if row % 10 == 0 {
                // Each batch of the other processes is whole, and none disappears again.
                let (all, counted) = job
                    .read(|rows| {
                        let counts = rows.scan("counts", ..).rows()?;
                        let mut counted = 0;
                        for count in &counts {
                            counted += count.decode::<u64>()?;
                        }
                        Ok((rows.count("rows", ..)?, counted))
                    })
                    .wait()?;
                if all != counted || all < seen {
                    return Err(format!("{all} rows, {counted} counted, {seen} seen before").into());
                }
                seen = all;
            }
            println!("acknowledged {row}");
        }
        println!("done");
    }
    store.close().wait()?;
    Ok(())
}
