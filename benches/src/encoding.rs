//! `encoding`: the cost of encoding and decoding a key.

mod case;
mod equality;
mod instructions;
mod marks;
mod report;
mod shape;
mod side;
mod time;

use report::Report;
use shape::Samples;
use time::Effort;

pub(crate) fn run(options: &[&str]) -> Result<(), String> {
    let samples = Samples::new();
    let cases = case::all(&samples);
    match options {
        [instructions::RUN, id, count] => return instructions::run(&samples, id, count),
        [] | ["--instructions" | "--check"] => equality::check(&samples)?,
        other => return Err(format!("`encoding` has no option {}", other.join(" "))),
    }
    let mut report = Report::new(&cases);
    if instructions::valgrind_is_there() {
        report.instructions = Some(instructions::measure(&samples, &cases)?);
    } else if options.is_empty() {
        eprintln!("valgrind is not installed: instructions are left out");
    } else {
        return Err("valgrind is not installed, and only it counts instructions".into());
    }
    if options.is_empty() {
        report.times = Some(time::measure(&cases, &Effort::FULL));
    }
    println!("{report}");
    if options == ["--check"] { report.check() } else { Ok(()) }
}

/// Runs the equality checks, and every case for a moment.
pub(crate) fn smoke() -> Result<(), String> {
    let samples = Samples::new();
    equality::check(&samples)?;
    let cases = case::all(&samples);
    let times = time::measure(&cases, &Effort::TINY);
    println!("encoding: all sides agree, {} cases ran", times.len());
    Ok(())
}
