//! The title and unit of a figure.

use serde::{Deserialize, Serialize};

/// A line of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub title: String,
    pub unit: Unit,
}

impl Line {
    pub fn new(title: impl Into<String>, unit: Unit) -> Self {
        Self { title: title.into(), unit }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unit {
    ThousandsASecond,
    ASecond,
    Milliseconds,
    Microseconds,
    NanosecondsARow,
    Megabytes,
    Kibibytes,
    /// A ratio of durations; fewer are better.
    Times,
    /// A number of objects; fewer are better.
    Count,
}

impl Unit {
    pub fn symbol(self) -> &'static str {
        match self {
            Self::ThousandsASecond => "k/s",
            Self::ASecond => "/s",
            Self::Milliseconds => "ms",
            Self::Microseconds => "µs",
            Self::NanosecondsARow => "ns/row",
            Self::Megabytes => "MB",
            Self::Kibibytes => "KiB",
            Self::Times => "x",
            Self::Count => "",
        }
    }

    /// Returns whether the greater of two figures is the better one.
    pub fn more_is_better(self) -> bool {
        matches!(self, Self::ThousandsASecond | Self::ASecond)
    }
}
