//! The examples of `persist-core/src/guide/encoding.md`, row by row.

use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::convert::Infallible;
use std::fs;
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::num::{NonZero, Saturating, Wrapping};
use std::ops::{Bound, Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use jiff::Timestamp;
use jiff::civil::Date;
use persist_core::codec::{DecodeWith, EncodeWith, Sink, Source};
use persist_core::descriptor::Descriptor;
use persist_core::{
    DecodeError, Fixed, Key, KeyEncode, Lex, Payload, PayloadDecode, PayloadEncode, Shortlex,
    Total, key, payload,
};
use uuid::Uuid;

#[derive(KeyEncode, PayloadEncode)]
struct Pair {
    name: &'static str,
    count: u64,
}

#[derive(KeyEncode, PayloadEncode)]
enum Mood {
    Calm,
    Happy {
        since: i64,
    },
    #[key(tag = 7)]
    Angry,
    Sad,
}

#[derive(KeyEncode, PayloadEncode)]
struct Unit;

#[derive(KeyEncode, PayloadEncode)]
struct Meters(u64);

#[derive(KeyEncode, PayloadEncode)]
struct List {
    head: u8,
    tail: Option<Box<List>>,
}

#[derive(KeyEncode)]
struct Visit {
    #[key(lex)]
    room: &'static str,
    #[key(desc)]
    time: u64,
    #[key(fixed)]
    id: [u8; 2],
    #[key(skip)]
    #[allow(dead_code)] // That is what `skip` is for.
    cached: u64,
    #[key(desc, lex)]
    tags: Vec<u8>,
    #[key(with = "Narrow")]
    level: u32,
}

/// A codec for a number in four bytes.
struct Narrow;

impl EncodeWith<u32> for Narrow {
    fn encode(value: &u32, sink: &mut Sink<'_>) {
        sink.write(&value.to_be_bytes());
    }
}

impl DecodeWith<'_, u32> for Narrow {
    fn decode(source: &mut Source<'_>) -> Result<u32, DecodeError> {
        Ok(u32::from_be_bytes(source.array("a number in four bytes")?))
    }
}

impl persist_core::codec::SelfDelimitingWith<u32> for Narrow {}

#[derive(PayloadEncode, PayloadDecode, Debug)]
struct Grown {
    id: u8,
    #[payload(default)]
    note: String,
    #[payload(default)]
    done: bool,
}

/// Returns the rows of the table with this header: their cells, without backquotes.
fn rows(header: &str) -> Vec<Vec<String>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../persist-core/src/guide/encoding.md");
    let text = fs::read_to_string(file).unwrap();
    let table = text.lines().skip_while(|line| *line != header).skip(2);
    let rows = table.take_while(|line| line.starts_with('|'));
    let cell = |cell: &str| cell.trim().trim_matches('`').to_owned();
    rows.map(|row| row.trim_matches('|').split('|').map(cell).collect()).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(" ")
}

fn without_spaces(text: &str) -> String {
    text.split_whitespace().collect()
}

/// Returns the values that are only keys or only payloads, each with its bytes.
fn of_one_format() -> BTreeMap<String, String> {
    let mut encoded = BTreeMap::new();
    macro_rules! keys {
        ($($value:expr),* $(,)?) => {$(
            encoded.insert(without_spaces(stringify!($value)), hex($value.to_key().as_bytes()));
        )*};
    }
    macro_rules! payloads {
        ($($value:expr),* $(,)?) => {$(
            encoded.insert(without_spaces(stringify!($value)), hex($value.to_payload().as_bytes()));
        )*};
    }
    keys![
        Lex("a"),
        Lex("a\0b"),
        Lex(""),
        Lex(vec![0u8, 255]),
        Lex(vec![1u64]),
        Lex(vec!["a", ""]),
        Lex(vec![Lex("a")]),
        Lex(Vec::<u64>::new()),
        Lex(Some("a")),
        Lex::prefix("a\0"),
        Reverse(true),
        Reverse(1u64),
        Reverse("hi"),
        Reverse(Lex("a")),
        Shortlex("hi"),
        Total(-1.0f64),
        Fixed([1u8, 2]),
        Visit { room: "a", time: 1, id: [7, 8], cached: 9, tags: vec![0], level: 50 },
    ];
    payloads![
        (1u8, payload!("hi")),
        Grown { id: 7, note: "hi".into(), done: true },
        (1u8..3),
        ("a".."b"),
        (1u8..=3),
        (1u8..),
        (..3u8),
        (..=3u8),
        (..),
        Bound::Included(7u8),
        Bound::Excluded(7u8),
        Bound::<u8>::Unbounded,
    ];
    encoded
}

#[test]
fn documented_examples_have_their_bytes() {
    let mut encoded = of_one_format();
    macro_rules! values {
        ($($value:expr),* $(,)?) => {$({
            let key = $value.to_key();
            assert_eq!(key.as_bytes(), $value.to_payload().as_bytes());
            encoded.insert(without_spaces(stringify!($value)), hex(key.as_bytes()));
        })*};
    }
    values![
        0u8,
        255u8,
        false,
        true,
        1u16,
        258u32,
        u64::MAX,
        0i64,
        (-1i8),
        i64::MIN,
        1u128,
        (-1i128),
        1.0f32,
        (-1.0f64),
        0.0f64,
        (-0.0f64),
        'a',
        '€',
        "",
        "hi",
        "é",
        [0u8, 255],
        vec![1u64, 2],
        vec!["a", ""],
        BTreeSet::from(["b", "aa", ""]),
        BTreeMap::from([("b", 1u8), ("aa", 2)]),
        None::<u8>,
        Some(7u8),
        (),
        ("ch", 7i64),
        Pair { name: "x", count: 1 },
        Mood::Calm,
        Mood::Happy { since: -1 },
        Mood::Angry,
        Mood::Sad,
        Ok::<u8, bool>(7),
        Err::<u8, bool>(true),
        Ordering::Less,
        Ordering::Equal,
        Ordering::Greater,
        Ok::<u8, Infallible>(7),
        Wrapping(7u8),
        NonZero::<i64>::MIN,
        Duration::new(1, 2),
        UNIX_EPOCH,
        (UNIX_EPOCH - Duration::from_millis(1)),
        Ipv4Addr::LOCALHOST,
        Ipv6Addr::LOCALHOST,
        IpAddr::from(Ipv4Addr::LOCALHOST),
        IpAddr::from(Ipv6Addr::LOCALHOST),
        SocketAddrV4::new(Ipv4Addr::LOCALHOST, 80),
        SocketAddrV6::new(Ipv6Addr::LOCALHOST, 80, 1, 2),
        SocketAddr::from((Ipv4Addr::LOCALHOST, 80)),
        Uuid::from_u128(258),
        Bytes::from("hi"),
        Timestamp::new(-1, -1_000_000).unwrap(),
        Date::constant(1969, 12, 31),
        DateTime::from_timestamp(59, 1_500_000_000).unwrap(),
        NaiveDate::from_epoch_days(1).unwrap(),
        key!("ch", true),
        (1u8, key!("ch")),
        1usize,
        (-1isize),
        f64::INFINITY,
        f64::NAN,
        char::MAX,
        Cow::from("hi"),
        [1u64, 2],
        VecDeque::from([1u64]),
        Box::new(7u8),
        Saturating(7u8),
        Some(Some(7u8)),
        Some(None::<u8>),
        Some(()),
        PhantomData::<u8>,
        Unit,
        Meters(1),
        List { head: 1, tail: Some(Box::new(List { head: 2, tail: None })) },
    ];
    let rows = rows("| Value | Bytes |");
    for row in &rows {
        let value = without_spaces(&row[0]);
        // In code a negative literal needs parentheses before a call.
        let found = encoded.remove(&value).or_else(|| encoded.remove(&format!("({value})")));
        assert_eq!(found.as_deref(), Some(&*row[1]), "{value}");
    }
    assert!(encoded.is_empty(), "not in the document: {encoded:?}");
}

#[test]
fn documented_lengths_have_their_bytes() {
    let rows = rows("| Length | `len` |");
    assert_eq!(rows.len(), 4);
    for row in rows {
        let length: usize = row[0].parse().unwrap();
        let key = vec![7u8; length].to_key();
        let (written, bytes) = key.as_bytes().split_at(key.len() - length);
        assert_eq!(hex(written), row[1]);
        assert!(bytes.iter().all(|byte| *byte == 7));
    }
}

#[test]
fn documented_payloads_are_read_as_their_values() {
    let rows = rows("| Stored | Read as a `Grown` |");
    assert_eq!(rows.len(), 5);
    for row in rows {
        let bytes = row[0].split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap());
        let read = Grown::from_payload_bytes(&bytes.collect::<Vec<_>>())
            .map_or_else(|error| error.to_string(), |grown| format!("{grown:?}"));
        assert_eq!(read, row[1]);
    }
}

#[test]
fn documented_types_have_their_descriptors() {
    let mut described = BTreeMap::new();
    macro_rules! keys {
        ($($Type:ty),* $(,)?) => {$(
            described.insert(without_spaces(stringify!($Type)), <$Type>::key_descriptor());
        )*};
    }
    macro_rules! payloads {
        ($($Type:ty),* $(,)?) => {$(
            described.insert(without_spaces(stringify!($Type)), <$Type>::payload_descriptor());
        )*};
    }
    macro_rules! types {
        ($($Type:ty),* $(,)?) => {$(
            assert_eq!(<$Type>::key_descriptor(), <$Type>::payload_descriptor());
            keys![$Type];
        )*};
    }
    types![
        String,
        &str,
        Vec<u8>,
        [u8; 4],
        Bytes,
        bool,
        u8,
        usize,
        u128,
        isize,
        i128,
        NonZero<u32>,
        Wrapping<i8>,
        f32,
        f64,
        char,
        Key,
        Duration,
        SystemTime,
        Timestamp,
        DateTime<Utc>,
        Date,
        NaiveDate,
        IpAddr,
        Ipv4Addr,
        Ipv6Addr,
        SocketAddr,
        SocketAddrV4,
        SocketAddrV6,
        Uuid,
        Option<Box<i64>>,
        Result<u8, String>,
        Ordering,
        Infallible,
        Vec<u16>,
        [u16; 4],
        HashMap<String, u32>,
        BTreeSet<u16>,
        HashSet<u8>,
        (u8, String),
        (u8,),
        (),
        PhantomData<u8>,
        Pair,
        Mood,
        Unit,
        Meters,
        List,
    ];
    keys![
        Reverse<u64>,
        Lex<String>,
        Lex<Vec<u8>>,
        Lex<Vec<u64>>,
        Lex<Option<String>>,
        Shortlex<String>,
        Total<f64>,
        Fixed<[u8; 16]>,
        Visit,
    ];
    payloads![
        Payload,
        Grown,
        Range<u64>,
        RangeInclusive<u8>,
        RangeFrom<i64>,
        RangeTo<String>,
        RangeToInclusive<u8>,
        RangeFull,
        Bound<u64>,
    ];
    for row in rows("| Type | Descriptor |") {
        let found = described.remove(&without_spaces(&row[0]));
        let found = found.unwrap_or_else(|| panic!("no type for the row of {}", row[0]));
        assert_eq!(found.to_string(), row[1], "{}", row[0]);
        assert_eq!(row[1].parse::<Descriptor>().unwrap(), found);
    }
    assert!(described.is_empty(), "not in the document: {described:?}");
}
