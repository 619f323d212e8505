//! Times around 1970 and at the limits of their types.

use std::cmp::Ordering;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use jiff::Timestamp;
use jiff::civil::Date;
use proptest::prelude::*;
use proptest::sample::select;

use super::Adversarial;

/// Returns nanoseconds of a second.
fn nanos() -> impl Strategy<Value = u32> {
    let edges = vec![0, 1, 2, 255, 256, 500_000_000, 999_999_998, 999_999_999];
    prop_oneof![3 => select(edges), 1 => 0..1_000_000_000u32]
}

/// Returns seconds since 1970 in a range, most of them near 1970 or an end.
fn secs(least: i64, most: i64) -> impl Strategy<Value = i64> {
    let edges = vec![least, least + 1, -86_401, -86_400, -2, -1, 0, 1, 59, 86_399, 86_400, most];
    prop_oneof![3 => select(edges), 1 => least..=most]
}

impl Adversarial for Duration {
    fn values() -> BoxedStrategy<Self> {
        (u64::values(), nanos()).prop_map(|(secs, nanos)| Self::new(secs, nanos)).boxed()
    }

    fn documented_cmp(&self, other: &Self) -> Ordering {
        self.as_nanos().cmp(&other.as_nanos())
    }
}

impl Adversarial for SystemTime {
    fn values() -> BoxedStrategy<Self> {
        (secs(i64::MIN, i64::MAX), nanos())
            .prop_map(|(secs, nanos)| {
                let whole = Duration::from_secs(secs.unsigned_abs());
                let second = if secs < 0 {
                    UNIX_EPOCH.checked_sub(whole)
                } else {
                    UNIX_EPOCH.checked_add(whole)
                };
                // 1970 is used for times that the platform can't represent.
                second.unwrap_or(UNIX_EPOCH) + Duration::from_nanos(nanos.into())
            })
            .boxed()
    }

    fn documented_cmp(&self, other: &Self) -> Ordering {
        match self.duration_since(*other) {
            Ok(Duration::ZERO) => Ordering::Equal,
            Ok(_) => Ordering::Greater,
            Err(_) => Ordering::Less,
        }
    }
}

impl Adversarial for Timestamp {
    fn values() -> BoxedStrategy<Self> {
        (secs(Self::MIN.as_second(), Self::MAX.as_second()), nanos())
            .prop_map(|(secs, nanos)| {
                Self::new(secs, nanos.cast_signed()).expect("a second within the range")
            })
            .boxed()
    }

    fn documented_cmp(&self, other: &Self) -> Ordering {
        self.as_nanosecond().cmp(&other.as_nanosecond())
    }
}

impl Adversarial for DateTime<Utc> {
    /// Includes leap seconds, at the ends of minutes and elsewhere.
    fn values() -> BoxedStrategy<Self> {
        let seconds = secs(Self::MIN_UTC.timestamp(), Self::MAX_UTC.timestamp());
        (seconds, nanos(), prop::bool::weighted(0.25))
            .prop_map(|(secs, nanos, leap)| {
                let second = DateTime::from_timestamp(secs, 0).expect("a second within the range");
                let nanos = if leap { nanos + 1_000_000_000 } else { nanos };
                second.naive_utc().with_nanosecond(nanos).expect("less than 2 seconds").and_utc()
            })
            .boxed()
    }

    fn documented_cmp(&self, other: &Self) -> Ordering {
        let parts = |time: &Self| (time.timestamp(), time.timestamp_subsec_nanos());
        parts(self).cmp(&parts(other))
    }
}

/// Returns years, months and days: the ends of February, of years and of centuries, and the days around 1970.
fn dates(years: Vec<i32>) -> impl Strategy<Value = (i32, u32, u32)> {
    let days = vec![(1, 1), (1, 2), (2, 28), (2, 29), (3, 1), (12, 31)];
    let any_day = (1..=12u32, 1..=28u32);
    let day = prop_oneof![3 => select(days), 1 => any_day];
    (select(years), day).prop_map(|(year, (month, day))| (year, month, day))
}

impl Adversarial for Date {
    fn values() -> BoxedStrategy<Self> {
        let years = vec![-9_999, -400, -1, 0, 1, 1900, 1969, 1970, 1972, 2000, 2100, 9_999];
        dates(years)
            .prop_map(|(year, month, day)| {
                let parts = (i16::try_from(year), i8::try_from(month), i8::try_from(day));
                let (Ok(year), Ok(month), Ok(day)) = parts else { unreachable!("small numbers") };
                Self::new(year, month, day).unwrap_or(Self::MIN)
            })
            .boxed()
    }

    fn documented_cmp(&self, other: &Self) -> Ordering {
        let parts = |date: &Self| (date.year(), date.month(), date.day());
        parts(self).cmp(&parts(other))
    }
}

impl Adversarial for NaiveDate {
    fn values() -> BoxedStrategy<Self> {
        let years = vec![-262_143, -400, -1, 0, 1, 1900, 1969, 1970, 1972, 2000, 2100, 262_142];
        let ends = select(vec![Self::MIN, Self::MAX]);
        let dates = dates(years).prop_map(|(year, month, day)| {
            Self::from_ymd_opt(year, month, day).unwrap_or(Self::MAX)
        });
        prop_oneof![1 => ends, 6 => dates].boxed()
    }

    fn documented_cmp(&self, other: &Self) -> Ordering {
        let parts = |date: &Self| (date.year(), date.month(), date.day());
        parts(self).cmp(&parts(other))
    }
}
