//! What types promise beside being keys or payloads.

use super::{KeyEncode, PayloadEncode};

/// A key type none of whose values' bytes begin another value's bytes.
///
/// So such a value may stand before others in a key, and be an element of a sequence. An embedded
/// [`Key`](super::Key) is not self-delimiting and may only stand last.
///
/// ```
/// use persist_core::codec::SelfDelimiting;
/// use persist_core::{Key, KeyEncode};
///
/// fn may_stand_first<T: SelfDelimiting>() {}
///
/// #[derive(KeyEncode)]
/// struct Channel { name: String, epoch: i64 }
/// may_stand_first::<(Channel, Option<u64>)>();
///
/// /// It may be followed by any key, and so nothing may follow it.
/// #[derive(KeyEncode)]
/// struct Within { channel: Channel, rest: Key }
/// ```
///
/// ```compile_fail
/// # use persist_core::codec::SelfDelimiting;
/// # use persist_core::{Key, KeyEncode};
/// fn may_stand_first<T: SelfDelimiting>() {}
/// may_stand_first::<Key>();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not delimit itself: nothing may follow it in a key",
    label = "does not delimit itself",
    note = "a type of your own does by `#[derive(KeyEncode)]`, unless it ends in an open part (a `Key`, say)",
    note = "as a last field it is marked `#[key(tail)]`; `key!` joins bytes as they are",
    note = "if a type parameter asks for it, `#[key(bound = \"…\")]` replaces its bounds"
)]
pub trait SelfDelimiting: KeyEncode {}

/// A payload type that something may follow. [`Key`](super::Key) and [`Payload`](super::Payload) as they are don't have it.
///
/// ```
/// use persist_core::codec::SelfDelimitingPayload;
/// use persist_core::PayloadEncode;
///
/// fn may_stand_first<T: SelfDelimitingPayload>() {}
///
/// #[derive(PayloadEncode)]
/// struct Message { sender: String, body: Vec<u8> }
/// may_stand_first::<(Message, String)>();
///
/// /// A stored value may end before its last field, so nothing may follow.
/// #[derive(PayloadEncode)]
/// struct Grown { message: Message, #[payload(default)] mood: Option<String> }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not delimit itself: nothing may follow it in a payload",
    label = "does not delimit itself",
    note = "a type of your own does by `#[derive(PayloadEncode)]`, unless it ends in an open part (a `Payload`, or a field with `default`)",
    note = "as a last field it is marked `#[payload(tail)]`",
    note = "if a type parameter asks for it, `#[payload(bound = \"…\")]` replaces its bounds"
)]
pub trait SelfDelimitingPayload: PayloadEncode {}

/// A type that stands for a whole key when one is asked for: derived types, [`Key`](super::Key),
/// [`KeyRef`](super::KeyRef), text, numbers, `bool`, `char`, times, dates, addresses, `Uuid`, `Lex`, `Shortlex`, `Total` and
/// `Fixed`, tuples of key types, and options, results, `Reverse`, wrappers and pointers of such.
///
/// Bytes don't have it, since they could be meant in two ways, nor do other sequences, sets and maps; in a tuple they
/// are meant as a value.
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
    message = "`{Self}` is not taken as a key",
    label = "not a store key",
    note = "for bytes as they are: `Key::from_bytes(bytes)`; for encoded ones: `key!(value)`",
    note = "for a byte array without its length, such as a hash of type `[u8; 32]`: `Fixed(array)`",
    note = "for a type of your own: `#[derive(KeyEncode)]`"
)]
pub trait StoreKey: KeyEncode {}

/// A key type whose `Ord` is the order of its bytes, so that a range of values is a range of keys.
///
/// Integers, `bool`, `char`, times, addresses, [`Key`](super::Key), and options, results, arrays and tuples of such have
/// it. Text, `Vec`, sets, maps and floats don't: shorter text sorts first here.
///
/// ```
/// use persist_core::{KeyEncode, KeyOrd, Lex, OrderPreserving};
///
/// fn may_be_a_range<T: OrderPreserving>() {}
///
/// /// Claimed: each field is checked.
/// #[derive(KeyEncode, PartialEq, Eq, PartialOrd, Ord)]
/// #[key(ordered)]
/// struct Reading { #[key(lex)] sensor: String, epoch: i64 }
///
/// /// Made so: `Ord` is written from the order of the keys.
/// #[derive(KeyEncode, KeyOrd)]
/// struct Place { name: String, height: f64 }
///
/// may_be_a_range::<(Reading, Place, Lex<String>)>();
/// ```
#[diagnostic::on_unimplemented(
    message = "the order of `{Self}` is not the order of its keys, so a range of it would give other rows than it says",
    label = "no typed ranges over this",
    note = "text and sequences sort by length first, and floats have no `Ord`: give the bounds as keys, `key!(from)..key!(to)`, to range over the order of the bytes",
    note = "a type of your own has the order of its keys by `#[derive(KeyOrd)]`, or claims it by `#[key(ordered)]`"
)]
pub trait OrderPreserving: KeyEncode + Ord {
    /// Checks the types of a derived type's fields at compile time.
    #[doc(hidden)]
    #[inline]
    fn __check_order_of_fields() {}
}
