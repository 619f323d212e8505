//! Markers, which are additional guarantees of key and payload types.

use super::key::Key;
use super::key_ref::KeyRef;
use super::key_traits::KeyEncode;
use super::payload_traits::PayloadEncode;

/// A key type for which no value's bytes are a prefix of another value's bytes.
///
/// Other parts may follow such a value in a key, and it may be an element of a sequence. A [`Key`] is
/// not self-delimiting and can only be the last part of another key.
///
/// ```
/// use persist_core::codec::SelfDelimiting;
/// use persist_core::{Key, KeyEncode};
///
/// fn may_be_followed<T: SelfDelimiting>() {}
///
/// #[derive(KeyEncode)]
/// struct Channel { name: String, epoch: i64 }
/// may_be_followed::<(Channel, Option<u64>)>();
///
/// /// Its last field takes all remaining bytes, so nothing may follow it.
/// #[derive(KeyEncode)]
/// struct Within { channel: Channel, rest: Key }
/// ```
///
/// ```compile_fail
/// # use persist_core::codec::SelfDelimiting;
/// # use persist_core::{Key, KeyEncode};
/// fn may_be_followed<T: SelfDelimiting>() {}
/// may_be_followed::<Key>();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not delimit itself: nothing may follow it in a key",
    label = "does not delimit itself",
    note = "`#[derive(KeyEncode)]` makes a type of your own delimit itself, unless it ends in an open part, such as a `Key`",
    note = "a last field can be marked `#[key(tail)]`; `key!` joins raw bytes",
    note = "if a type parameter asks for it, `#[key(bound = \"…\")]` replaces its bounds"
)]
pub trait SelfDelimiting: KeyEncode {}

/// A payload type for which no value's bytes are a prefix of another value's bytes, so other parts may follow it.
///
/// [`Key`] and [`Payload`](crate::encoding::Payload), which are written verbatim, are not.
///
/// ```
/// use persist_core::codec::SelfDelimitingPayload;
/// use persist_core::PayloadEncode;
///
/// fn may_be_followed<T: SelfDelimitingPayload>() {}
///
/// #[derive(PayloadEncode)]
/// struct Message { sender: String, body: Vec<u8> }
/// may_be_followed::<(Message, String)>();
///
/// /// A stored value may end before its last field, so nothing may follow.
/// #[derive(PayloadEncode)]
/// struct Grown { message: Message, #[payload(default)] mood: Option<String> }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not delimit itself: nothing may follow it in a payload",
    label = "does not delimit itself",
    note = "`#[derive(PayloadEncode)]` makes a type of your own delimit itself, unless it ends in an open part: a `Payload`, or a field with `default`",
    note = "a last field can be marked `#[payload(tail)]`",
    note = "if a type parameter asks for it, `#[payload(bound = \"…\")]` replaces its bounds"
)]
pub trait SelfDelimitingPayload: PayloadEncode {}

/// A type that the store's methods accept as a whole key.
///
/// These are derived types, [`Key`], [`KeyRef`], text, numbers, `bool`, `char`,
/// times, dates, addresses, `Uuid`, `Lex`, `Shortlex`, `Total` and `Fixed`, tuples of key types, and options, results,
/// `Reverse`, wrappers and pointers of store keys.
///
/// Bytes are not a store key, since they could be meant either raw or encoded with their length. Neither are other sequences,
/// sets and maps. In a tuple they are always encoded.
///
/// An integer literal without a suffix is an `i32`. In a tuple or a range it has to be written with the type of the field, such as
/// `("general", 7u64)`; a derived key always has the right type.
///
/// ```
/// use persist_core::{Key, KeyEncode, StoreKey, key};
///
/// fn key_of(key: impl StoreKey) -> Key {
///     key.to_key()
/// }
///
/// assert_eq!(key_of(("general", 7i64)), key!("general", 7i64));
/// assert_eq!(key_of(Key::from_bytes([1, 2])).as_bytes(), [1, 2]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not accepted as a key",
    label = "not a store key",
    note = "for raw bytes: `Key::from_bytes(bytes)`; for encoded bytes: `key!(value)`",
    note = "for a byte array without its length, such as a hash of type `[u8; 32]`: `Fixed(array)`",
    note = "for a type of your own: `#[derive(KeyEncode)]`"
)]
pub trait StoreKey: KeyEncode {}

/// A key type whose `Ord` is the order of its keys, so that a range of values is a range of keys.
///
/// Integers, `bool`, `char`, times, addresses, [`Key`], and options, results, arrays and tuples of such
/// types are order-preserving. Text, `Vec`, sets, maps and floats are not: in keys, shorter text sorts first.
///
/// ```
/// use persist_core::{KeyEncode, KeyOrd, Lex, OrderPreserving};
///
/// fn may_be_a_range<T: OrderPreserving>() {}
///
/// /// `ordered` claims it, and each field is checked.
/// #[derive(KeyEncode, PartialEq, Eq, PartialOrd, Ord)]
/// #[key(ordered)]
/// struct Reading { #[key(lex)] sensor: String, epoch: i64 }
///
/// /// `KeyOrd` derives `Ord` from the order of the keys.
/// #[derive(KeyEncode, KeyOrd)]
/// struct Place { name: String, height: f64 }
///
/// may_be_a_range::<(Reading, Place, Lex<String>)>();
/// ```
#[diagnostic::on_unimplemented(
    message = "the order of `{Self}` is not the order of its keys, so a range of its values is not a range of keys",
    label = "no typed ranges over this",
    note = "text and sequences sort by length first, and floats have no `Ord`: give the bounds as keys, `key!(from)..key!(to)`, to range over the order of the bytes",
    note = "in a field of a key, text with `#[key(lex)]` and floats in `Total` are in order",
    note = "for a type of your own, `#[derive(KeyOrd)]` makes its `Ord` the order of its keys, and `#[key(ordered)]` claims that it is"
)]
pub trait OrderPreserving: KeyEncode + Ord {
    /// Checks the types of a derived type's fields at compile time.
    #[doc(hidden)]
    #[inline]
    fn __check_order_of_fields() {}
}

impl StoreKey for Key {}
impl OrderPreserving for Key {}
impl StoreKey for KeyRef<'_> {}
impl OrderPreserving for KeyRef<'_> {}
