//! Spans of time, instants and dates.

pub(in crate::encoding) mod duration;
#[cfg(any(feature = "std", feature = "jiff", feature = "chrono"))]
pub(in crate::encoding) mod since_1970;
#[cfg(feature = "std")]
pub(in crate::encoding) mod system_time;
