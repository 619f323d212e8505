use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::io::{BufRead, Error, Read, Result};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Codec, Library, check_ordered_types};
use crate::laws::domain::{Entry, Event, Mood};

pub(super) fn check(library: &mut Library) {
    check_ordered_types!(library, codec);
    library.check(&codec(f32::total_cmp));
    library.check(&codec(f64::total_cmp));
}

fn codec<T: Serialize + DeserializeOwned>(order: fn(&T, &T) -> Ordering) -> Codec<T> {
    Codec {
        encode: |value| bytekey2::serialize(value).map_err(|error| error.to_string()),
        decode: |bytes| {
            bytekey2::deserialize_from(Bounded::new(bytes)).map_err(|error| error.to_string())
        },
        order,
    }
}

/// A limit without which reading a sequence of text would never end: at the end of the input, and before bytes that are
/// not UTF-8, there is always one more empty text.
struct Bounded<'a> {
    rest: &'a [u8],
    reads_left: usize,
}

impl<'a> Bounded<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, reads_left: 1_000 + 16 * bytes.len() }
    }

    fn count_read(&mut self) -> Result<()> {
        let left = self.reads_left.checked_sub(1);
        self.reads_left = left.ok_or_else(|| Error::other("reading never ends"))?;
        Ok(())
    }
}

impl BufRead for Bounded<'_> {
    fn fill_buf(&mut self) -> Result<&[u8]> {
        self.count_read()?;
        self.rest.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.rest.consume(amount);
    }
}

impl Read for Bounded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        self.count_read()?;
        self.rest.read(buffer)
    }
}
