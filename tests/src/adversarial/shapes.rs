//! Derived types of every shape.
//!
//! A struct is ordered as the tuple of its fields, and an enum by the tag of the variant and then as the tuple of its
//! fields. The orders below follow from that alone.

use std::cmp::Ordering;
use std::collections::VecDeque;

use persist_core::{Key, KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};
use proptest::prelude::*;

use super::Adversarial;

/// A struct with named fields. The first one has any length.
#[derive(Clone, Debug, PartialEq, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct Header {
    /// Text before other fields.
    pub sender: String,
    /// A signed number.
    pub epoch: i64,
}

/// An enum without fields, whose tags count from zero.
#[derive(Clone, Copy, Debug, PartialEq, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub enum Mood {
    /// Tag 0.
    Calm,
    /// Tag 1.
    Happy,
    /// Tag 2.
    Angry,
}

/// A struct of derived types.
#[derive(Clone, Debug, PartialEq, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct Message {
    /// A struct in a struct.
    pub header: Header,
    /// An enum in a struct.
    pub mood: Mood,
    /// Bytes.
    pub body: Vec<u8>,
}

/// A struct without fields, which has no bytes.
#[derive(Clone, Debug, PartialEq, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct Marker;

/// A tuple struct of one field.
#[derive(Clone, Debug, PartialEq, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct Wrapper(pub u64);

/// A generic struct.
#[derive(Clone, Debug, PartialEq, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct Pair<A, B> {
    /// Compared first.
    pub left: A,
    /// Compared if the left sides are equal.
    pub right: B,
}

/// A generic tuple struct with an array of constant length.
#[derive(Clone, Debug, PartialEq, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct Labelled<T, const N: usize>(pub [u8; N], pub Option<T>);

/// An enum whose discriminants are negative, far apart and not in the order of declaration.
#[derive(Clone, Copy, Debug, PartialEq, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
#[repr(i64)]
pub enum Signed {
    /// Tag 70,000.
    High = 70_000,
    /// Tag -1,000.
    Low = -1_000,
    /// Tag -999, counted on.
    AfterLow,
    /// Tag -1.
    MinusOne = -1,
    /// Tag 0, counted on.
    Zero,
    /// The smallest possible tag.
    Least = i64::MIN,
    /// The largest possible tag.
    Most = i64::MAX,
}

/// An enum with variants of every kind.
#[derive(Clone, Debug, PartialEq, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub enum Event {
    /// No fields.
    Quiet,
    /// Named fields.
    Said {
        /// Text.
        by: String,
        /// A number.
        at: i64,
    },
    /// Unnamed fields.
    Moved(i8, i8),
    /// Another derived type behind a pointer.
    Came(Box<Option<Header>>),
    /// Parentheses without a field.
    Went(),
}

/// An enum with tags by attributes, and with counted discriminants between them.
#[derive(Clone, Debug, PartialEq, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub enum Retagged {
    /// Tag 5.
    #[key(tag = 5)]
    Late(u8),
    /// Tag 1: the tag before doesn't affect it.
    Middle {
        /// A flag.
        flag: bool,
    },
    /// Tag -5.
    #[key(tag = -5)]
    Early(String),
}

/// A generic enum.
#[derive(Clone, Debug, PartialEq, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub enum Either<A, B> {
    /// Tag 0.
    Left(A),
    /// Tag 1.
    Right(B),
}

/// A recursive type: through boxes and through a vector.
#[derive(Clone, Debug, PartialEq, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub enum Tree {
    /// The end of a branch.
    Leaf(u8),
    /// Two trees.
    Fork(Box<Tree>, Box<Tree>),
    /// Any number of trees.
    Bush(Vec<Tree>),
}

/// A field of every kind of type.
#[derive(Clone, Debug, PartialEq, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct Everything {
    numbers: (u8, u16, u32, u64, u128, usize),
    signed: (i8, i16, i32, i64, i128, isize),
    floats: (f32, f64),
    text: (String, Box<str>, char),
    bytes: (Vec<u8>, [u8; 2]),
    sequences: (Vec<Wrapper>, VecDeque<String>),
    options: (Option<Mood>, Option<Vec<Option<Marker>>>),
    enums: (Event, Signed),
    flag: bool,
}

/// A struct that ends in a key: no field may follow.
#[derive(Clone, Debug, PartialEq, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct Keyed {
    /// The field before the key.
    pub category: String,
    /// The key's raw bytes, to the end.
    pub key: Key,
}

/// A struct that borrows where possible.
#[derive(Clone, Debug, PartialEq, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct View<'a> {
    /// Borrowed text.
    pub sender: &'a str,
    /// Borrowed bytes.
    pub body: &'a [u8],
    /// A number, which is never borrowed.
    pub epoch: i64,
}

/// Implements values and order of a struct through the tuple of its fields.
macro_rules! as_tuples {
    ($([$($generics:tt)*] $Struct:ty { $($field:tt: $Field:ty),* })*) => {$(
        impl<$($generics)*> Adversarial for $Struct {
            fn values() -> BoxedStrategy<Self> {
                <($($Field,)*)>::values().prop_map(|fields| {
                    as_tuples!(@build fields, $($field)*)
                }).boxed()
            }

            fn documented_cmp(&self, other: &Self) -> Ordering {
                let [left, right] = [self, other].map(|value| ($(value.$field.clone(),)*));
                <($($Field,)*)>::documented_cmp(&left, &right)
            }
        }
    )*};
    (@build $fields:ident, $a:tt) => {{ let (a,) = $fields; Self { $a: a } }};
    (@build $fields:ident, $a:tt $b:tt) => {{ let (a, b) = $fields; Self { $a: a, $b: b } }};
    (@build $fields:ident, $a:tt $b:tt $c:tt) => {{
        let (a, b, c) = $fields;
        Self { $a: a, $b: b, $c: c }
    }};
    (@build $fields:ident, $a:tt $b:tt $c:tt $d:tt $e:tt $f:tt $g:tt $h:tt $i:tt) => {{
        let (a, b, c, d, e, f, g, h, i) = $fields;
        Self { $a: a, $b: b, $c: c, $d: d, $e: e, $f: f, $g: g, $h: h, $i: i }
    }};
}

as_tuples! {
    [] Header { sender: String, epoch: i64 }
    [] Message { header: Header, mood: Mood, body: Vec<u8> }
    [] Wrapper { 0: u64 }
    [A: Adversarial, B: Adversarial] Pair<A, B> { left: A, right: B }
    [T: Adversarial, const N: usize] Labelled<T, N> { 0: [u8; N], 1: Option<T> }
    [] Keyed { category: String, key: Key }
    [] Everything {
        numbers: (u8, u16, u32, u64, u128, usize),
        signed: (i8, i16, i32, i64, i128, isize),
        floats: (f32, f64),
        text: (String, Box<str>, char),
        bytes: (Vec<u8>, [u8; 2]),
        sequences: (Vec<Wrapper>, VecDeque<String>),
        options: (Option<Mood>, Option<Vec<Option<Marker>>>),
        enums: (Event, Signed),
        flag: bool
    }
}

impl Adversarial for Marker {
    fn values() -> BoxedStrategy<Self> {
        Just(Self).boxed()
    }

    fn documented_cmp(&self, _other: &Self) -> Ordering {
        Ordering::Equal
    }
}

impl Adversarial for Mood {
    fn values() -> BoxedStrategy<Self> {
        prop_oneof![Just(Self::Calm), Just(Self::Happy), Just(Self::Angry)].boxed()
    }

    fn documented_cmp(&self, other: &Self) -> Ordering {
        let tag = |mood: &Self| match mood {
            Self::Calm => 0,
            Self::Happy => 1,
            Self::Angry => 2,
        };
        tag(self).cmp(&tag(other))
    }
}

impl Adversarial for Signed {
    fn values() -> BoxedStrategy<Self> {
        use Signed::{AfterLow, High, Least, Low, MinusOne, Most, Zero};
        proptest::sample::select(vec![High, Low, AfterLow, MinusOne, Zero, Least, Most]).boxed()
    }

    fn documented_cmp(&self, other: &Self) -> Ordering {
        (*self as i64).cmp(&(*other as i64))
    }
}

impl Event {
    fn tag(&self) -> i64 {
        match self {
            Self::Quiet => 0,
            Self::Said { .. } => 1,
            Self::Moved(..) => 2,
            Self::Came(_) => 3,
            Self::Went() => 4,
        }
    }
}

impl Adversarial for Event {
    fn values() -> BoxedStrategy<Self> {
        prop_oneof![
            1 => Just(Self::Quiet),
            3 => <(String, i64)>::values().prop_map(|(by, at)| Self::Said { by, at }),
            3 => <(i8, i8)>::values().prop_map(|(x, y)| Self::Moved(x, y)),
            3 => <Box<Option<Header>>>::values().prop_map(Self::Came),
            1 => Just(Self::Went()),
        ]
        .boxed()
    }

    fn documented_cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Said { by, at }, Self::Said { by: other_by, at: other_at }) => {
                by.documented_cmp(other_by).then(at.documented_cmp(other_at))
            }
            (Self::Moved(x, y), Self::Moved(other_x, other_y)) => {
                x.documented_cmp(other_x).then(y.documented_cmp(other_y))
            }
            (Self::Came(who), Self::Came(other_who)) => who.documented_cmp(other_who),
            _ => self.tag().cmp(&other.tag()),
        }
    }
}

impl Retagged {
    fn tag(&self) -> i64 {
        match self {
            Self::Late(_) => 5,
            Self::Middle { .. } => 1,
            Self::Early(_) => -5,
        }
    }
}

impl Adversarial for Retagged {
    fn values() -> BoxedStrategy<Self> {
        prop_oneof![
            u8::values().prop_map(Self::Late),
            bool::values().prop_map(|flag| Self::Middle { flag }),
            String::values().prop_map(Self::Early),
        ]
        .boxed()
    }

    fn documented_cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Late(left), Self::Late(right)) => left.documented_cmp(right),
            (Self::Middle { flag: left }, Self::Middle { flag: right }) => {
                left.documented_cmp(right)
            }
            (Self::Early(left), Self::Early(right)) => left.documented_cmp(right),
            _ => self.tag().cmp(&other.tag()),
        }
    }
}

impl<A: Adversarial, B: Adversarial> Adversarial for Either<A, B> {
    fn values() -> BoxedStrategy<Self> {
        prop_oneof![A::values().prop_map(Self::Left), B::values().prop_map(Self::Right)].boxed()
    }

    fn documented_cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Left(left), Self::Left(right)) => left.documented_cmp(right),
            (Self::Right(left), Self::Right(right)) => left.documented_cmp(right),
            (Self::Left(_), Self::Right(_)) => Ordering::Less,
            (Self::Right(_), Self::Left(_)) => Ordering::Greater,
        }
    }
}

impl Tree {
    fn tag(&self) -> i64 {
        match self {
            Self::Leaf(_) => 0,
            Self::Fork(..) => 1,
            Self::Bush(_) => 2,
        }
    }
}

impl Adversarial for Tree {
    fn values() -> BoxedStrategy<Self> {
        let leaf = u8::values().prop_map(Self::Leaf);
        leaf.prop_recursive(4, 16, 3, |inner| {
            let boxed = inner.clone().prop_map(Box::new);
            prop_oneof![
                (boxed.clone(), boxed).prop_map(|(left, right)| Self::Fork(left, right)),
                proptest::collection::vec(inner, 0..=3).prop_map(Self::Bush),
            ]
        })
        .boxed()
    }

    fn documented_cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Leaf(left), Self::Leaf(right)) => left.documented_cmp(right),
            (Self::Fork(left, right), Self::Fork(other_left, other_right)) => {
                left.documented_cmp(other_left).then_with(|| right.documented_cmp(other_right))
            }
            (Self::Bush(left), Self::Bush(right)) => left.documented_cmp(right),
            _ => self.tag().cmp(&other.tag()),
        }
    }
}
