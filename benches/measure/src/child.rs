//! How one program has an engine of another one measured: it starts it with what it asks, and reads what that prints.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::answers;
use crate::data::Data;
use crate::engine::{Outcome, With};
use crate::samples::Samples;
use crate::stage;
use crate::work::Work;

/// What an engine is to do.
#[derive(Serialize, Deserialize)]
pub enum Request {
    /// To give the right answers.
    Answers,
    /// To go through the stage of these works.
    Works { works: Vec<Work>, sample: Duration, rows: usize, directory: PathBuf },
}

impl Request {
    /// Of an engine in this program.
    pub fn serve(&self, with: With) -> Outcome<Samples> {
        match self {
            Self::Answers => answers::check(with).map(|()| Samples::default()),
            Self::Works { works, sample, rows, directory } => {
                stage::run(with, works, *sample, &Data::new(*rows), directory)
            }
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
