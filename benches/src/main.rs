//! Measures persist in comparison with hand-written code and its peers. `benches/README.md` describes the commands.

mod compile_time;
mod encoding;
mod laws;
mod spread;
mod store;
mod table;

use std::process::ExitCode;

use measure::engine::Outcome;

const USAGE: &str = "usage: persist-bench <command>

  encoding                  instructions and time of the encoding, compared with hand-written code and peers
  encoding --instructions   instructions only
  encoding --check          instructions of persist against its marks; fails if one is missed
  laws                      the laws of a key encoder, checked for persist and its peers
  compile-time              the compile time of a derive, compared with the peers' derives
  compare [options]         the store at fifteen works, compared with bare SQLite and peers
  latency [options]         the slowest gets during writes, and the slowest puts, compared with bare SQLite
  jobs [options]            the time, memory, descriptors and threads of 1 to 1,000 open jobs
  growth [options]          reads and writes of 10,000 to 5,000,000 rows, compared with bare SQLite
  async [options]           1 and 64 tasks on tokio, compared with bare SQLite and the awaited peers
  smoke                     everything but compile-time, tiny, in seconds, for CI

options of the store's commands, each with a value: --rounds, --sample-ms, --engines, --data, --out;
--rows and --only of compare, --rows of latency and async, --most of jobs and growth";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> Outcome<()> {
    match arguments {
        ["encoding", options @ ..] => encoding::run(options)?,
        ["laws"] => laws::run()?,
        ["compile-time"] => compile_time::run()?,
        ["compare", options @ ..] => store::compare::run(options)?,
        ["latency", options @ ..] => store::latency::run(options)?,
        ["growth", options @ ..] => store::growth::run(options)?,
        ["async", options @ ..] => store::tasks::run(options)?,
        ["jobs", options @ ..] => store::jobs::run(options)?,
        [store::jobs::CHILD, request] => return store::jobs::serve(request),
        ["smoke"] => {
            encoding::smoke()?;
            laws::smoke()?;
            store::smoke()?;
        }
        _ => return Err(USAGE.into()),
    }
    Ok(())
}
