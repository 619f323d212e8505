//! What `compare` is asked for.

use std::path::PathBuf;

use super::engine::Kind;
use super::work::Work;

pub(crate) struct Options {
    pub(crate) rows: usize,
    pub(crate) rounds: usize,
    pub(crate) works: Vec<Work>,
    pub(crate) kinds: Vec<Kind>,
    /// Where the engines' files lie while they are measured.
    pub(crate) data: PathBuf,
    /// Where the results are written.
    pub(crate) out: PathBuf,
}

impl Options {
    pub(crate) fn parse(arguments: &[&str]) -> Result<Self, String> {
        let mut options = Self {
            rows: 200_000,
            rounds: 3,
            works: Work::ALL.into(),
            kinds: Kind::all(),
            data: std::env::temp_dir(),
            out: std::env::temp_dir(),
        };
        for pair in arguments.chunks(2) {
            let [name, value] = *pair else {
                return Err(format!("`compare` wants a value after {}", pair.join(" ")));
            };
            match name {
                "--rows" => options.rows = at_least(1_000, name, value)?,
                "--rounds" => options.rounds = at_least(1, name, value)?,
                "--only" => options.works = named(&Work::ALL, |work| work.name(), value)?,
                "--engines" => options.kinds = named(&Kind::all(), |kind| kind.name, value)?,
                "--data" => options.data = value.into(),
                "--out" => options.out = value.into(),
                _ => return Err(format!("`compare` has no option {name}")),
            }
        }
        Ok(options)
    }

    pub(crate) fn wants(&self, work: Work) -> bool {
        self.works.contains(&work)
    }
}

fn at_least(least: usize, name: &str, value: &str) -> Result<usize, String> {
    let number = value.parse().ok().filter(|number| *number >= least);
    number.ok_or_else(|| format!("{name} {value}: it must be a number of at least {least}"))
}

/// Those of `all` that a list with commas names.
fn named<T: Copy>(
    all: &[T],
    name: impl Fn(&T) -> &'static str,
    list: &str,
) -> Result<Vec<T>, String> {
    let find = |wanted: &str| {
        all.iter().find(|one| name(one) == wanted).copied().ok_or_else(|| {
            let names: Vec<&str> = all.iter().map(&name).collect();
            format!("there is no {wanted}, only {}", names.join(", "))
        })
    };
    list.split(',').map(find).collect()
}
