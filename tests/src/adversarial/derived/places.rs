//! Each primitive type as the first field, as the last one, and between fields of other lengths.

use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

use super::shape::shape;

macro_rules! everywhere {
    ($($Name:ident: $Primitive:ty;)*) => {$(
        #[doc = concat!("`", stringify!($Primitive), "` first, in the middle and last.")]
        #[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
        pub struct $Name {
            first: $Primitive,
            text: String,
            middle: $Primitive,
            bytes: Vec<u8>,
            last: $Primitive,
        }

        shape!([] $Name {
            0 => Self {
                first: $Primitive, text: String, middle: $Primitive, bytes: Vec<u8>,
                last: $Primitive,
            }
        });
    )*};
}

everywhere! {
    Bools: bool;
    Chars: char;
    U8s: u8;
    U16s: u16;
    U32s: u32;
    U64s: u64;
    U128s: u128;
    Usizes: usize;
    I8s: i8;
    I16s: i16;
    I32s: i32;
    I64s: i64;
    I128s: i128;
    Isizes: isize;
    F32s: f32;
    F64s: f64;
}
