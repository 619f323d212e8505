//! The tables of `encoding`, and the verdicts on the marks.

use std::fmt;

use super::case::{Case, Operation, PERSIST};
use super::marks::{self, Mark};
use super::shape::Shape;
use crate::spread::Spread;
use crate::table::Table;

pub(crate) struct Report<'a> {
    cases: &'a [Case<'a>],
    /// Instructions per call, one figure for each case.
    pub(crate) instructions: Option<Vec<f64>>,
    /// Nanoseconds per call, one figure for each case.
    pub(crate) times: Option<Vec<Spread>>,
}

impl<'a> Report<'a> {
    pub(crate) fn new(cases: &'a [Case<'a>]) -> Self {
        Self { cases, instructions: None, times: None }
    }

    /// Returns the marks on instructions that are missed as an error.
    pub(crate) fn check(&self) -> Result<(), String> {
        let missed: Vec<String> = self
            .verdicts(&marks::on_instructions(), |case| self.instructions_of(case))
            .into_iter()
            .filter(|verdict| !verdict.is_met())
            .map(|verdict| verdict.to_string())
            .collect();
        if missed.is_empty() { Ok(()) } else { Err(format!("missed:\n{}", missed.join("\n"))) }
    }

    fn instructions_of(&self, case: usize) -> Option<f64> {
        self.instructions.as_ref()?.get(case).copied()
    }

    fn time_of(&self, case: usize) -> Option<f64> {
        Some(self.times.as_ref()?.get(case)?.median)
    }

    fn find(&self, shape: Shape, operation: Operation, side: &str) -> Option<usize> {
        self.cases.iter().position(|case| {
            case.shape == shape && case.operation == operation && case.side == side
        })
    }

    /// Returns the verdicts on `marks`, by the figure of each case.
    fn verdicts(&self, marks: &[Mark], figure: impl Fn(usize) -> Option<f64>) -> Vec<Verdict> {
        let of_mark = |mark: &Mark| {
            let ours = figure(self.find(mark.shape, mark.operation, PERSIST)?)?;
            let theirs = figure(self.find(mark.shape, mark.side_operation, mark.side)?)?;
            let (operation, side) = (mark.operation.name(), mark.side);
            let mut subject = format!("{operation} {}, against {side}", mark.shape.title());
            if mark.side_operation != mark.operation {
                subject = format!("{subject}, {}", mark.side_operation.name());
            }
            Some(Verdict { subject, ratio: ours / theirs, at_most: mark.at_most })
        };
        marks.iter().filter_map(of_mark).collect()
    }

    /// Returns the table of all sides of one operation on one shape. The others are compared with the first side.
    fn table(&self, rows: &[usize]) -> Table {
        let mut table = Table::new(["side", "instructions", "ratio", "ns (min–max)", "ratio"]);
        let first = rows.first().copied().unwrap_or_default();
        for &row in rows {
            let count = self.instructions_of(row).map(|count| format!("{count:.0}"));
            let time = self.times.as_ref().and_then(|times| times.get(row));
            let time = time.map(Spread::to_string);
            table.row([
                self.cases[row].side.to_owned(),
                count.unwrap_or_default(),
                ratio(self.instructions_of(row), self.instructions_of(first)),
                time.unwrap_or_default(),
                ratio(self.time_of(row), self.time_of(first)),
            ]);
        }
        table
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let indices: Vec<usize> = (0..self.cases.len()).collect();
        let groups = indices.chunk_by(|&left, &right| {
            let (left, right) = (&self.cases[left], &self.cases[right]);
            (left.shape, left.operation) == (right.shape, right.operation)
        });
        for group in groups {
            let case = &self.cases[group[0]];
            writeln!(
                f,
                "### {} {}\n\n{}",
                case.operation.name(),
                case.shape.title(),
                self.table(group)
            )?;
        }
        let of_instructions =
            self.verdicts(&marks::on_instructions(), |case| self.instructions_of(case));
        let of_time = self.verdicts(&marks::on_time(), |case| self.time_of(case));
        for (title, verdicts) in [("instructions", of_instructions), ("time", of_time)] {
            if verdicts.is_empty() {
                continue;
            }
            let mut table = Table::new(["mark", "at most", "is", ""]);
            for verdict in verdicts {
                let verdict_word = if verdict.is_met() { "met" } else { "missed" };
                table.row([
                    verdict.subject,
                    format!("{:.3}", verdict.at_most),
                    format!("{:.3}", verdict.ratio),
                    verdict_word.to_owned(),
                ]);
            }
            writeln!(f, "### Marks on {title}\n\n{table}")?;
        }
        Ok(())
    }
}

struct Verdict {
    subject: String,
    ratio: f64,
    at_most: f64,
}

impl Verdict {
    fn is_met(&self) -> bool {
        self.ratio <= self.at_most
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:.3}, at most {:.3}", self.subject, self.ratio, self.at_most)
    }
}

fn ratio(figure: Option<f64>, first: Option<f64>) -> String {
    figure.zip(first).map(|(figure, first)| format!("{:.2}", figure / first)).unwrap_or_default()
}
