use core::cmp::Ordering;

use super::{
    DecodeError, DecodeWith, Describer, Descriptor, EncodeWith, KeyDecode, KeyEncode,
    OrderPreserving, SelfDelimiting, SelfDelimitingWith, Sink, Source, StoreKey,
};

/// A byte array without its length: `N` bytes and no more.
///
/// A plain `[u8; N]` has its length in front, as all sequences do; the attribute `fixed` leaves it out
/// for a field.
///
/// ```
/// use persist_core::{Fixed, KeyEncode};
///
/// assert_eq!(Fixed([1u8, 2]).to_key().as_bytes(), [1, 2]);
/// assert_eq!([1u8, 2].to_key().as_bytes(), [0, 2, 1, 2]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fixed<A>(pub A);

impl<A> From<A> for Fixed<A> {
    fn from(array: A) -> Self {
        Self(array)
    }
}

/// What `Fixed` and the attribute `fixed` can write: byte arrays, `[u8; N]`, and nothing else.
///
/// It is sealed: for other types neither the width nor the order would be sure.
///
/// ```
/// use persist_core::codec::ByteArray;
/// use persist_core::{Fixed, KeyEncode};
///
/// fn len_of_key<A: ByteArray>(array: A) -> usize {
///     Fixed(array).to_key().len()
/// }
///
/// assert_eq!(len_of_key([7; 16]), <[u8; 16]>::LEN);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no fixed width",
    label = "not a byte array",
    note = "`Fixed` and the attribute `fixed` are for byte arrays, `[u8; N]`"
)]
pub trait ByteArray: sealed::Sealed + Sized {
    /// The number of bytes.
    const LEN: usize;

    /// The bytes.
    fn as_array_bytes(&self) -> &[u8];

    /// The array of the next bytes.
    ///
    /// # Errors
    ///
    /// If fewer are left.
    fn take_from(source: &mut Source<'_>) -> Result<Self, DecodeError>;
}

mod sealed {
    pub trait Sealed {}
    impl<const N: usize> Sealed for [u8; N] {}
}

impl<const N: usize> ByteArray for [u8; N] {
    const LEN: usize = N;

    #[inline]
    fn as_array_bytes(&self) -> &[u8] {
        self
    }

    #[inline]
    fn take_from(source: &mut Source<'_>) -> Result<Self, DecodeError> {
        source.array("the bytes of an array")
    }
}

/// What `fixed` names.
#[derive(Debug)]
pub struct WithoutLength;

impl<A: ByteArray> EncodeWith<A> for WithoutLength {
    const IS_EMPTY: bool = A::LEN == 0;

    #[inline]
    fn encode(array: &A, sink: &mut Sink<'_>) {
        sink.write(array.as_array_bytes());
    }

    #[inline]
    fn encoded_len(_: &A) -> usize {
        A::LEN
    }

    #[inline]
    fn cmp(left: &A, right: &A) -> Ordering {
        left.as_array_bytes().cmp(right.as_array_bytes())
    }

    fn describe(_: &mut Describer) -> Descriptor {
        Descriptor::Fixed(A::LEN)
    }
}

impl<'de, A: ByteArray> DecodeWith<'de, A> for WithoutLength {
    #[inline]
    fn decode(source: &mut Source<'de>) -> Result<A, DecodeError> {
        A::take_from(source)
    }
}

impl<A: ByteArray> SelfDelimitingWith<A> for WithoutLength {}

impl<A: ByteArray> KeyEncode for Fixed<A> {
    const IS_EMPTY: bool = A::LEN == 0;

    #[inline]
    fn encode_key(&self, sink: &mut Sink<'_>) {
        WithoutLength::encode(&self.0, sink);
    }

    #[inline]
    fn encoded_key_len(&self) -> usize {
        A::LEN
    }

    #[inline]
    fn key_cmp(&self, other: &Self) -> Ordering {
        WithoutLength::cmp(&self.0, &other.0)
    }

    fn describe_key(describer: &mut Describer) -> Descriptor {
        <WithoutLength as EncodeWith<A>>::describe(describer)
    }
}

impl<'de, A: ByteArray> KeyDecode<'de> for Fixed<A> {
    #[inline]
    fn decode_key(source: &mut Source<'de>) -> Result<Self, DecodeError> {
        WithoutLength::decode(source).map(Self)
    }
}

impl<A: ByteArray> SelfDelimiting for Fixed<A> {}
impl<A: ByteArray> StoreKey for Fixed<A> {}
impl<A: ByteArray + Ord> OrderPreserving for Fixed<A> {}
