//! The results for other programs.

use serde::Serialize;

use super::data::{KEY_BYTES, PAYLOAD_BYTES};
use super::engine::Kind;
use super::options::Options;
use super::results::Results;
use super::work::Work;
use crate::spread::Spread;

#[derive(Serialize)]
struct Comparison {
    rows: usize,
    rounds: usize,
    key_bytes: usize,
    payload_bytes: usize,
    os: &'static str,
    arch: &'static str,
    threads: usize,
    sqlite: &'static str,
    fsync_ms: Spread,
    works: Vec<Figures>,
}

#[derive(Serialize)]
struct Figures {
    work: &'static str,
    title: &'static str,
    unit: &'static str,
    more_is_better: bool,
    engines: Vec<Figure>,
}

#[derive(Serialize)]
struct Figure {
    engine: &'static str,
    version: &'static str,
    #[serde(flatten)]
    spread: Spread,
    /// By bare rusqlite's median.
    ratio: Option<f64>,
    samples: Vec<f64>,
}

pub(crate) fn of(options: &Options, results: &Results) -> String {
    let comparison = Comparison {
        rows: options.rows,
        rounds: options.rounds,
        key_bytes: KEY_BYTES,
        payload_bytes: PAYLOAD_BYTES,
        os: std::env::consts::OS,
        arch: std::env::consts::ARCH,
        threads: std::thread::available_parallelism().map_or(0, Into::into),
        sqlite: rusqlite::version(),
        fsync_ms: Spread::of(results.fsync_ms.clone()),
        works: options.works.iter().map(|&work| figures(options, results, work)).collect(),
    };
    // Nothing in it can fail: names are strings, and JSON's null stands for what is no number.
    serde_json::to_string_pretty(&comparison).unwrap_or_default()
}

fn figures(options: &Options, results: &Results, work: Work) -> Figures {
    let figure = |&kind: &Kind| {
        let spread = results.spread(work, kind)?;
        let (ratio, samples) = (results.ratio(work, kind), results.samples(work, kind));
        Some(Figure { engine: kind.name, version: kind.version(), spread, ratio, samples })
    };
    Figures {
        work: work.name(),
        title: work.title(),
        unit: work.unit().symbol(),
        more_is_better: work.unit().more_is_better(),
        engines: options.kinds.iter().filter_map(figure).collect(),
    }
}
