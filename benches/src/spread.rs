//! What is kept of a row of samples.

use std::fmt;

/// The median of all rounds' samples, and the least and the greatest.
#[derive(Clone, Copy)]
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
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { median, min, max } = self;
        // Below a hundred the first decimal still says something.
        let decimals = usize::from(*median < 100.0);
        write!(f, "{median:.decimals$} ({min:.decimals$}–{max:.decimals$})")
    }
}
