//! Rows of an old type, their reading by a new type, and the result in words.

use std::cmp::Ordering;
use std::fmt;

use persist_core::descriptor::{Descriptor, can_read};
use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

/// The cells of a row of the table after the change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cells {
    keys: Option<(Reading, Order, CanRead)>,
    payloads: Option<(Reading, CanRead)>,
}

impl Cells {
    /// Returns the cells of a change with several steps or directions, which must have the same cells.
    pub(crate) fn all<const N: usize>(each: [Self; N]) -> Self {
        let mut each = each.into_iter();
        let first = each.next().expect("a change");
        for other in each {
            assert_eq!(other, first);
        }
        first
    }
}

impl fmt::Display for Cells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.keys {
            Some((reading, order, _)) => write!(f, "{}, order {}", reading.word(), order.word())?,
            None => f.write_str("–")?,
        }
        f.write_str(" | ")?;
        f.write_str(self.payloads.map_or("–", |(reading, _)| reading.word()))?;
        let (key, payload) = (self.keys.map(|(.., can)| can), self.payloads.map(|(_, can)| can));
        let can = key.or(payload).expect("keys or payloads");
        assert_eq!(payload.unwrap_or(can), can, "keys and payloads differ");
        write!(f, " | {}", can.word())
    }
}

/// The result of reading the old rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    /// Each row has the intended value.
    Read,
    /// Some rows have the intended value, others return errors.
    Partly,
    /// Each row returns an error.
    Refused,
    /// At least one row has another value, without an error.
    Misread,
}

impl Reading {
    fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Partly => "partly",
            Self::Refused => "refused",
            Self::Misread => "**misread**",
        }
    }
}

/// Whether the new type sorts the values like the old type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Kept,
    Changed,
}

impl Order {
    fn word(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Changed => "changed",
        }
    }
}

/// The result of `can_read` for the two descriptors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CanRead {
    Equal,
    Noted,
    No,
}

impl CanRead {
    fn of(stored: &Descriptor, current: &Descriptor) -> Self {
        match can_read(stored, current) {
            Ok(changes) if changes.is_empty() => Self::Equal,
            Ok(_) => Self::Noted,
            Err(_) => Self::No,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Equal => "yes: no difference",
            Self::Noted => "yes, with a note",
            Self::No => "no",
        }
    }
}

/// Rows written by an old type.
pub(crate) struct Old {
    keys: Option<Stored>,
    payloads: Option<Stored>,
}

struct Stored {
    // They live as long as the test, so that a new type may borrow from them.
    rows: Vec<&'static [u8]>,
    shape: Descriptor,
}

impl Old {
    pub(crate) fn keys<T: KeyEncode>(values: &[T]) -> Self {
        let rows = values.iter().map(|value| leaked(value.to_key().as_bytes())).collect();
        Self { keys: Some(Stored { rows, shape: T::key_descriptor() }), payloads: None }
    }

    pub(crate) fn payloads<T: PayloadEncode>(values: &[T]) -> Self {
        let rows = values.iter().map(|value| leaked(value.to_payload().as_bytes())).collect();
        Self { keys: None, payloads: Some(Stored { rows, shape: T::payload_descriptor() }) }
    }

    pub(crate) fn both<T: KeyEncode + PayloadEncode>(values: &[T]) -> Self {
        Self { keys: Self::keys(values).keys, ..Self::payloads(values) }
    }

    /// Prepends the rows of an older type, which this type can read.
    pub(crate) fn after_rows_of(mut self, older: Self) -> Self {
        if let (Some(own), Some(older)) = (&mut self.payloads, older.payloads) {
            own.rows.splice(0..0, older.rows);
        }
        self
    }

    /// Returns the cells for reading the rows with a new type.
    pub(crate) fn read_by(&self, new: &New) -> Cells {
        let keys = self.keys.as_ref().zip(new.keys.as_ref());
        let payloads = self.payloads.as_ref().zip(new.payloads.as_ref());
        Cells {
            keys: keys.map(|(old, new)| {
                let can = CanRead::of(&old.shape, &new.shape);
                (reading(old, new), order(old, new), can)
            }),
            payloads: payloads
                .map(|(old, new)| (reading(old, new), CanRead::of(&old.shape, &new.shape))),
        }
    }
}

/// The reading by a new type, and the values that the old rows mean in it.
pub(crate) struct New {
    keys: Option<Reader>,
    payloads: Option<Reader>,
}

type ReadRows = Box<dyn Fn(&[&'static [u8]]) -> Vec<Option<bool>>>;

struct Reader {
    /// The encoding of each intended value by the new type, if there is one.
    meant: Vec<Option<Vec<u8>>>,
    /// Returns whether each row has the intended value; `None` for an error.
    read: ReadRows,
    shape: Descriptor,
}

impl New {
    pub(crate) fn keys<T>(meant: Vec<Option<T>>) -> Self
    where
        T: KeyEncode + KeyDecode<'static> + PartialEq + 'static,
    {
        let written = |value: &Option<T>| Some(value.as_ref()?.to_key().as_bytes().to_vec());
        let keys = Reader {
            meant: meant.iter().map(written).collect(),
            read: reader(meant, |row| T::from_key_bytes(row).ok()),
            shape: T::key_descriptor(),
        };
        Self { keys: Some(keys), payloads: None }
    }

    pub(crate) fn payloads<T>(meant: Vec<Option<T>>) -> Self
    where
        T: PayloadEncode + PayloadDecode<'static> + PartialEq + 'static,
    {
        let written = |value: &Option<T>| Some(value.as_ref()?.to_payload().into_bytes());
        let payloads = Reader {
            meant: meant.iter().map(written).collect(),
            read: reader(meant, |row| T::from_payload_bytes(row).ok()),
            shape: T::payload_descriptor(),
        };
        Self { keys: None, payloads: Some(payloads) }
    }

    pub(crate) fn both<T>(meant: Vec<Option<T>>) -> Self
    where
        T: KeyEncode + KeyDecode<'static> + PayloadEncode + PayloadDecode<'static>,
        T: PartialEq + Clone + 'static,
    {
        Self { keys: Self::keys(meant.clone()).keys, ..Self::payloads(meant) }
    }
}

fn reader<T: PartialEq + 'static>(
    meant: Vec<Option<T>>,
    decode: fn(&'static [u8]) -> Option<T>,
) -> ReadRows {
    Box::new(move |rows| {
        assert_eq!(rows.len(), meant.len(), "each row means one value, or none");
        let rows = rows.iter().zip(&meant);
        rows.map(|(row, meant)| decode(row).map(|value| meant.as_ref() == Some(&value))).collect()
    })
}

fn leaked(bytes: &[u8]) -> &'static [u8] {
    bytes.to_vec().leak()
}

fn reading(old: &Stored, new: &Reader) -> Reading {
    let read = (new.read)(&old.rows);
    let any = |outcome| read.contains(&outcome);
    match (any(Some(true)), any(None), any(Some(false))) {
        (.., true) => Reading::Misread,
        (true, true, _) => Reading::Partly,
        (true, false, _) => Reading::Read,
        (false, ..) => Reading::Refused,
    }
}

fn order(old: &Stored, new: &Reader) -> Order {
    let rows: Vec<_> = old
        .rows
        .iter()
        .zip(&new.meant)
        .filter_map(|(old, new)| Some((old, new.as_ref()?)))
        .collect();
    assert!(rows.len() > 1, "an order takes two values");
    for (old, new) in &rows {
        for (other_old, other_new) in &rows {
            if old.cmp(other_old) == Ordering::Less && new.cmp(other_new) == Ordering::Greater {
                return Order::Changed;
            }
        }
    }
    Order::Kept
}

/// Defines the rows of an old type by its items and values. A word before them limits them to keys or payloads.
macro_rules! old {
    (keys { $($item:item)+ } $($value:expr),+ $(,)?) => {{
        $(#[derive(::persist_core::KeyEncode, ::persist_core::KeyDecode)] $item)+
        $crate::evolution::case::Old::keys(&[$($value),+])
    }};
    (payloads { $($item:item)+ } $($value:expr),+ $(,)?) => {{
        $(#[derive(::persist_core::PayloadEncode, ::persist_core::PayloadDecode)] $item)+
        $crate::evolution::case::Old::payloads(&[$($value),+])
    }};
    ({ $($item:item)+ } $($value:expr),+ $(,)?) => {{
        $(#[derive(
            ::persist_core::KeyEncode, ::persist_core::KeyDecode,
            ::persist_core::PayloadEncode, ::persist_core::PayloadDecode,
        )] $item)+
        $crate::evolution::case::Old::both(&[$($value),+])
    }};
}

/// Defines a new type by its items and the values that the old rows mean in it, each `Some` value or `None`.
macro_rules! new {
    (keys { $($item:item)+ } $($value:expr),+ $(,)?) => {{
        $(#[derive(::persist_core::KeyEncode, ::persist_core::KeyDecode, Clone, PartialEq)] $item)+
        $crate::evolution::case::New::keys(vec![$($value),+])
    }};
    (payloads { $($item:item)+ } $($value:expr),+ $(,)?) => {{
        $(#[derive(::persist_core::PayloadEncode, ::persist_core::PayloadDecode, Clone, PartialEq)] $item)+
        $crate::evolution::case::New::payloads(vec![$($value),+])
    }};
    ({ $($item:item)+ } $($value:expr),+ $(,)?) => {{
        $(#[derive(
            ::persist_core::KeyEncode, ::persist_core::KeyDecode,
            ::persist_core::PayloadEncode, ::persist_core::PayloadDecode,
            Clone, PartialEq,
        )] $item)+
        $crate::evolution::case::New::both(vec![$($value),+])
    }};
}

pub(crate) use {new, old};
