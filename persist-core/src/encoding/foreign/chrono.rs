//! `DateTime<Utc>` and `NaiveDate` of the crate `chrono`.

use ::chrono::{DateTime, NaiveDate, Timelike, Utc};

use crate::encoding::descriptor::shape::Descriptor;
use crate::encoding::model::impl_macros::fixed_width;
use crate::encoding::model::markers::OrderPreserving;
use crate::encoding::numbers::primitives::signed;
use crate::encoding::time::duration::NANOS_OF_A_SECOND;
use crate::encoding::time::since_1970::{decode_date, decode_instant, instant};

/// In a leap second, chrono continues to count the nanoseconds of the second before.
const NANOS_WITH_A_LEAP_SECOND: u32 = 2 * NANOS_OF_A_SECOND;

fixed_width! {
    DateTime<Utc>, Descriptor::Time, Ord::cmp,
        |value| instant(value.timestamp(), value.timestamp_subsec_nanos()),
        |source| decode_instant(
            source,
            NANOS_WITH_A_LEAP_SECOND,
            "a time that chrono::DateTime can hold",
            date_time,
        );
    NaiveDate, Descriptor::Date, Ord::cmp, |value| signed(value.to_epoch_days().into()),
        |source| decode_date(source, "a date that chrono::NaiveDate can hold", date);
}

impl OrderPreserving for DateTime<Utc> {}
impl OrderPreserving for NaiveDate {}

/// `DateTime::from_timestamp` accepts a leap second only at the end of a minute. A leap second from a zone whose offset has
/// seconds is elsewhere, so the nanoseconds are set separately.
fn date_time(secs: i64, nanos: u32) -> Option<DateTime<Utc>> {
    let second = DateTime::from_timestamp(secs, 0)?;
    Some(second.naive_utc().with_nanosecond(nanos)?.and_utc())
}

fn date(days: i64) -> Option<NaiveDate> {
    NaiveDate::from_epoch_days(i32::try_from(days).ok()?)
}
