//! The works that engines are measured at.

use serde::{Deserialize, Serialize};

use crate::line::{Line, Unit};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Work {
    Puts,
    Batches,
    RandomBatches,
    Durable,
    DurableTogether,
    Acknowledged,
    Get,
    GetsTogether,
    GetAwaited,
    Scan,
    ScanHundred,
    Count,
    Replacements,
    Deletes,
    Size,
}

impl Work {
    pub const ALL: [Self; 15] = [
        Self::Puts,
        Self::Batches,
        Self::RandomBatches,
        Self::Durable,
        Self::DurableTogether,
        Self::Acknowledged,
        Self::Get,
        Self::GetsTogether,
        Self::GetAwaited,
        Self::Scan,
        Self::ScanHundred,
        Self::Count,
        Self::Replacements,
        Self::Deletes,
        Self::Size,
    ];

    /// Returns the name that selects the work on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Puts => "puts",
            Self::Batches => "batches",
            Self::RandomBatches => "random",
            Self::Durable => "durable",
            Self::DurableTogether => "durable-16",
            Self::Acknowledged => "acknowledged",
            Self::Get => "get",
            Self::GetsTogether => "gets",
            Self::GetAwaited => "awaited",
            Self::Scan => "scan",
            Self::ScanHundred => "scan-100",
            Self::Count => "count",
            Self::Replacements => "replace",
            Self::Deletes => "deletes",
            Self::Size => "size",
        }
    }

    /// Returns whether the work changes nothing.
    pub fn is_read(self) -> bool {
        matches!(
            self,
            Self::Get
                | Self::GetsTogether
                | Self::GetAwaited
                | Self::Scan
                | Self::ScanHundred
                | Self::Count
        )
    }

    pub fn is_durable(self) -> bool {
        matches!(self, Self::Durable | Self::DurableTogether)
    }

    pub fn line(self) -> Line {
        Line::new(self.title(), self.unit())
    }

    fn title(self) -> &'static str {
        match self {
            Self::Puts => "single puts",
            Self::Batches => "batches of 100",
            Self::RandomBatches => "batches of 100, random keys",
            Self::Durable => "durable commits, 1 thread",
            Self::DurableTogether => "durable commits, 16 threads",
            Self::Acknowledged => "acknowledged put, 1 thread",
            Self::Get => "point get",
            Self::GetsTogether => "point gets, 2 threads",
            Self::GetAwaited => "point get, awaited",
            Self::Scan => "scan of all rows",
            Self::ScanHundred => "scan of 100 rows",
            Self::Count => "count of all rows",
            Self::Replacements => "batches of 100 that replace rows",
            Self::Deletes => "deletes in batches of 100",
            Self::Size => "files",
        }
    }

    fn unit(self) -> Unit {
        match self {
            Self::Puts
            | Self::Batches
            | Self::RandomBatches
            | Self::Acknowledged
            | Self::GetsTogether
            | Self::Replacements
            | Self::Deletes => Unit::ThousandsASecond,
            Self::Durable | Self::DurableTogether => Unit::ASecond,
            Self::Get | Self::GetAwaited | Self::ScanHundred => Unit::Microseconds,
            Self::Scan => Unit::NanosecondsARow,
            Self::Count => Unit::Milliseconds,
            Self::Size => Unit::Megabytes,
        }
    }
}
