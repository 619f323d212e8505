//! `jobs`: the cost of many open jobs.

mod process;

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use measure::answers::ensure_equal;
use measure::child;
use measure::data::Keys;
use measure::engine::{Engine, Outcome, Reader};
use measure::line::{Line, Unit};
use measure::samples::Samples;
use process::Process;
use serde::{Deserialize, Serialize};

use super::arguments::Arguments;
use super::engine::{persist, rusqlite};
use super::kind::Kind;
use super::report::Report;
use super::results::Results;
use super::setup::Setup;
use crate::spread::Spread;

/// The command of a process that measures one number of jobs only, so that it starts fresh.
pub(crate) const CHILD: &str = "jobs-child";

const COUNTS: [usize; 4] = [1, 10, 100, 1_000];

#[derive(Serialize, Deserialize)]
struct Request {
    engine: String,
    jobs: usize,
    directory: PathBuf,
    /// Whether the jobs exist already.
    are_stored: bool,
}

pub(crate) fn run(arguments: &[&str]) -> Outcome<()> {
    if cfg!(not(target_os = "linux")) {
        println!(
            "`jobs` reads the resources of a process from Linux, so there is nothing to measure here"
        );
        return Ok(());
    }
    let mut arguments = Arguments::of("jobs", arguments)?;
    let most = arguments.number("--most", 1, 1_000)?;
    let kinds = [Kind::PERSIST, Kind::BARE];
    let setup = Setup::take(&mut arguments, &kinds, &kinds)?;
    arguments.finish()?;
    setup.check_answers()?;
    let mut results = Results::default();
    for round in setup.rounds() {
        for jobs in COUNTS.into_iter().filter(|&jobs| jobs <= most) {
            setup.take_turns(round, |kind, directory| {
                for are_stored in [false, true] {
                    let (engine, directory) = (kind.name.into(), directory.path().into());
                    let request = Request { engine, jobs, directory, are_stored };
                    match ask(&request) {
                        Ok(samples) => results.add(kind, samples),
                        // The directory is another one each time.
                        Err(fault) => results.fail(
                            format!("{}, {jobs} jobs: {fault}", kind.name)
                                .replace(&*request.directory.to_string_lossy(), ".."),
                        ),
                    }
                }
                Ok(())
            })?;
        }
    }
    let limit = process::soft_descriptor_limit()?;
    let about = format!("a process may have {limit} descriptors");
    Report { setup: &setup, about, results: &results }.publish()
}

fn ask(request: &Request) -> Outcome<Samples> {
    child::ask(Command::new(std::env::current_exe()?).arg(CHILD), request)
}

/// Measures in the child, and prints the reply.
pub(crate) fn serve(request: &str) -> Outcome<()> {
    child::reply(&measure(&serde_json::from_str(request)?)?)
}

fn measure(request: &Request) -> Outcome<Samples> {
    let &Request { jobs, are_stored, .. } = request;
    let mut samples = Samples::default();
    let mut add = |title: &str, unit: Unit, figure: f64| {
        let plural = if jobs == 1 { "" } else { "s" };
        samples.add(Line::new(format!("{jobs} job{plural}: {title}"), unit), figure);
    };
    let before = Process::now()?;
    let mut open = match &*request.engine {
        "persist" => persist::jobs(&request.directory)?,
        _ => rusqlite::jobs(&request.directory),
    };
    let start = Instant::now();
    let mut engines = Vec::with_capacity(jobs);
    let mut each_us = Vec::with_capacity(jobs);
    for number in 0..jobs {
        let start = Instant::now();
        let engine = open(&format!("job-{number}"));
        engines.push(engine.map_err(|fault| format!("job {}: {fault}", number + 1))?);
        each_us.push(start.elapsed().as_secs_f64() * 1e6);
    }
    let all_ms = start.elapsed().as_secs_f64() * 1e3;
    let verb = if are_stored { "open" } else { "create" };
    add(&format!("{verb} one"), Unit::Microseconds, Spread::of(each_us).median);
    add(&format!("{verb} all"), Unit::Milliseconds, all_ms);
    if are_stored {
        let count = f64::from(u32::try_from(jobs)?);
        let opened = Process::now()?;
        let memory = |now: &Process| (now.resident_kib - before.resident_kib) / count;
        add("memory per job, open", Unit::Kibibytes, memory(&opened));
        // Readers are kept until all are measured.
        let _readers =
            engines.iter().map(|engine| use_once(&**engine)).collect::<Outcome<Vec<_>>>()?;
        let used = Process::now()?;
        add("memory a job, written and read", Unit::Kibibytes, memory(&used));
        add("descriptors", Unit::Count, used.descriptors - before.descriptors);
        add("threads", Unit::Count, used.threads - before.threads);
    }
    Ok(samples)
}

/// Puts and gets a row. Returns the reader.
fn use_once(engine: &dyn Engine) -> Outcome<Box<dyn Reader + '_>> {
    let key = Keys::Sequential.key(0);
    engine.put_acknowledged(&key, b"used")?;
    let reader = engine.reader()?;
    ensure_equal("a get", &reader.get(&key)?.as_deref(), &Some(&b"used"[..]))?;
    Ok(reader)
}
