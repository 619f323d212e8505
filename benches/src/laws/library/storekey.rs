use std::cmp::Ordering;
use std::collections::BTreeMap;

use storekey::{Decode, Encode};

use super::{Codec, Library, check_ordered_types};
use crate::laws::domain::{Entry, Event, Mood};

pub(super) fn check(library: &mut Library) {
    check_ordered_types!(library, codec);
    library.check(&codec(f32::total_cmp));
    library.check(&codec(f64::total_cmp));
}

fn codec<T: Encode + Decode>(order: fn(&T, &T) -> Ordering) -> Codec<T> {
    Codec {
        encode: |value| storekey::encode_vec(value).map_err(|error| error.to_string()),
        decode: |bytes| storekey::decode(bytes).map_err(|error| error.to_string()),
        order,
    }
}
