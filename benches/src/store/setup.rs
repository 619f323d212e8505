//! The common options of the commands that measure the store.

use std::path::PathBuf;
use std::time::Duration;

use measure::engine::Outcome;
use tempfile::TempDir;

use super::arguments::Arguments;
use super::kind::Kind;

pub(crate) struct Setup {
    pub(crate) command: &'static str,
    pub(crate) rounds: usize,
    pub(crate) kinds: Vec<Kind>,
    /// The duration of works without an end of their own.
    pub(crate) sample: Duration,
    /// The directory of the engines' files during the measurement.
    pub(crate) data: PathBuf,
    /// The directory of the results.
    pub(crate) out: PathBuf,
}

impl Setup {
    /// Takes these options from the arguments. The engines must be among `kinds`; `default` are the default engines.
    pub(crate) fn take(
        arguments: &mut Arguments<'_>,
        kinds: &[Kind],
        default: &[Kind],
    ) -> Result<Self, String> {
        let sample_ms = arguments.number("--sample-ms", 1, 500)? as u64;
        Ok(Self {
            command: arguments.command,
            rounds: arguments.number("--rounds", 1, 3)?,
            kinds: arguments.some_of("--engines", kinds, default, |kind| kind.name)?,
            sample: Duration::from_millis(sample_ms),
            data: arguments.directory("--data"),
            out: arguments.directory("--out"),
        })
    }

    /// Returns the first wrong result of an engine as an error, or that an engine can't be built.
    pub(crate) fn check_answers(&self) -> Outcome<()> {
        self.kinds.iter().try_for_each(|kind| {
            kind.check().map_err(|fault| format!("{}: {fault}", kind.name).into())
        })
    }

    /// Returns the rounds, and announces each.
    pub(crate) fn rounds(&self) -> impl Iterator<Item = usize> {
        (0..self.rounds).inspect(|round| eprintln!("round {} of {}", round + 1, self.rounds))
    }

    /// Gives each engine a turn in an empty directory. Another engine is the first one in each round.
    pub(crate) fn take_turns(
        &self,
        round: usize,
        mut turn: impl FnMut(Kind, &TempDir) -> Outcome<()>,
    ) -> Outcome<()> {
        let kinds = self.kinds.iter().cycle().skip(round % self.kinds.len());
        for &kind in kinds.take(self.kinds.len()) {
            let directory = tempfile::tempdir_in(&self.data)?;
            turn(kind, &directory).map_err(|fault| format!("{}: {fault}", kind.name))?;
            directory.close()?;
        }
        Ok(())
    }
}
