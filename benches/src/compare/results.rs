//! The samples of all rounds.

use super::engine::Kind;
use super::work::Work;
use crate::spread::Spread;

#[derive(Default)]
pub(crate) struct Results {
    samples: Vec<(Work, &'static str, f64)>,
    /// Milliseconds a sync without any engine, at the start of each round and before each durable work.
    pub(crate) fsync_ms: Vec<f64>,
}

impl Results {
    pub(crate) fn add(&mut self, work: Work, kind: Kind, figure: f64) {
        self.samples.push((work, kind.name, figure));
    }

    pub(crate) fn samples(&self, work: Work, kind: Kind) -> Vec<f64> {
        let ours = self.samples.iter().filter(|sample| (sample.0, sample.1) == (work, kind.name));
        ours.map(|sample| sample.2).collect()
    }

    pub(crate) fn spread(&self, work: Work, kind: Kind) -> Option<Spread> {
        let samples = self.samples(work, kind);
        (!samples.is_empty()).then(|| Spread::of(samples))
    }

    /// The median by that of bare rusqlite.
    pub(crate) fn ratio(&self, work: Work, kind: Kind) -> Option<f64> {
        let (ours, bare) = (self.spread(work, kind)?, self.spread(work, Kind::BARE)?);
        Some(ours.median / bare.median)
    }

    /// How many times as good as bare rusqlite.
    pub(crate) fn advantage(&self, work: Work, kind: Kind) -> Option<f64> {
        let ratio = self.ratio(work, kind)?;
        Some(if work.unit().more_is_better() { ratio } else { 1.0 / ratio })
    }
}
