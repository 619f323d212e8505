use core::cmp::Ordering;

use crate::encoding::base::error::DecodeError;
use crate::encoding::base::sink::Sink;
use crate::encoding::base::source::Source;
use crate::encoding::descriptor::describer::Describer;
use crate::encoding::descriptor::shape::Descriptor;
use crate::encoding::model::codec::{DecodeWith, EncodeWith, SelfDelimitingWith};
use crate::encoding::model::impl_macros::same_in_payloads;
use crate::encoding::model::key_traits::{KeyDecode, KeyEncode};
use crate::encoding::model::markers::{OrderPreserving, SelfDelimiting, StoreKey};

/// A byte array that is encoded without its length, in exactly `N` bytes.
///
/// A plain `[u8; N]` is encoded with its length, as all sequences are. The attribute `fixed` has the same effect on a field.
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

/// A byte array, `[u8; N]`, which `Fixed` and the attribute `fixed` can encode.
///
/// The trait is sealed, since other types would guarantee neither the width nor the order.
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

    /// Returns the bytes.
    fn as_array_bytes(&self) -> &[u8];

    /// Takes the array from the beginning of `source`.
    ///
    /// # Errors
    ///
    /// If fewer bytes remain.
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

/// The codec of the attribute `fixed`.
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

same_in_payloads! { [A] Fixed<A>; }
impl<A: ByteArray> SelfDelimiting for Fixed<A> {}
impl<A: ByteArray> StoreKey for Fixed<A> {}
impl<A: ByteArray + Ord> OrderPreserving for Fixed<A> {}
