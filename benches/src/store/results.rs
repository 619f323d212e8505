//! The samples of all rounds.

use measure::line::Line;
use measure::samples::Samples;

use super::kind::Kind;
use crate::spread::Spread;

#[derive(Default)]
pub(crate) struct Results {
    samples: Vec<(Line, &'static str, f64)>,
    /// The missing figures, with the reasons.
    pub(crate) failures: Vec<String>,
    /// Milliseconds of a sync without any engine.
    pub(crate) fsync_ms: Vec<f64>,
}

impl Results {
    pub(crate) fn add(&mut self, kind: Kind, samples: Samples) {
        let figures = samples.figures.into_iter();
        self.samples.extend(figures.map(|(line, figure)| (line, kind.name, figure)));
        self.fsync_ms.extend(samples.fsync_ms);
    }

    /// Records why a figure is missing; only once if it happens in each round.
    pub(crate) fn fail(&mut self, failure: String) {
        if !self.failures.contains(&failure) {
            self.failures.push(failure);
        }
    }

    /// Returns each line once, in the order of their first samples.
    pub(crate) fn lines(&self) -> Vec<&Line> {
        let mut lines = Vec::new();
        for (line, ..) in &self.samples {
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        lines
    }

    pub(crate) fn samples(&self, line: &Line, kind: Kind) -> Vec<f64> {
        let ours = self.samples.iter().filter(|sample| (&sample.0, sample.1) == (line, kind.name));
        ours.map(|sample| sample.2).collect()
    }

    pub(crate) fn spread(&self, line: &Line, kind: Kind) -> Option<Spread> {
        let samples = self.samples(line, kind);
        (!samples.is_empty()).then(|| Spread::of(samples))
    }

    /// Returns the ratio to the median of bare rusqlite, unless that is zero.
    pub(crate) fn ratio(&self, line: &Line, kind: Kind) -> Option<f64> {
        let (ours, bare) = (self.spread(line, kind)?, self.spread(line, Kind::BARE)?);
        (bare.median > 0.0).then(|| ours.median / bare.median)
    }

    /// Returns how many times as good as bare rusqlite the engine is.
    pub(crate) fn advantage(&self, line: &Line, kind: Kind) -> Option<f64> {
        let ratio = self.ratio(line, kind)?;
        Some(if line.unit.more_is_better() { ratio } else { 1.0 / ratio })
    }
}
