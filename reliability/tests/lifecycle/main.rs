//! The end of a process: by itself, in callbacks of the store, and in forked children. Also processes in which no
//! thread can be started.
#![cfg(unix)]

mod exits;
mod forks;
mod logs;
mod threads;

use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

/// The longest time that a process may take to end, far below the close timeouts of these tests.
const PROMPT: Duration = Duration::from_secs(20);

/// Runs a child to its end.
///
/// # Panics
///
/// If the child doesn't end promptly. It is killed then.
fn ends_promptly(mut child: Command) -> Output {
    let child = child.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let id = child.id().to_string();
    let (ends, ended) = channel();
    let waiting = thread::spawn(move || ends.send(Child::wait_with_output(child).unwrap()));
    let output = ended.recv_timeout(PROMPT);
    if output.is_err() {
        Command::new("kill").args(["-9", &id]).status().unwrap();
    }
    waiting.join().unwrap().unwrap();
    output.expect("the child ends promptly")
}
