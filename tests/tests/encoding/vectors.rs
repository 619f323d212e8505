//! Bytes that the original encoder wrote, which this encoder writes for the same values.
//!
//! There are three exceptions: the original writes the length 65,535 as `FF FF`, where this format has its long form
//! (see `persist-core/src/guide/encoding.md`).

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::LazyLock;

use super::interpreter::{encode, text, unhex};
use persist_core::{
    Key, KeyDecode, KeyEncode, Payload, PayloadDecode, PayloadEncode, key, payload,
};
use persist_tests::adversarial::{Header, Marker, Message, Mood, Pair};
use serde_json::Value;

const OF_LENGTH_65_535: [&str; 3] = ["str/len-65535", "bytes/rnd-65535", "payload/str-65535"];

struct Vector {
    name: String,
    function: String,
    json: Value,
    bytes: Vec<u8>,
}

impl Vector {
    fn is_range(&self) -> bool {
        self.function == "prefixRange"
    }

    fn encode<P: super::interpreter::Parts + Default>(&self) -> P {
        encode(text(&self.json["type"]), &self.json["value"])
    }
}

static VECTORS: LazyLock<Vec<Vector>> = LazyLock::new(|| {
    let lines = include_str!("../../data/golden.jsonl").lines();
    lines
        .map(|line| {
            let json: Value = serde_json::from_str(line).expect("a JSON object a line");
            Vector {
                name: text(&json["name"]).to_owned(),
                function: text(&json["fn"]).to_owned(),
                bytes: unhex(text(&json["hex"])),
                json,
            }
        })
        .collect()
});

fn vector(name: &str) -> &'static Vector {
    VECTORS.iter().find(|vector| vector.name == name).expect("a vector of this name")
}

/// Returns whether the key and the payload of a vector differ from the original's bytes.
fn differing(vector: &Vector) -> bool {
    let (key, payload): (Key, Payload) = (vector.encode(), vector.encode());
    assert_eq!(key.as_bytes(), payload.as_bytes(), "{} in keys and payloads", vector.name);
    key.as_bytes() != vector.bytes
}

#[test]
fn vectors_are_195_with_unique_names() {
    assert_eq!(VECTORS.len(), 195);
    let names: BTreeSet<&str> = VECTORS.iter().map(|vector| vector.name.as_str()).collect();
    assert_eq!(names.len(), 195);
    for function in ["toKey", "toPayload", "key", "payload", "prefixRange"] {
        assert!(VECTORS.iter().any(|vector| vector.function == function), "{function}");
    }
}

#[test]
fn all_vectors_but_three_have_the_bytes_of_the_original() {
    let (ranges, values): (Vec<_>, Vec<_>) = VECTORS.iter().partition(|vector| vector.is_range());
    let differing: Vec<&str> = values
        .iter()
        .filter(|vector| differing(vector))
        .map(|vector| vector.name.as_str())
        .collect();
    assert_eq!(differing, OF_LENGTH_65_535);
    assert_eq!(ranges.len() + values.len() - differing.len(), 192);
}

#[test]
fn vectors_of_length_65_535_differ_only_in_the_long_form() {
    for name in OF_LENGTH_65_535 {
        let vector = vector(name);
        let [0xFF, 0xFF, body @ ..] = &vector.bytes[..] else { panic!("{name} begins with FF FF") };
        assert_eq!(body.len(), 65_535, "{name}");
        let long_form = [b"\xFF\xFF\0\0\0\0\0\0\xFF\xFF", body].concat();
        assert_eq!(vector.encode::<Key>().as_bytes(), long_form, "{name}");
        assert_eq!(vector.encode::<Payload>().as_bytes(), long_form, "{name}");
    }
}

#[test]
fn prefix_ranges_equal_those_of_the_original() {
    for vector in VECTORS.iter().filter(|vector| vector.is_range()) {
        let prefix: Key = vector.encode();
        let range = prefix.prefix_range();
        assert_eq!(range.start().as_bytes(), vector.bytes, "{}", vector.name);
        // The original represents an open end by an empty stop.
        let stop = range.stop().map(Key::as_bytes).unwrap_or_default();
        assert_eq!(stop, unhex(text(&vector.json["stop"])), "{}", vector.name);
        assert_eq!(vector.json["open_ended"], range.stop().is_none(), "{}", vector.name);
    }
}

/// Asserts that the value encodes to the vector's bytes and is read back from them.
#[track_caller]
fn assert_vector<T>(name: &str, value: &T)
where
    T: KeyEncode
        + PayloadEncode
        + for<'de> KeyDecode<'de>
        + for<'de> PayloadDecode<'de>
        + PartialEq
        + Debug,
{
    let bytes = &vector(name).bytes;
    assert_eq!(value.to_key().as_bytes(), bytes, "{name}");
    assert_eq!(value.to_payload().as_bytes(), bytes, "{name} as a payload");
    assert_eq!(&T::from_key_bytes(bytes).expect(name), value);
    assert_eq!(&T::from_payload_bytes(bytes).expect(name), value);
}

/// Asserts the same of parts joined with `key!` and `payload!`, which can't be read back as one type.
macro_rules! assert_parts_are_vector {
    ($name:literal, $($part:expr),*) => {
        let bytes = &vector($name).bytes;
        assert_eq!(key!($($part),*).as_bytes(), bytes, "{}", $name);
        assert_eq!(payload!($($part),*).as_bytes(), bytes, "{} as a payload", $name);
    };
}

fn header(sender: &str, epoch: i64) -> Header {
    Header { sender: sender.to_owned(), epoch }
}

fn message(header: Header, mood: Mood, body: &[u8]) -> Message {
    Message { header, mood, body: body.to_vec() }
}

#[test]
fn structs_have_the_bytes_of_their_vectors() {
    assert_vector("object/header", &header("alice", 5));
    assert_vector("object/header-zero", &header("", 0));
    assert_vector("object/msg", &message(header("alice", 9), Mood::Happy, &[0xAA, 0xBB, 0xCC]));
    assert_vector("object/msg-zero", &message(header("", 0), Mood::Calm, &[]));
    assert_vector("payload/msg", &message(header("alice", 7), Mood::Calm, &[1, 2, 3]));
    assert_vector("object/empty", &Marker);
    assert_vector("tuple/empty", &Marker);
    assert_vector("tuple/1", &Epoch(7));
    assert_vector("ntuple/coord", &header("a", 7));
    assert_vector("ntuple/epoch-seq", &Pair { left: 1i64, right: 7u64 });
    assert_vector(
        "object/inherited-derived-fields-first",
        &Pair { left: 7i64, right: "base".to_owned() },
    );
}

#[derive(Debug, PartialEq, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
struct Epoch(i64);

/// Every primitive of the original, and a key at the end.
#[derive(Debug, PartialEq, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
struct AllPrimitives {
    text: String,
    bytes: Vec<u8>,
    i8: i8,
    i16: i16,
    i32: i32,
    i64: i64,
    int: isize,
    u16: u16,
    u32: u32,
    u64: u64,
    flag: bool,
    byte: u8,
    char: u8,
    explicit: Explicit,
    key: Key,
}

#[derive(Debug, PartialEq, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
#[repr(i32)]
enum Explicit {
    A = 5,
    C = 1_000,
    D = 70_000,
}

#[derive(Debug, PartialEq, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
enum Negative {
    A = -1_000,
    B = -1,
    C,
}

#[test]
fn structs_of_all_primitives_have_the_bytes_of_their_vectors() {
    let mut all = AllPrimitives {
        text: "s\0t".to_owned(),
        bytes: vec![0, 0xFF],
        i8: -8,
        i16: -16,
        i32: -32,
        i64: -64,
        int: -1,
        u16: 16,
        u32: 32,
        u64: 64,
        flag: true,
        byte: 200,
        char: b'C',
        explicit: Explicit::C,
        key: key!("in", 1i64),
    };
    assert_vector("object/allprims", &all);
    all = AllPrimitives {
        text: "max".to_owned(),
        bytes: unhex("ae0941005c57e5fef5a0016854ec6b52bde6ada9"),
        i8: i8::MAX,
        i16: i16::MAX,
        i32: i32::MAX,
        i64: i64::MAX,
        int: isize::MAX,
        u16: u16::MAX,
        u32: u32::MAX,
        u64: u64::MAX,
        flag: true,
        byte: 0xFF,
        char: 0xFF,
        explicit: Explicit::D,
        key: Key::new(),
    };
    assert_vector("object/allprims-max", &all);
    all = AllPrimitives {
        text: String::new(),
        bytes: Vec::new(),
        i8: 0,
        i16: 0,
        i32: 0,
        i64: 0,
        int: 0,
        u16: 0,
        u32: 0,
        u64: 0,
        flag: false,
        byte: 0,
        char: 0,
        explicit: Explicit::A,
        key: Key::new(),
    };
    assert_vector("object/allprims-zero", &all);
}

#[test]
fn enums_have_the_bytes_of_their_vectors() {
    assert_vector("enum/Mood.moodCalm", &Mood::Calm);
    assert_vector("enum/Mood.moodHappy", &Mood::Happy);
    assert_vector("enum/Mood.moodAngry", &Mood::Angry);
    assert_vector("enum/Explicit.exD", &Explicit::D);
    assert_vector("enum/Negative.ngB", &Negative::B);
    assert_vector("enum/Negative.ngC", &Negative::C);
    assert_vector("tuple/enum", &(Mood::Happy, Negative::A, Explicit::D));
}

#[test]
fn tuples_have_the_bytes_of_their_vectors() {
    assert_vector("tuple/empty", &());
    assert_vector("tuple/1", &(7i64,));
    assert_vector("tuple/str-i64-u64", &("channel-42".to_owned(), -5i64, 9u64));
    assert_vector("tuple/empty-strs", &(String::new(), Box::<str>::default()));
    assert_vector("tuple/bytes-byte-char", &([1u8, 2, 3], 4u8, b'c'));
    assert_vector("tuple/nested", &(("a".to_owned(), 1i64), ("b".to_owned(), (2u64, true))));
    assert_vector("tuple/with-key", &("p".to_owned(), key!("a", 7i64)));
    assert_vector("ntuple/nest", &(("ln".to_owned(), -1i64), header("bob", 99), Mood::Angry));
    assert_vector(
        "object/deep-zero",
        &(message(header("", 0), Mood::Calm, &[]), (header("", 0), (0u16, false)), Key::new()),
    );
}

#[test]
fn single_values_have_the_bytes_of_their_vectors() {
    assert_vector("payload/unicode", &"日本".to_owned());
    assert_vector("str/nul-3", &"\0\0\0".to_owned());
    assert_vector("str/quotes", &"he said \"hi\" \\ 'x'".to_owned());
    assert_vector("bytes/deadbeef", &vec![0xDEu8, 0xAD, 0xBE, 0xEF]);
    assert_vector("bytes/array1", &[7u8]);
    assert_vector("i8/-2", &-2i8);
    assert_vector("i16/min", &i16::MIN);
    assert_vector("i32/min", &i32::MIN);
    assert_vector("i64/min", &i64::MIN);
    assert_vector("int/max", &isize::MAX);
    assert_vector("u16/max", &u16::MAX);
    assert_vector("u32/max", &u32::MAX);
    assert_vector("u64/256", &256u64);
    assert_vector("u64/256", &256usize);
    assert_vector("bool/false", &false);
    assert_vector("byte/128", &128u8);
    assert_vector("key/prebuilt", &key!("a", 7i64));
}

#[test]
fn keys_and_payloads_of_several_parts_have_the_bytes_of_their_vectors() {
    assert_parts_are_vector!("multi/str-i64", "channel-42", 1i64);
    assert_parts_are_vector!("multi/str-str-split-1", "ab", "c");
    assert_parts_are_vector!("multi/str-tuple", "ch", (1i64, 7u64));
    assert_parts_are_vector!(
        "multi/enum-object",
        Mood::Angry,
        message(header("z", 2), Mood::Calm, &[])
    );
    assert_parts_are_vector!("multi/prefix-embedded", "prefix", key!("a", 7i64));
    assert_parts_are_vector!("multi/bools", true, false, true, false);
    assert_parts_are_vector!("multi/bytes-bytes", [1u8, 2], *b"", vec![3u8]);
    assert_parts_are_vector!("multi/neg-pos", i64::MIN, i64::MAX);
    assert_parts_are_vector!("payload/multi-v1", "v1", 1i64, b"\xDE\xAD");
    assert_parts_are_vector!("payload/multi-obj", "v2", header("s", -1), Mood::Angry, true);
    assert_parts_are_vector!("ntuple/kvrow", key!("k", 1i64), [9u8, 8]);
    assert_parts_are_vector!("variant/rect", "r", Mood::Happy, 3u32, 4u32, false);
    assert_parts_are_vector!(
        "variant/txop-delete",
        "cat",
        Key::from_bytes(b"\0\x01k"),
        Mood::Happy
    );
}
