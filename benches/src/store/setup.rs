//! What all commands that measure the store are asked for.

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
    /// How long works that have no end by themselves go on.
    pub(crate) sample: Duration,
    /// Where the engines' files lie while they are measured.
    pub(crate) data: PathBuf,
    /// Where the results are written.
    pub(crate) out: PathBuf,
}

impl Setup {
    /// Takes from the arguments what is for it. The engines are to be among `kinds`, and are `default` unless set.
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

    /// Fails with the first wrong answer of any of the engines, or if there is one that can't be built.
    pub(crate) fn check_answers(&self) -> Outcome<()> {
        self.kinds.iter().try_for_each(|kind| {
            kind.check().map_err(|fault| format!("{}: {fault}", kind.name).into())
        })
    }

    /// The rounds, each announced.
    pub(crate) fn rounds(&self) -> impl Iterator<Item = usize> {
        (0..self.rounds).inspect(|round| eprintln!("round {} of {}", round + 1, self.rounds))
    }

    /// Lets each engine have its turn in an empty directory; another one goes first in each round.
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
