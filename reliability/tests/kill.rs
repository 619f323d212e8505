//! A writing process is killed at a random moment, over and over with the same files: every acknowledged write is
//! there, each batch is whole or absent, and the other writes that are there are the first ones that were submitted. The
//! batches of one of the jobs have numbers, which count exactly those that are there.

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use fastrand::Rng;
use persist_core::Persistency;
use persist_reliability::{
    Killed, assert_sound, begin_numbers, cases, last_number, names, rows_of, seeds, sqlite,
};
use persist_tests::watchdog::alive;

/// The seeds of the ordinary run. A seed that has failed is added for good.
const SEEDS: &[u64] = &[1];
const JOBS: usize = 2;
/// The job whose batches have numbers.
const NUMBERED: usize = 1;
const THREADS: usize = 3;
/// The number of kills of one root. The next root begins without files.
const KILLS_OF_A_ROOT: usize = 10;
/// The number of kills in the short form.
const KILLS: usize = 100;
const SETTINGS: [&str; 5] = ["normal", "full", "exclusive", "full+exclusive", "normal+mmap"];

/// The known progress of one thread of the killed process.
#[derive(Clone, Default)]
struct Progress {
    /// The steps that were found after the last kill.
    steps: u64,
    /// For each step since then, the numbers of the lines printed before and after it was submitted.
    submitted: Vec<(usize, Option<usize>)>,
    acknowledged: u64,
}

#[derive(Debug, Default)]
struct Counts {
    kills: usize,
    acknowledged: u64,
    found_unacknowledged: u64,
    lost_unacknowledged: u64,
    side_found: usize,
    side_gone: usize,
    /// The number of the last batch after the last kill.
    last_number: u64,
    numbered: u64,
}

#[test]
fn killed_process_keeps_acknowledged_writes() {
    seeds(SEEDS).for_each(kill_and_check);
}

fn kill_and_check(seed: u64) {
    let mut random = Rng::with_seed(seed);
    let mut counts = Counts::default();
    let kills = cases("PERSIST_KILLS", KILLS);
    for round in 0..kills.div_ceil(KILLS_OF_A_ROOT) {
        let root = tempfile::tempdir().unwrap();
        let settings = SETTINGS[round % SETTINGS.len()];
        let mut threads = vec![Progress::default(); JOBS * THREADS];
        begin_numbers(&sqlite(root.path(), settings), &Killed::job(NUMBERED));
        counts.last_number = 0;
        for _ in 0..KILLS_OF_A_ROOT.min(kills - round * KILLS_OF_A_ROOT) {
            alive();
            let life = Duration::from_micros(random.u64(..300_000));
            write_and_kill(root.path(), settings, seed, life, &mut threads);
            check(root.path(), settings, seed, &mut threads, &mut counts);
            counts.kills += 1;
        }
    }
    println!("{counts:?}");
    assert!(counts.acknowledged > 0 && counts.found_unacknowledged > 0, "{counts:?}");
    assert!(counts.numbered > 0, "{counts:?}");
}

fn write_and_kill(
    root: &Path,
    settings: &str,
    seed: u64,
    life_time: Duration,
    threads: &mut [Progress],
) {
    let mut process = Command::new(env!("CARGO_BIN_EXE_writes"))
        .arg(root)
        .args([settings, &seed.to_string(), &THREADS.to_string()])
        .args(threads.iter().map(|progress| progress.steps.to_string()))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(process.stdout.take().unwrap());
    for progress in &mut *threads {
        progress.submitted.clear();
        progress.acknowledged = progress.steps;
    }
    thread::scope(|scope| {
        let listening = scope.spawn(move || {
            for (at, line) in output.lines().map(Result::unwrap).enumerate() {
                let [number, what, step] = line.split(' ').collect::<Vec<_>>()[..] else {
                    panic!("{line:?}");
                };
                let progress = &mut threads[number.parse::<usize>().unwrap()];
                let steps = step.parse::<u64>().unwrap() + 1;
                match what {
                    "submits" => progress.submitted.push((at, None)),
                    "submitted" => progress.submitted.last_mut().unwrap().1 = Some(at),
                    "acknowledged" => progress.acknowledged = steps,
                    _ => panic!("{line:?}"),
                }
            }
        });
        thread::sleep(life_time);
        process.kill().unwrap();
        let status = process.wait().unwrap();
        assert_eq!(status.signal(), Some(libc::SIGKILL), "the process was not killed: {status}");
        listening.join().unwrap();
    });
}

fn check(root: &Path, settings: &str, seed: u64, threads: &mut [Progress], counts: &mut Counts) {
    let last_number = last_number(&sqlite(root, settings), &Killed::job(NUMBERED));
    let store = Persistency::open(sqlite(root, settings)).unwrap();
    for (number, threads) in threads.chunks_mut(THREADS).enumerate() {
        let job = store.open_job(&Killed::job(number)).wait().unwrap();
        let rows = rows_of(&job).unwrap();
        let mut own_rows = 0;
        let (mut least, mut most) = (0, 0);
        let (mut last_found, mut first_lost) = (0, usize::MAX);
        for (thread, progress) in threads.iter_mut().enumerate() {
            let workload = Killed::workload(seed, number * THREADS + thread, THREADS);
            let own = workload.own(&rows);
            own_rows += own.len();
            let Progress { acknowledged, steps, .. } = *progress;
            let submitted = steps + u64::try_from(progress.submitted.len()).unwrap();
            let found = workload.find(&own, acknowledged..=submitted);
            let (found, or_more) = found.unwrap_or_else(|| {
                panic!(
                    "{settings}: job {number}, thread {thread}: the rows are not those after {acknowledged} \
                     (acknowledged) to {submitted} (submitted) steps"
                )
            });
            (least, most) = (least + found - steps, most + or_more - steps);
            counts.acknowledged += acknowledged - steps;
            counts.found_unacknowledged += found - acknowledged;
            counts.lost_unacknowledged += submitted - found;
            let since = |number: u64| usize::try_from(number - steps).unwrap();
            let kept = progress.submitted[..since(found)].last();
            let lost = progress.submitted.get(since(or_more)).and_then(|&(_, ends)| ends);
            last_found = last_found.max(kept.map_or(0, |&(begins, _)| begins));
            first_lost = first_lost.min(lost.unwrap_or(first_lost));
            progress.steps = found;
        }
        assert_eq!(own_rows, rows.len(), "the job has rows that no thread wrote");
        assert!(
            last_found < first_lost,
            "{settings}: job {number} kept a step that was submitted after a lost one"
        );
        if number == NUMBERED {
            let committed = last_number - counts.last_number;
            assert!(
                (least..=most).contains(&committed),
                "{settings}: {committed} numbers for {least} to {most} batches"
            );
            counts.last_number = last_number;
            counts.numbered += committed;
        }
        assert!(job.check().wait().unwrap().is_sound());
    }
    let is_stored = store.stored_job_ids().wait().unwrap().contains(&Killed::SIDE.to_owned());
    if is_stored {
        let side = store.open_job(Killed::SIDE).wait().unwrap();
        let rows = side.count("side", ..).wait().unwrap();
        assert!(rows == 0 || rows == Killed::SIDE_ROWS, "{rows} rows of one batch");
        counts.side_found += 1;
    } else {
        counts.side_gone += 1;
    }
    store.close().wait().unwrap();
    for number in 0..JOBS {
        assert_sound(&root.join(format!("job%2F{number}.db")));
    }
    // Files left by the job that is created and dropped are removed when it is dropped.
    let mut left = names(root);
    left.retain(|name| !(is_stored && name.starts_with("side.db")));
    assert_eq!(left, ["job%2F0.db", "job%2F1.db"], "{settings}");
}
