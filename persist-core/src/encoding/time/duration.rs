//! `Duration`, encoded as seconds and nanoseconds.

use alloc::format;
use core::time::Duration;

use crate::encoding::base::error::DecodeError;
use crate::encoding::base::source::Source;
use crate::encoding::descriptor::shape::Descriptor;
use crate::encoding::model::impl_macros::fixed_width;
use crate::encoding::model::markers::OrderPreserving;

pub(in crate::encoding) const NANOS_OF_A_SECOND: u32 = 1_000_000_000;

fixed_width! {
    Duration, Descriptor::Duration, Ord::cmp,
        |value| with_nanos(value.as_secs().to_be_bytes(), value.subsec_nanos()),
        |source| decode_duration(source);
}

impl OrderPreserving for Duration {}

/// Appends nanoseconds to encoded seconds.
#[inline]
pub(in crate::encoding) fn with_nanos(secs: [u8; 8], nanos: u32) -> [u8; 12] {
    let mut bytes = [0; 12];
    bytes[..8].copy_from_slice(&secs);
    bytes[8..].copy_from_slice(&nanos.to_be_bytes());
    bytes
}

#[inline]
fn decode_duration(source: &mut Source<'_>) -> Result<Duration, DecodeError> {
    let secs = u64::from_be_bytes(source.array("the seconds of a duration")?);
    let nanos = decode_nanos(source, "the nanoseconds of a duration", NANOS_OF_A_SECOND)?;
    Ok(Duration::new(secs, nanos))
}

/// Takes nanoseconds and rejects `limit` or more.
#[inline]
pub(in crate::encoding) fn decode_nanos(
    source: &mut Source<'_>,
    what: &'static str,
    limit: u32,
) -> Result<u32, DecodeError> {
    let at = source.offset();
    let nanos = u32::from_be_bytes(source.array(what)?);
    if nanos < limit { Ok(nanos) } else { Err(too_many_nanos(nanos, limit, at)) }
}

#[cold]
fn too_many_nanos(nanos: u32, limit: u32, at: usize) -> DecodeError {
    DecodeError::new(format!("fewer than {limit} nanoseconds"), format!("{nanos}"), at)
}
