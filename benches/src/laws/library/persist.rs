use std::collections::BTreeMap;

use persist_core::codec::Sink;
use persist_core::{KeyDecode, KeyEncode};

use super::{Codec, Library};
use crate::laws::domain::{Entry, Event, Mood};

/// Checks each type against `key_cmp`.
pub(super) fn check(library: &mut Library) {
    macro_rules! check {
        ($($Type:ty),*) => {$(library.check(&codec::<$Type>());)*};
    }
    check!(bool, u8, u16, u32, u64, u128, i8, i16, i32, i64, i128, f32, f64, char, String, Vec<u8>);
    check!(Option<u64>, Option<String>, Vec<u64>, Vec<String>, (String, u64), (Vec<u8>, String));
    check!((i64, String), (), [u8; 32], Option<Option<u8>>, Mood, Event, Entry);
    check!(BTreeMap<String, u64>);
}

fn codec<T: KeyEncode + for<'de> KeyDecode<'de>>() -> Codec<T> {
    Codec {
        encode: |value| {
            let mut bytes = Vec::new();
            value.encode_key(&mut Sink::new(&mut bytes));
            Ok(bytes)
        },
        decode: |bytes| T::from_key_bytes(bytes).map_err(|error| error.to_string()),
        order: T::key_cmp,
    }
}
