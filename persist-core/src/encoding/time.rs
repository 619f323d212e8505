//! Times: spans, instants and dates.

#[cfg(any(feature = "jiff", feature = "chrono"))]
pub(in crate::encoding) mod dates;
pub(in crate::encoding) mod duration;
#[cfg(any(feature = "std", feature = "jiff", feature = "chrono"))]
pub(in crate::encoding) mod instants;
#[cfg(feature = "std")]
pub(in crate::encoding) mod system_time;
