//! How one program has an engine of another one measured: it starts it with what it asks, and reads what that prints.

use std::process::{Command, Stdio};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::answers;
use crate::engine::{Outcome, With};
use crate::samples::Samples;
use crate::stage::Works;
use crate::tasks::Tasks;

/// What an engine is to do.
#[derive(Serialize, Deserialize)]
pub enum Request {
    /// To give the right answers.
    Answers,
    /// To go through the stage of these works.
    Works(Works),
    /// To be awaited.
    Tasks(Tasks),
}

/// How a program does what its engine is asked for.
#[derive(Clone, Copy)]
pub struct Entry {
    pub with: With,
    /// Of those that `async` has.
    pub tasks: Option<fn(&Tasks) -> Outcome<Samples>>,
}

impl Entry {
    pub fn serve(&self, request: &Request) -> Outcome<Samples> {
        match (request, self.tasks) {
            (Request::Answers, _) => answers::check(self.with).map(|()| Samples::default()),
            (Request::Works(works), _) => works.measure(self.with),
            (Request::Tasks(tasks), Some(measure)) => measure(tasks),
            (Request::Tasks(_), None) => Err("nothing awaits it here".into()),
        }
    }
}

/// Starts a program with a request as its last argument, and waits for its reply.
pub fn ask<R: DeserializeOwned>(program: &mut Command, request: &impl Serialize) -> Outcome<R> {
    let output = program.arg(serde_json::to_string(request)?).stderr(Stdio::piped()).output()?;
    if output.status.success() {
        return Ok(serde_json::from_slice(&output.stdout)?);
    }
    Err(String::from_utf8_lossy(&output.stderr).trim().into())
}

/// The other end: prints what `ask` reads. A fault goes to standard error instead, with an exit code.
pub fn reply(reply: &impl Serialize) -> Outcome<()> {
    println!("{}", serde_json::to_string(reply)?);
    Ok(())
}
