//! Instructions per call, counted by callgrind.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::case::{self, Case};
use super::shape::Samples;

/// The option with which the program starts itself as a child: `--run <case> <count>`.
pub(crate) const RUN: &str = "--run";

const CALLS: u64 = 5_000;

/// The cost of an empty call, in addition to the loop around it.
const CALL_AND_RETURN: f64 = 2.0;

/// Runs a case in this process, which callgrind watches.
pub(crate) fn run(samples: &Samples, id: &str, count: &str) -> Result<(), String> {
    let count = count.parse().map_err(|_| format!("{count} is no number of calls"))?;
    let mut cases = case::all(samples);
    cases.push(case::empty(samples));
    let case = cases.into_iter().find(|case| case.id() == id);
    let case = case.ok_or_else(|| format!("there is no case {id}"))?;
    (case.repeat)(count);
    Ok(())
}

pub(crate) fn valgrind_is_there() -> bool {
    let version = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

/// Returns one figure per case, without the cost of the loop around the call.
pub(crate) fn measure(samples: &Samples, cases: &[Case<'_>]) -> Result<Vec<f64>, String> {
    let around = per_call(&case::empty(samples))? - CALL_AND_RETURN;
    cases.iter().map(|case| Ok(per_call(case)? - around)).collect()
}

/// Subtracts a run of `CALLS` calls from a run of twice as many, so that everything before the loop cancels out.
fn per_call(case: &Case<'_>) -> Result<f64, String> {
    let once = count(case, CALLS)?;
    let twice = count(case, 2 * CALLS)?;
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    Ok(twice.saturating_sub(once) as f64 / CALLS as f64)
}

fn count(case: &Case<'_>, calls: u64) -> Result<u64, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let out = Output::new();
    let status = Command::new("valgrind")
        .args(["-q", "--tool=callgrind"])
        .arg(format!("--callgrind-out-file={}", out.path().display()))
        .arg(program)
        .args(["encoding", RUN, &case.id(), &calls.to_string()])
        .status()
        .map_err(|error| format!("valgrind did not start: {error}"))?;
    if !status.success() {
        return Err(format!("{} failed under valgrind: {status}", case.id()));
    }
    let text = fs::read_to_string(out.path()).map_err(|error| error.to_string())?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
    total
        .and_then(|total| total.trim().parse().ok())
        .ok_or_else(|| "callgrind wrote no totals".to_owned())
}

/// The file that callgrind writes. It is removed with this value.
struct Output(PathBuf);

impl Output {
    fn new() -> Self {
        let name = format!("persist-bench-callgrind-{}.out", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        // It may not exist if valgrind failed, which has been reported.
        let _ = fs::remove_file(&self.0);
    }
}
