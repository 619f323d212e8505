//! Prefixes and ranges by the fields of a key, compared with the values that they stand for.

use std::ops::Bound::{self, Excluded, Included, Unbounded};

use persist_core::codec::{
    DecodeWith, EncodeWith, SelfDelimiting, SelfDelimitingWith, Sink, Source,
};
use persist_core::fields::{FieldRange, KeyArgument, KeyPrefix, Next, Prefix};
use persist_core::{
    DecodeError, Fixed, Key, KeyDecode, KeyEncode, KeyRange, Lex, Memory, Persistency, key,
};

#[derive(KeyEncode, KeyDecode, Debug, Clone)]
struct Ascending {
    a: u64,
    b: u64,
    c: u64,
}

#[derive(KeyEncode, KeyDecode, Debug, Clone)]
struct Descending {
    a: u64,
    #[key(desc)]
    b: u64,
    c: u64,
}

#[derive(KeyEncode, KeyDecode, Debug, Clone)]
struct Text {
    #[key(lex)]
    a: String,
    c: u64,
}

#[derive(KeyEncode, KeyDecode, Debug, Clone)]
struct DescendingText {
    #[key(lex, desc)]
    a: String,
    c: u64,
}

#[derive(KeyEncode, KeyDecode, Debug, Clone)]
struct Optional {
    a: Option<u64>,
    c: u64,
}

const NUMBERS: [u64; 6] = [0, 1, 7, 255, u64::MAX - 1, u64::MAX];
const TEXTS: [&str; 7] = ["", "a", "aa", "b", "a\0", "a\0b", "\u{10ffff}"];

fn bounds<T: Clone>(values: &[T]) -> Vec<Bound<T>> {
    let each = values.iter().flat_map(|value| [Included(value.clone()), Excluded(value.clone())]);
    [Unbounded].into_iter().chain(each).collect()
}

fn is_inside<T: PartialOrd>(from: &Bound<T>, to: &Bound<T>, value: &T) -> bool {
    let is_after = match from {
        Included(from) => value >= from,
        Excluded(from) => value > from,
        Unbounded => true,
    };
    let is_before = match to {
        Included(to) => value <= to,
        Excluded(to) => value < to,
        Unbounded => true,
    };
    is_after && is_before
}

/// Returns the range of the field after a prefix.
fn narrowed<K, P, const N: usize>(prefix: &P, range: impl FieldRange<K, N>) -> KeyRange
where
    P: Prefix<K, Rest = Next<N>>,
{
    range.key_range(&prefix.prefix_bytes())
}

#[test]
fn range_of_a_number_contains_exactly_the_keys_whose_field_is_in_it() {
    for prefix in NUMBERS {
        for from in bounds(&NUMBERS) {
            for to in bounds(&NUMBERS) {
                let ascending = narrowed::<Ascending, _, 1>(&(prefix,), (from, to));
                let descending = narrowed::<Descending, _, 1>(&(prefix,), (from, to));
                let first = narrowed::<Ascending, _, 0>(&(), (from, to));
                for a in NUMBERS {
                    for b in NUMBERS {
                        for c in [0, u64::MAX] {
                            let wanted = a == prefix && is_inside(&from, &to, &b);
                            let case = (prefix, from, to, a, b, c);
                            let key = Ascending { a, b, c }.to_key();
                            assert_eq!(ascending.contains(&key), wanted, "{case:?}");
                            assert_eq!(first.contains(&key), is_inside(&from, &to, &a), "{case:?}");
                            let key = Descending { a, b, c }.to_key();
                            assert_eq!(descending.contains(&key), wanted, "{case:?}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn range_of_a_text_contains_exactly_the_keys_whose_field_is_in_it() {
    for from in bounds(&TEXTS) {
        for to in bounds(&TEXTS) {
            let ascending = narrowed::<Text, _, 0>(&(), (from, to));
            let descending = narrowed::<DescendingText, _, 0>(&(), (from, to));
            for a in TEXTS {
                for c in [0, u64::MAX] {
                    let wanted = is_inside(&from, &to, &a);
                    let key = Text { a: a.into(), c }.to_key();
                    assert_eq!(ascending.contains(&key), wanted, "{from:?} {to:?} {a:?}");
                    let key = DescendingText { a: a.into(), c }.to_key();
                    assert_eq!(descending.contains(&key), wanted, "{from:?} {to:?} {a:?}");
                }
            }
        }
    }
}

#[test]
fn range_of_an_option_contains_exactly_the_keys_whose_field_is_in_it() {
    let values = [None, Some(0), Some(7), Some(u64::MAX)];
    for from in bounds(&values) {
        for to in bounds(&values) {
            let range = narrowed::<Optional, _, 0>(&(), (from, to));
            for a in values {
                for c in [0, u64::MAX] {
                    let wanted = is_inside(&from, &to, &a);
                    let key = Optional { a, c }.to_key();
                    assert_eq!(range.contains(&key), wanted, "{from:?} {to:?} {a:?}");
                }
            }
        }
    }
}

/// A field's codec of four bytes.
struct Narrow;

impl EncodeWith<u32> for Narrow {
    fn encode(value: &u32, sink: &mut Sink<'_>) {
        sink.write(&value.to_be_bytes());
    }
}

impl DecodeWith<'_, u32> for Narrow {
    fn decode(source: &mut Source<'_>) -> Result<u32, DecodeError> {
        Ok(u32::from_be_bytes(source.array("4 bytes")?))
    }
}

impl SelfDelimitingWith<u32> for Narrow {}

#[derive(KeyEncode, KeyDecode, Debug, Clone, PartialEq)]
enum Kind {
    Small,
    Large { size: u32 },
}

#[derive(KeyEncode, KeyDecode, Debug, Clone)]
struct Many {
    text: String,
    #[key(lex)]
    lex: String,
    kind: Kind,
    bytes: Vec<u8>,
    #[key(fixed)]
    hash: [u8; 4],
    name: Option<String>,
    #[key(with = "Narrow")]
    narrow: u32,
    #[key(skip)]
    #[expect(dead_code, reason = "it is not stored")]
    skipped: u8,
    last: i64,
}

#[derive(KeyEncode, KeyDecode)]
struct Of<T> {
    tenant: T,
    sequence: u64,
}

fn of_tenant<T: KeyEncode + SelfDelimiting>(tenant: &T) -> Vec<u8> {
    Prefix::<Of<T>>::prefix_bytes(&(tenant,))
}

#[test]
fn prefix_of_any_length_is_the_beginning_of_the_key() {
    let kind = Kind::Large { size: 7 };
    let key = Many {
        text: "text".into(),
        lex: "lex".into(),
        kind: kind.clone(),
        bytes: vec![1, 2],
        hash: [9; 4],
        name: Some("name".into()),
        narrow: 5,
        skipped: 3,
        last: -1,
    };
    let whole = key.to_key();
    let begins = |prefix: Vec<u8>| assert!(whole.as_bytes().starts_with(&prefix), "{prefix:?}");
    begins(Prefix::<Many>::prefix_bytes(&()));
    begins(Prefix::<Many>::prefix_bytes(&("text",)));
    begins(Prefix::<Many>::prefix_bytes(&(String::from("text"), "lex")));
    begins(Prefix::<Many>::prefix_bytes(&("text", &String::from("lex"), &kind)));
    begins(Prefix::<Many>::prefix_bytes(&("text", "lex", kind.clone(), &[1u8, 2])));
    let slice: &[u8] = &[1, 2];
    begins(Prefix::<Many>::prefix_bytes(&("text", "lex", &kind, slice, [9; 4], Some("name"), 5)));
    let all = ("text", "lex", &kind, vec![1u8, 2], [9u8; 4], Some("name"), 5, -1);
    assert_eq!(KeyArgument::<Many>::whole_key(all), whole);
    assert_eq!(KeyArgument::<Many>::whole_key(&key), whole);
    assert_eq!(of_tenant(&"a".to_owned()), key!("a").as_bytes());
}

#[test]
fn types_that_are_one_field_and_tuples_have_prefixes_and_ranges() {
    fn whole<K>(key: impl KeyArgument<K>) -> Key {
        key.whole_key()
    }
    assert_eq!(whole::<u64>((5,)), key!(5u64));
    assert_eq!(whole::<u64>(&5), key!(5u64));
    assert_eq!(whole::<String>(("x",)), key!("x"));
    assert_eq!(whole::<(String, i64)>(("x", 5)), key!("x", 5i64));
    assert_eq!(whole::<Kind>(&Kind::Small), key!(Kind::Small));
    assert_eq!(whole::<Kind>((Kind::Small,)), key!(Kind::Small));
    assert_eq!(whole::<Lex<String>>(("x",)), key!(Lex("x")));
    assert_eq!(whole::<Fixed<[u8; 2]>>(([1, 2],)), key!(Fixed([1u8, 2])));
    assert_eq!(whole::<Vec<u8>>((&[1u8, 2],)), key!(vec![1u8, 2]));
    let range = narrowed::<(String, i64), _, 1>(&("x",), 1..3);
    assert_eq!(range, KeyRange::new(key!("x", 1i64), key!("x", 3i64)));
    let range = narrowed::<(String, i64), _, 1>(&("x",), ..=7);
    assert_eq!(range, KeyRange::new(key!("x"), key!("x", 8i64)));
    assert_eq!(narrowed::<u64, _, 0>(&(), 7u64..), KeyRange::from_start(key!(7u64)));
}

#[test]
fn prefix_of_a_type_is_a_range_of_a_job() {
    let job = Persistency::open(Memory::new()).unwrap().open_job("job").wait().unwrap();
    for a in 0..3 {
        for b in 0..10 {
            job.persist_put("c", &Ascending { a, b, c: 7 }, b"");
        }
    }
    let one = Ascending::prefix((1,));
    assert_eq!(job.count("c", Ascending::prefix(())).wait().unwrap(), 30);
    assert_eq!(job.count("c", one.clone()).wait().unwrap(), 10);
    assert_eq!(job.count("c", one.range(3..5)).wait().unwrap(), 2);
    assert_eq!(job.count("c", one.range(8..)).wait().unwrap(), 2);
    assert_eq!(job.count("c", Ascending::prefix((1, 4)).range(..=7)).wait().unwrap(), 1);
    assert_eq!(job.count("c", Ascending::prefix((1, 4, 7))).wait().unwrap(), 1);
    assert_eq!(one.key(), &key!(1u64));
    assert_eq!(one.keys(), key!(1u64).prefix_range());
    assert_eq!(format!("{one:?}"), format!("Prefixed({:?})", key!(1u64)));
}

#[test]
fn beginning_of_a_text_field_is_a_range() {
    for text in TEXTS {
        for beginning in TEXTS {
            let range = Text::prefix(()).starting_with(beginning);
            let key = Text { a: text.into(), c: 1 }.to_key();
            assert_eq!(range.contains(&key), text.starts_with(beginning), "{text:?} {beginning:?}");
        }
    }
}
