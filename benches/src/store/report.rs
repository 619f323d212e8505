//! The results of a command: tables, and files with data and a chart.

use std::fmt;
use std::fs;

use measure::engine::Outcome;
use measure::line::Line;

use super::kind::Kind;
use super::results::Results;
use super::setup::Setup;
use super::{chart, json};
use crate::spread::Spread;
use crate::table::Table;

pub(crate) struct Report<'a> {
    pub(crate) setup: &'a Setup,
    /// A description of the measurement in one line.
    pub(crate) about: String,
    pub(crate) results: &'a Results,
}

impl Report<'_> {
    /// Prints the tables, and writes the figures.
    pub(crate) fn publish(&self) -> Outcome<()> {
        println!("{self}");
        self.write("json", &json::of(self))
    }

    /// Draws a chart of them.
    pub(crate) fn draw(&self) -> Outcome<()> {
        self.write("svg", &chart::of(self))
    }

    fn write(&self, ending: &str, text: &str) -> Outcome<()> {
        fs::create_dir_all(&self.setup.out)?;
        let path = self.setup.out.join(self.setup.command).with_extension(ending);
        fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        println!("written: {}", path.display());
        Ok(())
    }

    /// Returns the medians and their ratios to bare rusqlite, a row for each line.
    fn medians(&self) -> Table {
        self.table(|line, kind| {
            let median = self.results.spread(line, kind)?.median();
            let ratio = self.results.ratio(line, kind).map(|ratio| format!(" ({ratio:.2}x)"));
            Some(median + &ratio.unwrap_or_default())
        })
    }

    /// Returns the least and the greatest figures.
    fn spreads(&self) -> Table {
        self.table(|line, kind| Some(self.results.spread(line, kind)?.range()))
    }

    fn table(&self, cell: impl Fn(&Line, Kind) -> Option<String>) -> Table {
        let kinds = &self.setup.kinds;
        let header = ["", "unit"].into_iter().chain(kinds.iter().map(|kind| kind.name));
        let mut table = Table::new(header);
        for line in self.results.lines() {
            let cells = kinds.iter().map(|&kind| cell(line, kind).unwrap_or_default());
            let head = [line.title.clone(), line.unit.symbol().to_owned()];
            table.row(head.into_iter().chain(cells));
        }
        table
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { setup, about, results } = self;
        writeln!(f, "{about}; {} rounds", setup.rounds)?;
        let versions = setup.kinds.iter().map(|kind| format!("{} {}", kind.name, kind.version()));
        let versions: Vec<String> = versions.collect();
        writeln!(f, "{}; SQLite {}", versions.join(", "), rusqlite::version())?;
        if !results.fsync_ms.is_empty() {
            writeln!(f, "a page synced: {} ms", Spread::of(results.fsync_ms.clone()))?;
        }
        writeln!(f, "\n### Medians (x = bare rusqlite's)\n\n{}", self.medians())?;
        write!(f, "### Least to greatest\n\n{}", self.spreads())?;
        results.failures.iter().try_for_each(|failure| write!(f, "\nfailed: {failure}"))
    }
}
