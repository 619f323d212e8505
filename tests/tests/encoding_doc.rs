//! The examples of `docs/encoding.md`, row by row.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::num::{NonZero, Wrapping};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use chrono::{DateTime, NaiveDate};
use jiff::Timestamp;
use jiff::civil::Date;
use persist_core::{KeyEncode, PayloadEncode, key};
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

/// The rows of the table that follows a heading of columns: their cells, without backquotes.
fn rows(header: &str) -> Vec<Vec<String>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/encoding.md");
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

#[test]
fn each_example_is_encoded_as_it_says() {
    let mut encoded = BTreeMap::new();
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
fn each_length_is_encoded_as_it_says() {
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
