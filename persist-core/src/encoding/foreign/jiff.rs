//! `Timestamp` and `civil::Date` of the crate `jiff`.

use ::jiff::civil::Date;
use ::jiff::{SignedDuration, Timestamp};

use crate::encoding::descriptor::shape::Descriptor;
use crate::encoding::model::impl_macros::fixed_width;
use crate::encoding::model::markers::OrderPreserving;
use crate::encoding::numbers::primitives::signed;
use crate::encoding::time::duration::NANOS_OF_A_SECOND;
use crate::encoding::time::since_1970::{decode_date, decode_instant, instant};

const EPOCH: Date = Date::constant(1970, 1, 1);
const SECS_OF_A_DAY: i64 = 86_400;

fixed_width! {
    Timestamp, Descriptor::Time, Ord::cmp, |value| rounded_down(value),
        |source| decode_instant(
            source,
            NANOS_OF_A_SECOND,
            "a time that jiff::Timestamp can hold",
            timestamp,
        );
    Date, Descriptor::Date, Ord::cmp,
        |value| signed(value.duration_since(EPOCH).as_secs() / SECS_OF_A_DAY),
        |source| decode_date(source, "a date that jiff::civil::Date can hold", date);
}

impl OrderPreserving for Timestamp {}
impl OrderPreserving for Date {}

/// Encodes a timestamp. jiff rounds seconds towards 1970 and has negative nanoseconds before 1970; the encoding rounds down.
fn rounded_down(timestamp: Timestamp) -> [u8; 12] {
    let (secs, nanos) = (timestamp.as_second(), timestamp.subsec_nanosecond());
    match u32::try_from(nanos) {
        Ok(nanos) => instant(secs, nanos),
        Err(_) => instant(secs - 1, NANOS_OF_A_SECOND - nanos.unsigned_abs()),
    }
}

fn timestamp(secs: i64, nanos: u32) -> Option<Timestamp> {
    Timestamp::new(secs, i32::try_from(nanos).ok()?).ok()
}

fn date(days: i64) -> Option<Date> {
    EPOCH.checked_add(SignedDuration::from_secs(days.checked_mul(SECS_OF_A_DAY)?)).ok()
}
