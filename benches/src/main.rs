//! Measures persist beside hand-written code and its peers. `benches/README.md` says what each command does.

mod compare;
mod compile_time;
mod encoding;
mod laws;
mod spread;
mod table;

use std::process::ExitCode;

const USAGE: &str = "usage: persist-bench <command>

  encoding                  instructions and time of the encoding, beside hand-written code and peers
  encoding --instructions   instructions only
  encoding --check          instructions of persist against its marks; fails where one is missed
  compare [options]         the store, beside bare SQLite and peers: --rows N, --rounds N, --only puts,gets,
                            --engines persist,rusqlite, --data DIRECTORY, --out DIRECTORY
  laws                      what a key encoder owes, asked of persist and its peers
  compile-time              what a derive costs to compile, beside the peers' derives
  smoke                     the checks of all the others in seconds, for CI";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["encoding", options @ ..] => encoding::run(options),
        ["compare", options @ ..] => compare::run(options),
        ["laws"] => laws::run(),
        ["compile-time"] => compile_time::run(),
        ["smoke"] => encoding::smoke().and_then(|()| laws::smoke()).and_then(|()| compare::smoke()),
        _ => Err(USAGE.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
