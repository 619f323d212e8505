//! Prefixes of keys, and whole keys, as tuples of values for fields.

use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use super::argument::{Beginning, Whole};
use super::field::{KeyField, KeyFields};
use super::range::FieldRange;
use crate::encoding::base::sink::Sink;
use crate::encoding::model::key::Key;
use crate::encoding::model::key_range::KeyRange;
use crate::encoding::model::key_traits::KeyEncode;

/// The number of the field after a prefix.
#[derive(Debug)]
pub enum Next<const N: usize> {}

/// The first fields of a `K`: a tuple of up to 8 values, which may be empty.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a prefix of a `{K}`",
    label = "not the first fields of a `{K}`",
    note = "a prefix is a tuple of values for the first fields: `(a,)` for one, `(a, b)` for two"
)]
pub trait Prefix<K> {
    /// The field after the prefix: a [`Next`].
    type Rest;

    /// Writes the bytes of the fields.
    fn encode_prefix(&self, sink: &mut Sink<'_>);

    /// Returns the bytes of the fields.
    fn prefix_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.encode_prefix(&mut Sink::new(&mut bytes));
        bytes
    }
}

/// A key type, by the prefixes of its keys. Every key type is one.
///
/// A prefix is a tuple of values for the first fields of the key, which the compiler checks. The result is a range of keys for
/// scans, counts and deletes of ranges, and [`range`](Prefixed::range) narrows it by the next field:
///
/// ```
/// use persist_core::fields::KeyPrefix;
/// use persist_core::{KeyEncode, Memory, Persistency};
///
/// #[derive(KeyEncode)]
/// struct MessageKey { channel: String, epoch: i64, sequence: u64 }
///
/// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
/// for epoch in 0..10 {
///     let key = MessageKey { channel: "general".into(), epoch, sequence: 1 };
///     job.persist_put("msg", &key, b"hi");
/// }
/// let general = MessageKey::prefix(("general",));
/// assert_eq!(job.count("msg", general.range(3..=5)).wait()?, 3);
/// assert_eq!(job.count("msg", general).wait()?, 10);
/// assert_eq!(job.count("msg", MessageKey::prefix(("general", 7))).wait()?, 1);
/// # Ok::<(), persist_core::Error>(())
/// ```
///
/// A value for a field may be of the field's type, a reference to it, or for text and bytes a slice. A value of another type
/// does not compile:
///
/// ```compile_fail
/// use persist_core::KeyEncode;
/// use persist_core::fields::KeyPrefix;
///
/// #[derive(KeyEncode)]
/// struct MessageKey { channel: String, epoch: i64 }
///
/// MessageKey::prefix(("general", 7u64));
/// ```
pub trait KeyPrefix: KeyEncode + Sized {
    /// Returns the keys that begin with these fields.
    fn prefix<P: Prefix<Self>>(fields: P) -> Prefixed<Self, P::Rest> {
        Prefixed { bytes: Key::from_bytes(fields.prefix_bytes()), of: PhantomData }
    }
}

impl<K: KeyEncode> KeyPrefix for K {}

/// The keys of type `K` that begin with certain fields: returned by [`KeyPrefix::prefix`]. `R` is the field after them, a [`Next`].
pub struct Prefixed<K, R> {
    bytes: Key,
    of: PhantomData<fn() -> (K, R)>,
}

impl<K, R> Prefixed<K, R> {
    /// Returns the bytes of the fields, which all the keys begin with.
    pub fn key(&self) -> &Key {
        &self.bytes
    }

    /// Returns the range of the keys.
    pub fn keys(&self) -> KeyRange {
        KeyRange::prefix(&self.bytes)
    }
}

impl<K, const N: usize> Prefixed<K, Next<N>> {
    /// Returns the keys whose next field lies in a range.
    ///
    /// `..=k` includes every key whose field is `k`, whatever follows, and a range that excludes `k` as its start begins after
    /// all of them. A range of a `desc` field is a range of its values too: `3..=5` includes 3, 4 and 5. Text without `lex` has no
    /// ranges, since shorter text sorts first, nor has a field with a codec of its own.
    pub fn range(&self, range: impl FieldRange<K, N>) -> KeyRange {
        range.key_range(self.bytes.as_bytes())
    }

    /// Returns the keys whose next field, a `String` with the attribute `lex`, starts with a text.
    ///
    /// ```
    /// use persist_core::KeyEncode;
    /// use persist_core::fields::KeyPrefix;
    ///
    /// #[derive(KeyEncode)]
    /// struct Reading { room: u32, #[key(lex)] sensor: String, epoch: i64 }
    ///
    /// let key = Reading { room: 7, sensor: "door-2".into(), epoch: 1 }.to_key();
    /// assert!(Reading::prefix((7,)).starting_with("door").contains(&key));
    /// assert!(!Reading::prefix((8,)).starting_with("door").contains(&key));
    /// ```
    #[expect(clippy::needless_pass_by_value, reason = "a text is a reference, as for `range`")]
    pub fn starting_with<A>(&self, text: A) -> KeyRange
    where
        K: KeyField<N, A, Beginning>,
    {
        let mut bytes = Vec::from(self.bytes.as_bytes());
        K::encode_field(&text, &mut Sink::new(&mut bytes));
        KeyRange::prefix(&Key::from_bytes(bytes))
    }
}

impl<K, R> Clone for Prefixed<K, R> {
    fn clone(&self) -> Self {
        Self { bytes: self.bytes.clone(), of: PhantomData }
    }
}

impl<K, R> fmt::Debug for Prefixed<K, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Prefixed").field(&self.bytes).finish()
    }
}

/// A whole `K`: a reference to one, or a tuple of values for all its fields.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a whole `{K}`",
    label = "not a key of type `{K}`",
    note = "give a reference to the key, or a tuple of values for all its fields"
)]
pub trait KeyArgument<K> {
    /// Returns the key.
    fn whole_key(self) -> Key;
}

impl<K: KeyEncode> KeyArgument<K> for &K {
    fn whole_key(self) -> Key {
        self.to_key()
    }
}

impl<K> Prefix<K> for () {
    type Rest = Next<0>;

    fn encode_prefix(&self, _: &mut Sink<'_>) {}
}

macro_rules! prefixes {
    ($($len:literal: $($A:ident $index:tt)*;)*) => {$(
        impl<K, $($A),*> Prefix<K> for ($($A,)*)
        where
            $(K: KeyField<$index, $A, Whole>,)*
        {
            type Rest = Next<$len>;

            fn encode_prefix(&self, sink: &mut Sink<'_>) {
                $(<K as KeyField<$index, $A, Whole>>::encode_field(&self.$index, sink);)*
            }
        }

        impl<K: KeyFields<$len>, $($A),*> KeyArgument<K> for ($($A,)*)
        where
            Self: Prefix<K>,
        {
            fn whole_key(self) -> Key {
                Key::from_bytes(self.prefix_bytes())
            }
        }
    )*};
}

prefixes! {
    1: A 0;
    2: A 0 B 1;
    3: A 0 B 1 C 2;
    4: A 0 B 1 C 2 D 3;
    5: A 0 B 1 C 2 D 3 E 4;
    6: A 0 B 1 C 2 D 3 E 4 F 5;
    7: A 0 B 1 C 2 D 3 E 4 F 5 G 6;
    8: A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7;
}
