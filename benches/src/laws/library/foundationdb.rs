use std::cmp::Ordering;

use foundationdb_tuple::{PackResult, TuplePack, TupleUnpack, pack, unpack};

use super::{Codec, Library, check_ordered_types};

/// A value is an element of a tuple here, since a tuple by itself has no end.
pub(super) fn check(library: &mut Library) {
    check_ordered_types!(library, codec: bool, u16, u32, u64, u128, i16, i32, i64, i128, String, Vec<u8>);
    check_ordered_types!(library, codec: Option<u64>, Option<String>, Vec<u64>, Vec<String>);
    check_ordered_types!(library, codec: (String, u64), (Vec<u8>, String), (i64, String), ());
    library.check(&codec(f32::total_cmp));
    library.check(&codec(f64::total_cmp));
}

fn codec<T>(order: fn(&T, &T) -> Ordering) -> Codec<T>
where
    T: TuplePack + for<'de> TupleUnpack<'de>,
{
    Codec {
        encode: |value| Ok(pack(&(value,))),
        decode: |bytes| {
            let decoded: PackResult<(T,)> = unpack(bytes);
            decoded.map(|(value,)| value).map_err(|error| error.to_string())
        },
        order,
    }
}
