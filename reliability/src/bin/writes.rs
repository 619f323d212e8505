//! A program that writes until it is killed, and prints each step before it is submitted, after it is submitted and
//! once it is acknowledged: `writes <root> <settings> <seed> <threads> <start>…`. A start is the first step of a
//! thread; there is one for each thread of each job.
//!
//! The program opens the jobs, writes for a while, closes all jobs, and starts again. Meanwhile it creates and drops a
//! job "side".

use std::error::Error;
use std::io::Write;
use std::thread;

use persist_core::{Job, Persistency, TxOp};
use persist_reliability::{Killed, Workload, sqlite};

/// The number of steps of a thread between opening and closing.
const STEPS: u64 = 40;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [root, settings, seed, threads, starts @ ..] = &*arguments else {
        return Err("writes <root> <settings> <seed> <threads> <start>…".into());
    };
    let seed: u64 = seed.parse()?;
    let threads: usize = threads.parse()?;
    let mut starts = starts.iter().map(|start| start.parse()).collect::<Result<Vec<u64>, _>>()?;
    let backend = sqlite(root, settings);
    loop {
        let store = Persistency::open(backend.clone())?;
        let jobs = (0..starts.len() / threads).map(|job| store.open_job(&Killed::job(job)).wait());
        let jobs = jobs.collect::<Result<Vec<Job>, _>>()?;
        thread::scope(|scope| {
            for (number, start) in starts.iter_mut().enumerate() {
                let job = &jobs[number / threads];
                let workload = Killed::workload(seed, number, threads);
                scope.spawn(move || write(job, number, &workload, start));
            }
            scope.spawn(|| make_and_drop(&store));
        });
        store.close().wait()?;
    }
}

fn write(job: &Job, number: usize, workload: &Workload, start: &mut u64) {
    for step in *start..*start + STEPS {
        print_line(&format!("{number} submits {step}"));
        // The thread waits for every fourth step. All earlier steps are acknowledged then, too.
        let wait = step % 4 == 3;
        let submitted = workload.step(step).submit(job);
        print_line(&format!("{number} submitted {step}"));
        if wait {
            submitted.wait().expect("the disk works");
            print_line(&format!("{number} acknowledged {step}"));
        }
    }
    *start += STEPS;
    job.sync().wait().expect("the disk works");
    print_line(&format!("{number} acknowledged {}", *start - 1));
}

fn make_and_drop(store: &Persistency) {
    for _ in 0..3 {
        let side = store.open_job(Killed::SIDE).wait().expect("the job can be created");
        let rows = (0..Killed::SIDE_ROWS).map(|n| TxOp::put("side", n, vec![7; 500]));
        side.persist(rows).wait().expect("the disk works");
        store.drop_job(Killed::SIDE).wait().expect("the job can be dropped");
    }
}

/// Prints a line at once, so that it is whole even if the process is killed.
fn print_line(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("{line}\n").as_bytes()).expect("the parent reads the output");
}
