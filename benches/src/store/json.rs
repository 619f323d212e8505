//! The results for other programs.

use measure::data::{KEY_BYTES, PAYLOAD_BYTES};
use measure::line::Line;
use serde::Serialize;

use super::kind::Kind;
use super::report::Report;
use crate::spread::Spread;

#[derive(Serialize)]
struct Measurement<'a> {
    command: &'static str,
    about: &'a str,
    rounds: usize,
    key_bytes: usize,
    payload_bytes: usize,
    os: &'static str,
    arch: &'static str,
    threads: usize,
    sqlite: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fsync_ms: Option<Spread>,
    failures: &'a [String],
    lines: Vec<Figures<'a>>,
}

#[derive(Serialize)]
struct Figures<'a> {
    title: &'a str,
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
    /// The ratio to bare rusqlite's median.
    ratio: Option<f64>,
    samples: Vec<f64>,
}

pub(crate) fn of(report: &Report<'_>) -> String {
    let Report { setup, about, results } = report;
    let fsync_ms = &results.fsync_ms;
    let measurement = Measurement {
        command: setup.command,
        about,
        rounds: setup.rounds,
        key_bytes: KEY_BYTES,
        payload_bytes: PAYLOAD_BYTES,
        os: std::env::consts::OS,
        arch: std::env::consts::ARCH,
        threads: std::thread::available_parallelism().map_or(0, Into::into),
        sqlite: rusqlite::version(),
        fsync_ms: (!fsync_ms.is_empty()).then(|| Spread::of(fsync_ms.clone())),
        failures: &results.failures,
        lines: results.lines().into_iter().map(|line| figures(report, line)).collect(),
    };
    // It can't fail: the names are strings, and JSON's null represents missing numbers.
    serde_json::to_string_pretty(&measurement).unwrap_or_default()
}

fn figures<'a>(report: &Report<'_>, line: &'a Line) -> Figures<'a> {
    let results = report.results;
    let figure = |&kind: &Kind| {
        let spread = results.spread(line, kind)?;
        let (ratio, samples) = (results.ratio(line, kind), results.samples(line, kind));
        Some(Figure { engine: kind.name, version: kind.version(), spread, ratio, samples })
    };
    Figures {
        title: &line.title,
        unit: line.unit.symbol(),
        more_is_better: line.unit.more_is_better(),
        engines: report.setup.kinds.iter().filter_map(figure).collect(),
    }
}
