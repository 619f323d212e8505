//! The laws that a key type must obey, each as a check of values. `sort_order_tests!` checks them with random values.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt::{self, Debug};
use core::marker::PhantomData;

use crate::encoding::base::error::DecodeError;
use crate::encoding::base::sink::Sink;
use crate::encoding::model::key::Key;
use crate::encoding::model::key_traits::{KeyDecode, KeyEncode};
use crate::encoding::model::markers::{OrderPreserving, SelfDelimiting};

/// An error for values that break a law of keys. It contains the law, the observation, and the values with their bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenLaw {
    law: &'static str,
    found: String,
    /// Each value as `Debug` shows it, and its bytes.
    values: Vec<(String, Key)>,
}

impl BrokenLaw {
    /// Returns the law as a sentence.
    pub fn law(&self) -> &'static str {
        self.law
    }
}

impl fmt::Display for BrokenLaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, but {}", self.law, self.found)?;
        self.values.iter().try_for_each(|(value, key)| write!(f, "\n  {value}\n    = {key}"))
    }
}

impl core::error::Error for BrokenLaw {}

/// The result of a check.
type Checked = Result<(), BrokenLaw>;

/// A change to encoded bytes, after which they may or may not be a valid encoding.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    /// The position of the change, modulo the length plus one.
    pub place: usize,
    /// The byte of the change.
    pub byte: u8,
}

impl Change {
    /// Returns `bytes` with the byte at the position replaced, xored, inserted and removed, and with everything from the position
    /// on cut off. Results equal to `bytes` are left out.
    fn of(self, bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
        let (front, back) = bytes.split_at(self.place % (bytes.len() + 1));
        let (old, behind) = match back.split_first() {
            Some((old, behind)) => (*old, behind),
            None => (0, back),
        };
        [
            [front, &[self.byte], behind].concat(),
            [front, &[old ^ self.byte], behind].concat(),
            [front, &[self.byte], back].concat(),
            [front, behind].concat(),
            front.to_vec(),
        ]
        .into_iter()
        .filter(move |changed| changed != bytes)
    }
}

/// The laws of keys for one type.
///
/// If the type lacks a trait that a law needs, the law's method is the one of [`Unclaimed`], which checks nothing.
#[derive(Debug)]
pub struct Laws<T>(PhantomData<T>);

impl<T: KeyEncode + Debug> Laws<T> {
    /// Checks that `key_cmp` compares as the bytes do, in both directions, and returns equal only for equal bytes.
    ///
    /// # Errors
    ///
    /// If the values break the law.
    pub fn key_cmp_is_the_order_of_the_bytes(left: &T, right: &T) -> Checked {
        const LAW: &str = "key_cmp is the order of the bytes";
        for (left, right) in [(left, right), (right, left), (left, left)] {
            let (found, bytes) = (left.key_cmp(right), left.to_key().cmp(&right.to_key()));
            let wrong = || format!("it says {found:?} where the bytes say {bytes:?}");
            hold(LAW, found == bytes, &[left, right], wrong)?;
        }
        Ok(())
    }

    /// Checks that `encoded_key_len` is the number of bytes.
    ///
    /// # Errors
    ///
    /// If the value breaks the law.
    pub fn encoded_key_len_is_exact(value: &T) -> Checked {
        const LAW: &str = "encoded_key_len is the number of bytes";
        let (found, bytes) = (value.encoded_key_len(), value.to_key().len());
        hold(LAW, found == bytes, &[value], || format!("it says {found} where there are {bytes}"))
    }

    /// Checks that a value's bytes are the same in every kind of sink and after other bytes.
    ///
    /// # Errors
    ///
    /// If the values break the law.
    pub fn bytes_are_the_same_behind_others(value: &T, other: &T) -> Checked {
        const LAW: &str = "what is written before changes nothing";
        let (before, bytes) = (other.to_key(), value.to_key());
        let expected = Key::from_bytes([before.as_bytes(), bytes.as_bytes()].concat());
        let mut key = before.clone();
        value.encode_key(&mut Sink::key(&mut key));
        let mut buffer = before.into_bytes();
        value.encode_key(&mut Sink::new(&mut buffer));
        for found in [key, Key::from_bytes(buffer)] {
            let wrong = || format!("the first behind the second gives {found}");
            hold(LAW, found == expected, &[value, other], wrong)?;
        }
        Ok(())
    }
}

impl<T: SelfDelimiting + Debug> Laws<T> {
    /// Checks that no value's bytes are a prefix of another value's bytes.
    ///
    /// # Errors
    ///
    /// If the values break the law.
    pub fn no_bytes_begin_others(left: &T, right: &T) -> Checked {
        const LAW: &str = "no bytes of a self-delimiting type begin others of it";
        let (left_key, right_key) = (left.to_key(), right.to_key());
        let begins = left_key != right_key
            && (left_key.as_bytes().starts_with(right_key.as_bytes())
                || right_key.as_bytes().starts_with(left_key.as_bytes()));
        hold(LAW, !begins, &[left, right], || "one of these begins the other".into())
    }
}

impl<T: SelfDelimiting + for<'de> KeyDecode<'de> + Debug> Laws<T> {
    /// Checks that a value can be decoded in front of another, whose bytes then remain.
    ///
    /// # Errors
    ///
    /// If the values break the law.
    pub fn is_decoded_in_front_of_others(value: &T, other: &T) -> Checked {
        const LAW: &str = "a self-delimiting value is decoded in front of others";
        let (key, tail) = (value.to_key(), other.to_key());
        let joined = [key.as_bytes(), tail.as_bytes()].concat();
        let (read, rest) = match T::from_key_prefix(&joined) {
            Ok(decoded) => decoded,
            Err(error) => return hold(LAW, false, &[value, other], || error.to_string()),
        };
        let same = read.to_key() == key && rest == tail.as_bytes();
        let wrong = || format!("{read:?} was read, and {} was left", Key::from_bytes(rest));
        hold(LAW, same, &[value, other], wrong)
    }
}

impl<T: KeyEncode + for<'de> KeyDecode<'de> + Debug> Laws<T> {
    /// Checks that an encoded value is decoded to a value with the same bytes.
    ///
    /// # Errors
    ///
    /// If the value breaks the law.
    pub fn is_decoded_to_the_same_key(value: &T) -> Checked {
        const LAW: &str = "what is encoded is decoded to the same key";
        let key = value.to_key();
        let read = match key.decode::<T>() {
            Ok(read) => read,
            Err(error) => return hold(LAW, false, &[value], || error.to_string()),
        };
        hold(LAW, read.to_key() == key, &[value, &read], || "the second was read".into())?;
        Self::key_cmp_is_the_order_of_the_bytes(value, &read)
    }

    /// Checks that if changed bytes can be decoded, the resulting value is encoded to the same bytes.
    ///
    /// The resulting value is close to `value`, so other laws are checked with the two as well.
    ///
    /// # Errors
    ///
    /// If this or another law is broken.
    pub fn what_is_decoded_is_encoded_to_the_same_bytes(value: &T, change: Change) -> Checked {
        const LAW: &str = "what is decoded is encoded to the same bytes";
        for bytes in change.of(value.to_key().as_bytes()) {
            let read: Result<T, DecodeError> = T::from_key_bytes(&bytes);
            let Ok(read) = read else { continue };
            let wrong = || format!("this was decoded from {}", Key::from_bytes(&bytes));
            hold(LAW, read.to_key().as_bytes() == bytes, &[&read], wrong)?;
            Self::key_cmp_is_the_order_of_the_bytes(value, &read)?;
            Self::encoded_key_len_is_exact(&read)?;
        }
        Ok(())
    }
}

impl<T: OrderPreserving + Debug> Laws<T> {
    /// Checks that `Ord`, `PartialOrd` and `PartialEq` compare as the keys do.
    ///
    /// # Errors
    ///
    /// If the values break the law.
    pub fn ord_is_the_order_of_the_keys(left: &T, right: &T) -> Checked {
        const LAW: &str = "Ord of an order-preserving type is the order of the keys";
        for (left, right) in [(left, right), (right, left), (left, left)] {
            let bytes = left.to_key().cmp(&right.to_key());
            let (total, partial) = (left.cmp(right), left.partial_cmp(right));
            let same = total == bytes
                && partial == Some(bytes)
                && (left == right) == (bytes == Ordering::Equal);
            let wrong = || {
                let equal = if left == right { "equal" } else { "unequal" };
                format!(
                    "cmp says {total:?}, partial_cmp {partial:?} and == {equal} where the keys say {bytes:?}"
                )
            };
            hold(LAW, same, &[left, right], wrong)?;
        }
        Ok(())
    }
}

/// The laws that don't apply to a type, since it lacks a trait. Nothing is checked.
pub trait Unclaimed<T>: Sized {
    /// Called by `sort_order_tests!`, so that its import of this trait is used. No other trait has a method of this name.
    fn __persist_unclaimed() {}

    /// The type is not [`SelfDelimiting`].
    ///
    /// # Errors
    ///
    /// Never.
    fn no_bytes_begin_others(_: &T, _: &T) -> Checked {
        Ok(())
    }

    /// The type is not [`SelfDelimiting`], or has no [`KeyDecode`].
    ///
    /// # Errors
    ///
    /// Never.
    fn is_decoded_in_front_of_others(_: &T, _: &T) -> Checked {
        Ok(())
    }

    /// The type has no [`KeyDecode`].
    ///
    /// # Errors
    ///
    /// Never.
    fn is_decoded_to_the_same_key(_: &T) -> Checked {
        Ok(())
    }

    /// The type has no [`KeyDecode`].
    ///
    /// # Errors
    ///
    /// Never.
    fn what_is_decoded_is_encoded_to_the_same_bytes(_: &T, _: Change) -> Checked {
        Ok(())
    }

    /// The type is not [`OrderPreserving`].
    ///
    /// # Errors
    ///
    /// Never.
    fn ord_is_the_order_of_the_keys(_: &T, _: &T) -> Checked {
        Ok(())
    }
}

impl<T> Unclaimed<T> for Laws<T> {}

/// Returns an error for a law unless it holds.
fn hold<T: KeyEncode + Debug>(
    law: &'static str,
    holds: bool,
    values: &[&T],
    found: impl FnOnce() -> String,
) -> Checked {
    if holds {
        return Ok(());
    }
    let values = values.iter().map(|value| (format!("{value:?}"), value.to_key())).collect();
    Err(BrokenLaw { law, found: found(), values })
}
