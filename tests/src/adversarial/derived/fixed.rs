//! Fields with `fixed`, for keys and payloads alike.

use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

use super::shape::shape;

/// Arrays of no byte, of one byte, and of the sizes of ids and hashes.
#[derive(Clone, Copy, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct FixedSizes {
    #[key(fixed)]
    #[payload(fixed)]
    none: [u8; 0],
    #[key(fixed)]
    #[payload(fixed)]
    one: [u8; 1],
    flag: bool,
    #[key(fixed)]
    #[payload(fixed)]
    id: [u8; 16],
    #[key(fixed)]
    #[payload(fixed)]
    hash: [u8; 32],
}

shape!([] FixedSizes {
    0 => Self { none: [u8; 0], one: [u8; 1], flag: bool, id: [u8; 16], hash: [u8; 32] }
});

/// A constant parameter between texts.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct FixedOf<const N: usize>(
    String,
    #[key(fixed)]
    #[payload(fixed)]
    [u8; N],
    String,
);

shape!([const N: usize] FixedOf<N> { 0 => Self { 0: String, 1: [u8; N], 2: String } });

/// Variants of different lengths.
#[derive(Clone, Copy, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub enum FixedVariants {
    /// Four bytes.
    Short(
        #[key(fixed)]
        #[payload(fixed)]
        [u8; 4],
    ),
    /// Sixteen bytes and two more.
    Long {
        /// The bytes.
        #[key(fixed)]
        #[payload(fixed)]
        bytes: [u8; 16],
        /// An array with its length.
        plain: [u8; 2],
    },
    /// No bytes.
    Empty(
        #[key(fixed)]
        #[payload(fixed)]
        [u8; 0],
    ),
}

shape!([] FixedVariants {
    0 => Self::Short { 0: [u8; 4] }
    1 => Self::Long { bytes: [u8; 16], plain: [u8; 2] }
    2 => Self::Empty { 0: [u8; 0] }
});
