//! A case: one side doing one operation on one shape.

use std::hint::black_box;

use super::shape::{LexText, Message, Pair, Samples, Shape};
use super::side::{
    ByteByByte, Bytekey, Decodes, DecodesBorrowed, Encodes, Foundationdb, HandWritten,
    Memcomparable, Persist, Storekey,
};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Operation {
    Encode,
    Decode,
    Borrow,
}

impl Operation {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Encode => "encode",
            Self::Decode => "decode",
            Self::Borrow => "decode borrowed",
        }
    }
}

pub(crate) const HAND_WRITTEN: &str = "hand-written";
pub(crate) const PERSIST: &str = "persist";
pub(crate) const STOREKEY: &str = "storekey";
pub(crate) const MEMCOMPARABLE: &str = "memcomparable";
pub(crate) const FOUNDATIONDB: &str = "foundationdb-tuple";
pub(crate) const BYTEKEY: &str = "bytekey2";
pub(crate) const LENGTH_PREFIXED: &str = "length-prefixed";
pub(crate) const BYTE_BY_BYTE: &str = "byte by byte";

pub(crate) struct Case<'a> {
    pub(crate) shape: Shape,
    pub(crate) operation: Operation,
    pub(crate) side: &'static str,
    /// Calls the measured function this number of times.
    pub(crate) repeat: Box<dyn Fn(u64) + 'a>,
}

impl Case<'_> {
    /// Returns the id by which a child process is started with this case.
    pub(crate) fn id(&self) -> String {
        format!("{}/{}/{}", self.shape.name(), self.operation.name(), self.side)
    }
}

/// Returns all cases, with the sides of one shape and operation next to each other. The others are compared with the
/// first of them.
pub(crate) fn all(samples: &Samples) -> Vec<Case<'_>> {
    let mut cases = shape_sides!(samples);
    cases.extend(borrowing_sides(&samples.message));
    for (shape, text) in [
        (Shape::LexShort, &samples.lex_short),
        (Shape::LexLong, &samples.lex_long),
        (Shape::LexZeros, &samples.lex_zeros),
    ] {
        cases.extend(lex_sides(shape, text));
    }
    // Stable, so that the sides keep their order.
    cases.sort_by_key(|case| (case.operation as u8, case.shape as u8));
    cases
}

/// Returns a loop around a call that does nothing, which measures the cost of the loop.
pub(crate) fn empty(samples: &Samples) -> Case<'_> {
    encode::<Nothing, _>(Shape::Pair, "nothing", &samples.pair)
}

struct Nothing;

impl Encodes<Pair> for Nothing {
    #[inline(never)]
    fn encode(_: &Pair, _: &mut Vec<u8>) {
        // Without this the compiler would remove the empty call.
        black_box(());
    }
}

/// The sides of the shapes that all of them can write.
macro_rules! shape_sides {
    ($samples:ident) => {{
        let mut cases = Vec::new();
        shape_sides!(cases, Shape::Message, &$samples.message);
        shape_sides!(cases, Shape::Pair, &$samples.pair);
        shape_sides!(cases, Shape::Record, &$samples.record);
        shape_sides!(cases, Shape::Text, &$samples.text);
        // Its text ends only with the input, so it can be read back only at the end.
        cases.push(decode::<Bytekey, _>(Shape::Pair, BYTEKEY, &$samples.pair));
        cases.push(decode::<Bytekey, _>(Shape::Text, BYTEKEY, &$samples.text));
        cases
    }};
    ($cases:ident, $shape:expr, $value:expr) => {
        $cases.extend([
            encode::<HandWritten, _>($shape, HAND_WRITTEN, $value),
            encode::<Persist, _>($shape, PERSIST, $value),
            encode::<Storekey, _>($shape, STOREKEY, $value),
            encode::<Memcomparable, _>($shape, MEMCOMPARABLE, $value),
            encode::<Foundationdb, _>($shape, FOUNDATIONDB, $value),
            encode::<Bytekey, _>($shape, BYTEKEY, $value),
            decode::<HandWritten, _>($shape, HAND_WRITTEN, $value),
            decode::<Persist, _>($shape, PERSIST, $value),
            decode::<Storekey, _>($shape, STOREKEY, $value),
            decode::<Memcomparable, _>($shape, MEMCOMPARABLE, $value),
            decode::<Foundationdb, _>($shape, FOUNDATIONDB, $value),
        ])
    };
}
use shape_sides;

fn borrowing_sides(message: &Message) -> [Case<'_>; 4] {
    [
        borrow::<HandWritten>(HAND_WRITTEN, message),
        borrow::<Persist>(PERSIST, message),
        borrow::<Storekey>(STOREKEY, message),
        borrow::<Foundationdb>(FOUNDATIONDB, message),
    ]
}

/// The text with its length first comes first, since the marks compare with it.
fn lex_sides(shape: Shape, text: &LexText) -> [Case<'_>; 10] {
    [
        encode::<Persist, _>(shape, LENGTH_PREFIXED, &text.0),
        encode::<Persist, _>(shape, PERSIST, text),
        encode::<ByteByByte, _>(shape, BYTE_BY_BYTE, text),
        encode::<Storekey, _>(shape, STOREKEY, &text.0),
        encode::<Foundationdb, _>(shape, FOUNDATIONDB, &text.0),
        decode::<Persist, _>(shape, LENGTH_PREFIXED, &text.0),
        decode::<Persist, _>(shape, PERSIST, text),
        decode::<ByteByByte, _>(shape, BYTE_BY_BYTE, text),
        decode::<Storekey, _>(shape, STOREKEY, &text.0),
        decode::<Foundationdb, _>(shape, FOUNDATIONDB, &text.0),
    ]
}

fn encode<'a, S: Encodes<T>, T>(shape: Shape, side: &'static str, value: &'a T) -> Case<'a> {
    let repeat = move |count| {
        let mut out = Vec::with_capacity(4096);
        for _ in 0..count {
            out.clear();
            S::encode(black_box(value), black_box(&mut out));
        }
    };
    Case { shape, operation: Operation::Encode, side, repeat: Box::new(repeat) }
}

/// The decoded value is dropped in the loop: freeing belongs to the cost of the allocation.
fn decode<'a, S: Encodes<T> + Decodes<T>, T>(
    shape: Shape,
    side: &'static str,
    value: &'a T,
) -> Case<'a> {
    let repeat = move |count| {
        let mut bytes = Vec::new();
        S::encode(value, &mut bytes);
        for _ in 0..count {
            let decoded = S::decode(black_box(&bytes));
            black_box(&decoded);
        }
    };
    Case { shape, operation: Operation::Decode, side, repeat: Box::new(repeat) }
}

fn borrow<'a, S>(side: &'static str, value: &'a Message) -> Case<'a>
where
    S: Encodes<Message> + DecodesBorrowed,
{
    let repeat = move |count| {
        let mut bytes = Vec::new();
        S::encode(value, &mut bytes);
        for _ in 0..count {
            let decoded = S::decode_borrowed(black_box(&bytes));
            black_box(&decoded);
        }
    };
    let (shape, operation) = (Shape::Message, Operation::Borrow);
    Case { shape, operation, side, repeat: Box::new(repeat) }
}
