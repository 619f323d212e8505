//! A program that writes until it is killed, and says what it submits, what it has submitted and what was acknowledged:
//! `writes <root> <settings> <seed> <threads> <start>…`, where a start, for each thread of each job, is the step to begin with.
//!
//! It opens the jobs, writes a while, closes all, and so on; beside them it makes and drops a job "side".

use std::error::Error;
use std::io::Write;
use std::thread;

use persist_core::{Job, Persistency, TxOp};
use persist_reliability::{Killed, Workload, sqlite};

/// How many steps a thread takes between opening and closing.
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
        say(&format!("{number} submits {step}"));
        // One in four is waited for, and then all before it are there too.
        let wait = step % 4 == 3;
        let submitted = workload.step(step).submit(job);
        say(&format!("{number} submitted {step}"));
        if wait {
            submitted.wait().expect("nothing is wrong with the disk");
            say(&format!("{number} acknowledged {step}"));
        }
    }
    *start += STEPS;
    job.sync().wait().expect("nothing is wrong with the disk");
    say(&format!("{number} acknowledged {}", *start - 1));
}

fn make_and_drop(store: &Persistency) {
    for _ in 0..3 {
        let side = store.open_job(Killed::SIDE).wait().expect("it can be made");
        let rows = (0..Killed::SIDE_ROWS).map(|n| TxOp::put("side", n, vec![7; 500]));
        side.persist(rows).wait().expect("nothing is wrong with the disk");
        store.drop_job(Killed::SIDE).wait().expect("it can be dropped");
    }
}

/// A line, in one piece even if the process is killed.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("{line}\n").as_bytes()).expect("somebody listens");
}
