//! The tables of `compare`.

use std::fmt;

use super::data::{KEY_BYTES, PAYLOAD_BYTES};
use super::options::Options;
use super::results::Results;
use super::work::Work;
use crate::spread::Spread;
use crate::table::Table;

pub(crate) struct Report<'a> {
    options: &'a Options,
    results: &'a Results,
}

impl<'a> Report<'a> {
    pub(crate) fn new(options: &'a Options, results: &'a Results) -> Self {
        Self { options, results }
    }

    /// Medians and how they stand to bare rusqlite, a row for each work.
    fn medians(&self) -> Table {
        self.table(|work, kind| {
            let median = self.results.spread(work, kind)?.median();
            let ratio = self.results.ratio(work, kind).map(|ratio| format!(" ({ratio:.2}x)"));
            Some(median + &ratio.unwrap_or_default())
        })
    }

    /// The least and the greatest figures.
    fn spreads(&self) -> Table {
        self.table(|work, kind| Some(self.results.spread(work, kind)?.range()))
    }

    fn table(&self, cell: impl Fn(Work, super::Kind) -> Option<String>) -> Table {
        let kinds = &self.options.kinds;
        let header = ["work", "unit"].into_iter().chain(kinds.iter().map(|kind| kind.name));
        let mut table = Table::new(header);
        for &work in &self.options.works {
            let cells = kinds.iter().map(|&kind| cell(work, kind).unwrap_or_default());
            let head = [work.title().to_owned(), work.unit().symbol().to_owned()];
            table.row(head.into_iter().chain(cells));
        }
        table
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Options { rows, rounds, kinds, .. } = self.options;
        writeln!(
            f,
            "{rows} rows, keys of {KEY_BYTES} bytes, payloads of {PAYLOAD_BYTES}, {rounds} rounds"
        )?;
        let versions = kinds.iter().map(|kind| format!("{} {}", kind.name, kind.version()));
        let versions: Vec<String> = versions.collect();
        writeln!(f, "{}; SQLite {}", versions.join(", "), rusqlite::version())?;
        writeln!(f, "a page synced: {} ms\n", Spread::of(self.results.fsync_ms.clone()))?;
        writeln!(f, "### Medians (x = bare rusqlite's)\n\n{}", self.medians())?;
        writeln!(f, "### Least to greatest\n\n{}", self.spreads())
    }
}
