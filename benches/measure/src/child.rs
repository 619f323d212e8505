//! A measurement in another program: this program starts it with a request and reads its reply.

use std::process::{Command, Stdio};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::answers;
use crate::engine::{Outcome, With};
use crate::samples::Samples;
use crate::stage::Works;
use crate::tasks::Tasks;

/// The request for one engine.
#[derive(Serialize, Deserialize)]
pub enum Request {
    /// A check of its results.
    Answers,
    /// A stage with these works.
    Works(Works),
    /// The work of tasks that await it.
    Tasks(Tasks),
}

/// The functions of an engine that serve a request.
#[derive(Clone, Copy)]
pub struct Entry {
    pub with: With,
    /// For the engines of `async`.
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

/// Prints a reply for [`ask`]. An error goes to stderr instead, with an exit code.
pub fn reply(reply: &impl Serialize) -> Outcome<()> {
    println!("{}", serde_json::to_string(reply)?);
    Ok(())
}
