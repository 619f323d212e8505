//! The samples of one engine's turn.

use serde::{Deserialize, Serialize};

use crate::line::Line;

#[derive(Default, Serialize, Deserialize)]
pub struct Samples {
    pub figures: Vec<(Line, f64)>,
    /// The milliseconds of a sync without any engine, measured before each work that syncs.
    pub fsync_ms: Vec<f64>,
}

impl Samples {
    pub fn add(&mut self, line: Line, figure: f64) {
        self.figures.push((line, figure));
    }
}
