//! A program that opens more jobs than its limit of descriptors allows connections: `many <root> <what> <jobs>`. The
//! root is empty. The program returns an error if a check fails, and prints the numbers that it has measured.

use std::error::Error;
use std::fs;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use persist_core::rows::ScanIter;
use persist_core::{Error as StoreError, Job, Persistency};
use persist_sqlite::Sqlite;
use rusqlite::Connection;

type Outcome = Result<(), Box<dyn Error + Send + Sync>>;

const THREADS: usize = 4;
const PAYLOAD_BYTES: usize = 1_000;

fn main() -> Outcome {
    let mut arguments = std::env::args().skip(1);
    let root = arguments.next().ok_or("which root?")?;
    let what = arguments.next().ok_or("do what?")?;
    let count: usize = arguments.next().ok_or("with how many jobs?")?.parse()?;
    let store = Persistency::open(Sqlite::at(&root))?;
    match &*what {
        "use_each" => use_each(&store, count)?,
        "use_once" => use_once(&store, count)?,
        "hold_scans" => hold_scans(&open(&store, 0..count)?)?,
        "lose_a_file" => return lose_a_file(&open(&store, 0..count)?, &root),
        _ => return Err("there is no such thing to do".into()),
    }
    store.close().wait()?;
    Ok(())
}

fn open(store: &Persistency, ids: Range<usize>) -> Result<Vec<Job>, StoreError> {
    ids.map(|id| store.open_job(&id.to_string()).wait()).collect()
}

/// Writes to all jobs and reads from all, with several threads, in random order.
fn use_each(store: &Persistency, count: usize) -> Outcome {
    let most = &AtomicUsize::new(0);
    let by_threads = |jobs: &[Job]| -> Outcome {
        thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS)
                .map(|thread| scope.spawn(move || use_some(jobs, thread, most)))
                .collect();
            threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| "a panic")?)
        })
    };
    // A quarter of the jobs is opened first, and shows how much the process itself takes.
    let some = count / 4;
    by_threads(&open(store, 0..some)?)?;
    let before_kib = resident_kib()?;
    by_threads(&open(store, some..count)?)?;
    let kib = resident_kib()?.saturating_sub(before_kib) / (count - some);
    println!("{} descriptors, {kib} KiB a job", most.load(Ordering::Relaxed));
    Ok(())
}

fn use_some(jobs: &[Job], thread: usize, most: &AtomicUsize) -> Outcome {
    let payload = |job: usize, round: u64| {
        let mut payload = vec![u8::try_from(thread).unwrap_or(0); PAYLOAD_BYTES];
        payload[..16].copy_from_slice(&[(job as u64).to_be_bytes(), round.to_be_bytes()].concat());
        payload
    };
    let count = jobs.len();
    // Another order in each round.
    let shuffled = |round: usize| {
        let mut steps = [7, 11, 13].into_iter().cycle().skip(round).take(3);
        let step = steps.find(|step| coprime(*step, count)).unwrap_or(1);
        (0..count).map(move |n| (n * step + thread) % count)
    };
    for round in 0..3u64 {
        for index in shuffled(usize::try_from(round)?) {
            let job = &jobs[index];
            let category = thread.to_string();
            if round > 0 {
                let found = job.get(&category, round - 1).wait()?;
                if found != Some(payload(index, round - 1)) {
                    return Err(
                        format!("a row of job {index} has another value than was written").into()
                    );
                }
            }
            let ticket = job.persist_put(&category, round, payload(index, round));
            if index % 3 == 0 {
                ticket.wait()?;
            }
            most.fetch_max(fs::read_dir("/proc/self/fd")?.count(), Ordering::Relaxed);
        }
    }
    Ok(())
}

fn coprime(a: usize, b: usize) -> bool {
    if b == 0 { a == 1 } else { coprime(b, a % b) }
}

/// Writes to each job and reads from it, once.
fn use_once(store: &Persistency, count: usize) -> Outcome {
    let once = |ids: Range<usize>| {
        open(store, ids)?.iter().try_for_each(|job| {
            job.persist_put("c", 1u64, [1; PAYLOAD_BYTES]).wait()?;
            job.get("c", 1u64).wait().map(drop)
        })
    };
    let some = count / 4;
    once(0..some)?;
    let before_kib = resident_kib()?;
    once(some..count)?;
    println!("{} KiB a job", resident_kib()?.saturating_sub(before_kib) / (count - some));
    Ok(())
}

/// Holds enough scans of the first job to use up all connections, and writes to the other jobs.
fn hold_scans(jobs: &[Job]) -> Outcome {
    let (first, others) = jobs.split_first().ok_or("there are no jobs")?;
    for n in 0..2_000u64 {
        first.persist_put("c", n, b"");
    }
    let mut scans = use_up(first)?;
    // The checkpointer may have had a connection, and closed it.
    loop {
        match first.get("c", 0u64).wait() {
            Err(StoreError::TooManyOpen { .. }) => break,
            Ok(_) => scans.extend(use_up(first)?),
            Err(error) => return Err(error.into()),
        }
    }
    println!("{} scans", scans.len());
    // The writers take turns although the scans stay, and lose no write.
    let tickets: Vec<_> = others.iter().map(|job| job.persist_put("c", "k", b"v")).collect();
    tickets.into_iter().try_for_each(|ticket| ticket.wait().map(drop))?;
    drop(scans);
    for job in others {
        if job.get("c", "k").wait()?.as_deref() != Some(b"v") {
            return Err("a write was lost".into());
        }
    }
    Ok(())
}

/// Begins scans of a job until no connection is left.
fn use_up(job: &Job) -> Result<Vec<ScanIter>, Box<dyn Error + Send + Sync>> {
    let mut scans = Vec::new();
    loop {
        let mut scan = job.scan("c", ..).iter();
        match scan.next() {
            Some(Ok(_)) => scans.push(scan),
            Some(Err(StoreError::TooManyOpen { .. })) => return Ok(scans),
            other => return Err(format!("a scan returned {other:?}").into()),
        }
    }
}

/// Turns the last job's file into a file of another program, while no connection to it is open.
fn lose_a_file(jobs: &[Job], root: &str) -> Outcome {
    let (first, last) =
        jobs.first().zip(jobs.last()).filter(|_| jobs.len() > 1).ok_or("two jobs are needed")?;
    for n in 0..2_000u64 {
        first.persist_put("c", n, b"");
    }
    last.persist_put("c", "k", b"v").wait()?;
    drop(use_up(first)?);
    let other = Connection::open(format!("{root}/{}.db", jobs.len() - 1))?;
    // Not while the file is open. Only the checkpointer opens it now and then.
    let leave_wal = || other.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0));
    if !(0..10).any(|_| leave_wal().is_ok_and(|mode: String| mode == "delete")) {
        return Err("the job's connections are not closed".into());
    }
    other.execute_batch("ALTER TABLE kv RENAME TO theirs")?;
    let written = last.persist_put("c", "k", b"w").wait();
    if !matches!(written, Err(StoreError::Incompatible { .. })) {
        return Err(format!("a write returned {written:?}").into());
    }
    let read = last.get("c", "k").wait();
    if !matches!(read, Err(StoreError::Incompatible { .. })) {
        return Err(format!("a read returned {read:?}").into());
    }
    let left: String =
        other.query_row("SELECT CAST(payload AS TEXT) FROM theirs", [], |row| row.get(0))?;
    if left != "v" {
        return Err("it was written to".into());
    }
    // The other jobs still work.
    first.persist_put("c", 0u64, b"1").wait()?;
    Ok(())
}

/// Returns the resident memory of the process.
fn resident_kib() -> Result<usize, Box<dyn Error + Send + Sync>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    Ok(line
        .and_then(|line| line.split_whitespace().next())
        .ok_or("no size is reported")?
        .parse()?)
}
