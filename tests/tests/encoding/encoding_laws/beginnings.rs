//! `Lex::prefix`: among the keys of a type, exactly those begin with it whose values do.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use persist_core::codec::LexEncode;
use persist_core::{KeyEncode, Lex, key};
use persist_tests::adversarial::Adversarial;
use persist_tests::laws::{check, every};
use proptest::prelude::*;
use proptest::sample::Index;

/// A type whose values can begin with others.
trait Beginning: Adversarial + LexEncode {
    fn begins_with(&self, beginning: &Self) -> bool;

    /// Returns a prefix of the value.
    fn beginning(&self, end: Index) -> Self;
}

macro_rules! text {
    ($($Text:ty)*) => {$(
        impl Beginning for $Text {
            fn begins_with(&self, beginning: &Self) -> bool {
                self.starts_with(&**beginning)
            }

            fn beginning(&self, end: Index) -> Self {
                let chars = self.chars().count();
                self.chars().take(end.index(chars + 1)).collect::<String>().into()
            }
        }
    )*};
}

text!(String Box<str> Arc<str>);

macro_rules! sequences {
    ($([$($generics:tt)*] $Sequence:ty;)*) => {$(
        impl<$($generics)*> Beginning for $Sequence {
            fn begins_with(&self, beginning: &Self) -> bool {
                let mut pairs = self.iter().zip(beginning.iter());
                beginning.len() <= self.len()
                    && pairs.all(|(left, right)| left.documented_cmp(right).is_eq())
            }

            fn beginning(&self, end: Index) -> Self {
                self.iter().take(end.index(self.len() + 1)).cloned().collect()
            }
        }
    )*};
}

sequences! {
    [T: Adversarial + persist_core::codec::SelfDelimiting] Vec<T>;
    [T: Adversarial + persist_core::codec::SelfDelimiting] VecDeque<T>;
    [T: Adversarial + persist_core::codec::SelfDelimiting] Box<[T]>;
    [] Bytes;
}

impl<T: Beginning> Beginning for Option<T> {
    fn begins_with(&self, beginning: &Self) -> bool {
        match (self, beginning) {
            (Some(whole), Some(beginning)) => whole.begins_with(beginning),
            _ => self.is_none() && beginning.is_none(),
        }
    }

    fn beginning(&self, end: Index) -> Self {
        self.as_ref().map(|whole| whole.beginning(end))
    }
}

fn key_begins_with_the_prefix_exactly_if_its_value_does<T: Beginning>() {
    check((T::values(), T::values(), any::<Index>()), |(left, right, end)| {
        let beginning = left.beginning(end);
        prop_assert!(left.begins_with(&beginning));
        let pairs =
            [(&left, &beginning), (&beginning, &left), (&right, &beginning), (&right, &left)];
        for (whole, beginning) in pairs {
            let begins = whole.begins_with(beginning);
            let (key, prefix) = (Lex(whole).to_key(), Lex::prefix(beginning));
            prop_assert_eq!(key.as_bytes().starts_with(prefix.as_bytes()), begins);
            prop_assert_eq!(prefix.prefix_range().contains(&key), begins);

            // As a part of a key, between other parts.
            let (key, prefix) = (key!(7u64, key, u64::MAX), key!(7u64, prefix));
            prop_assert_eq!(prefix.prefix_range().contains(&key), begins);
        }
        Ok(())
    });
}

every! { key_begins_with_the_prefix_exactly_if_its_value_does:
    text: String;
    boxed_text: Box<str>;
    shared_text: Arc<str>;
    option_of_text: Option<String>;
    bytes: Vec<u8>;
    bytes_of_bytes: Bytes;
    deque_of_bytes: VecDeque<u8>;
    boxed_bytes: Box<[u8]>;
    option_of_options_of_bytes: Option<Option<Vec<u8>>>;
    numbers: Vec<u64>;
    floats: Vec<f64>;
    units: Vec<()>;
    options: Box<[Option<bool>]>;
    sequence_of_text: VecDeque<String>;
    sequence_of_lexical_text: Vec<Lex<String>>;
    sequence_of_sequences: Vec<Vec<u8>>;
}
