//! `SystemTime`, encoded as an instant.

use core::time::Duration;
use std::time::{SystemTime, UNIX_EPOCH};

use super::duration::NANOS_OF_A_SECOND;
use super::since_1970::{decode_instant, instant};
use crate::encoding::descriptor::shape::Descriptor;
use crate::encoding::model::impl_macros::fixed_width;
use crate::encoding::model::markers::OrderPreserving;

fixed_width! {
    SystemTime, Descriptor::Time, Ord::cmp,
        |value| {
            let (secs, nanos) = since_1970(value);
            instant(secs, nanos)
        },
        |source| decode_instant(source, NANOS_OF_A_SECOND, "a time that SystemTime can hold", at);
}

impl OrderPreserving for SystemTime {}

/// Returns the seconds since 1970, rounded down, and the nanoseconds since then.
///
/// Times outside the range of `i64` seconds, which some platforms can represent, are clamped to the nearest second within it.
fn since_1970(time: SystemTime) -> (i64, u32) {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => (0i64.saturating_add_unsigned(after.as_secs()), after.subsec_nanos()),
        Err(error) => {
            let before = error.duration();
            let secs = 0i64.saturating_sub_unsigned(before.as_secs());
            match before.subsec_nanos() {
                0 => (secs, 0),
                nanos => (secs.saturating_sub(1), NANOS_OF_A_SECOND - nanos),
            }
        }
    }
}

/// Returns the time at that distance from 1970, or `None` if the platform can't represent it exactly.
fn at(secs: i64, nanos: u32) -> Option<SystemTime> {
    let whole = Duration::from_secs(secs.unsigned_abs());
    let second =
        if secs < 0 { UNIX_EPOCH.checked_sub(whole)? } else { UNIX_EPOCH.checked_add(whole)? };
    let time = second.checked_add(Duration::from_nanos(nanos.into()))?;
    (since_1970(time) == (secs, nanos)).then_some(time)
}
