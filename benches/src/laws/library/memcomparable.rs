use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Codec, Library, check_ordered_types};
use crate::laws::domain::{Entry, Event, Mood};

pub(super) fn check(library: &mut Library) {
    check_ordered_types!(library, codec);
    library.check(&codec::<f32>(|left, right| by_number(f64::from(*left), f64::from(*right))));
    library.check(&codec::<f64>(|left, right| by_number(*left, *right)));
}

/// It makes all NaN equal and the two zeros equal, on purpose.
fn by_number(left: f64, right: f64) -> Ordering {
    left.partial_cmp(&right).unwrap_or_else(|| left.is_nan().cmp(&right.is_nan()))
}

fn codec<T: Serialize + DeserializeOwned>(order: fn(&T, &T) -> Ordering) -> Codec<T> {
    Codec {
        encode: |value| memcomparable::to_vec(value).map_err(|error| error.to_string()),
        decode: |bytes| memcomparable::from_slice(bytes).map_err(|error| error.to_string()),
        order,
    }
}
