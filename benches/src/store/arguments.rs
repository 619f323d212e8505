//! The options of a command, each with a value after its name.

use std::path::PathBuf;

pub(crate) struct Arguments<'a> {
    pub(crate) command: &'static str,
    pairs: Vec<(&'a str, &'a str)>,
}

impl<'a> Arguments<'a> {
    pub(crate) fn of(command: &'static str, arguments: &[&'a str]) -> Result<Self, String> {
        let pair = |pair: &[&'a str]| match *pair {
            [name, value] => Ok((name, value)),
            _ => Err(format!("`{command}` needs a value after {}", pair.join(" "))),
        };
        Ok(Self { command, pairs: arguments.chunks(2).map(pair).collect::<Result<_, _>>()? })
    }

    pub(crate) fn number(
        &mut self,
        name: &str,
        least: usize,
        default: usize,
    ) -> Result<usize, String> {
        let Some(value) = self.take(name) else { return Ok(default) };
        let number = value.parse().ok().filter(|number| *number >= least);
        number.ok_or_else(|| format!("{name} {value}: it must be a number of at least {least}"))
    }

    /// Returns the directory, or the system's temporary directory by default.
    pub(crate) fn directory(&mut self, name: &str) -> PathBuf {
        self.take(name).map_or_else(std::env::temp_dir, PathBuf::from)
    }

    /// Returns the members of `all` in a comma-separated list, or `default`.
    pub(crate) fn some_of<T: Copy>(
        &mut self,
        name: &str,
        all: &[T],
        default: &[T],
        name_of: impl Fn(&T) -> &'static str,
    ) -> Result<Vec<T>, String> {
        let Some(list) = self.take(name) else { return Ok(default.to_vec()) };
        let find = |wanted: &str| {
            all.iter().find(|one| name_of(one) == wanted).copied().ok_or_else(|| {
                let names: Vec<&str> = all.iter().map(&name_of).collect();
                format!("{name}: there is no {wanted}, only {}", names.join(", "))
            })
        };
        list.split(',').map(find).collect()
    }

    /// Returns an error if there are options that were not taken.
    pub(crate) fn finish(self) -> Result<(), String> {
        let Self { command, pairs } = self;
        match pairs.first() {
            None => Ok(()),
            Some((name, _)) => Err(format!("`{command}` has no option {name}")),
        }
    }

    fn take(&mut self, name: &str) -> Option<&'a str> {
        let index = self.pairs.iter().position(|pair| pair.0 == name)?;
        Some(self.pairs.remove(index).1)
    }
}
