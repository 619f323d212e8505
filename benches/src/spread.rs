//! The summary of a row of samples.

use std::fmt;

use serde::Serialize;

/// The median of all rounds' samples, with the least and the greatest.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    min: f64,
    max: f64,
}

impl Spread {
    pub(crate) fn of(mut samples: Vec<f64>) -> Self {
        samples.sort_by(f64::total_cmp);
        let at = |index: usize| samples.get(index).copied().unwrap_or(f64::NAN);
        let last = samples.len().saturating_sub(1);
        Self { median: at(samples.len() / 2), min: at(0), max: at(last) }
    }

    /// Returns the median.
    pub(crate) fn median(&self) -> String {
        let (median, decimals) = (self.median, self.decimals());
        format!("{median:.decimals$}")
    }

    /// Returns the least and the greatest.
    pub(crate) fn range(&self) -> String {
        let (Self { min, max, .. }, decimals) = (self, self.decimals());
        format!("{min:.decimals$}–{max:.decimals$}")
    }

    /// Returns the number of decimals that give the median three digits.
    fn decimals(&self) -> usize {
        usize::from(self.median < 100.0) + usize::from(self.median < 10.0)
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.median(), self.range())
    }
}
