//! The effects of the attributes on fields, variants and types.

use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};
use std::marker::PhantomData;

use persist_core::codec::{
    DecodeWith, EncodeWith, SelfDelimiting, SelfDelimitingWith, Sink, Source,
};
use persist_core::{
    DecodeError, Fixed, KeyDecode, KeyEncode, KeyOrd, Lex, OrderPreserving, PayloadDecode,
    PayloadEncode, Shortlex, StoreKey, Total, key, payload,
};

fn is_ordered<T: OrderPreserving>() {}
fn delimits_itself<T: SelfDelimiting + StoreKey>() {}

#[test]
fn lex_field_of_text_or_sequence_sorts_like_ord() {
    #[derive(KeyEncode, KeyDecode, Debug, PartialEq)]
    struct Names<'a> {
        #[key(lex)]
        name: String,
        #[key(lex)]
        maybe: Option<Box<str>>,
        #[key(lex)]
        shared: Cow<'a, str>,
        #[key(lex)]
        bytes: Vec<u8>,
        #[key(lex)]
        numbers: Vec<u64>,
        plain: String,
    }
    let names = Names {
        name: "a\0".into(),
        maybe: Some("b".into()),
        shared: "c".into(),
        bytes: vec![0, 7],
        numbers: vec![1, 2],
        plain: "d".into(),
    };
    let written =
        key!(Lex("a\0"), Some(Lex("b")), Lex("c"), Lex(vec![0u8, 7]), Lex(vec![1u64, 2]), "d");
    assert_eq!(names.to_key(), written);
    assert_eq!(written.decode::<Names<'_>>().unwrap(), names);
    assert_eq!(names.encoded_key_len(), written.len());
}

#[test]
fn desc_flips_the_bytes_of_a_field_alone_or_with_lex_or_fixed() {
    #[derive(KeyEncode, KeyDecode, Debug, PartialEq, Clone)]
    struct Latest {
        #[key(desc)]
        time: u64,
        #[key(desc, lex)]
        name: String,
        #[key(desc)]
        #[key(fixed)]
        id: [u8; 2],
    }
    let latest = Latest { time: 5, name: "a\0b".into(), id: [1, 2] };
    let written = key!(Reverse(5u64), Reverse(Lex("a\0b")), Reverse(Fixed([1u8, 2])));
    assert_eq!(latest.to_key(), written);
    assert_eq!(written.decode::<Latest>().unwrap(), latest);
    let later = Latest { time: 6, ..latest.clone() };
    assert!(later.to_key() < latest.to_key());
    assert_eq!(later.key_cmp(&latest), Ordering::Less);
}

#[test]
fn fixed_omits_the_length_in_keys_and_payloads() {
    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug, PartialEq)]
    struct Id(
        #[key(fixed)]
        #[payload(fixed)]
        [u8; 3],
        u8,
    );
    assert_eq!(Id([1, 2, 3], 4).to_key().as_bytes(), [1, 2, 3, 4]);
    assert_eq!(Id([1, 2, 3], 4).to_payload().as_bytes(), [1, 2, 3, 4]);
    assert_eq!(Id::from_key_bytes(&[1, 2, 3, 4]).unwrap(), Id([1, 2, 3], 4));
    assert_eq!(Id::from_payload_bytes(&[1, 2, 3, 4]).unwrap(), Id([1, 2, 3], 4));
}

/// A codec for text that ignores the case of its letters and writes no length.
struct Tail;

impl EncodeWith<String> for Tail {
    fn encode(value: &String, sink: &mut Sink<'_>) {
        sink.write(value.to_lowercase().as_bytes());
    }
}

impl DecodeWith<'_, String> for Tail {
    fn decode(source: &mut Source<'_>) -> Result<String, DecodeError> {
        let at = source.offset();
        let bytes = source.bytes(source.remaining(), "text")?;
        String::from_utf8(bytes.into_owned()).map_err(|_| DecodeError::new("text", "bytes", at))
    }
}

/// A codec for a number in one byte.
struct Small;

impl EncodeWith<u64> for Small {
    fn encode(value: &u64, sink: &mut Sink<'_>) {
        sink.write(&[value.to_be_bytes()[7]]);
    }
}

impl DecodeWith<'_, u64> for Small {
    fn decode(source: &mut Source<'_>) -> Result<u64, DecodeError> {
        u8::decode_key(source).map(u64::from)
    }
}

impl SelfDelimitingWith<u64> for Small {}

#[test]
fn with_uses_a_codec_that_may_come_first_if_it_delimits_itself() {
    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug, PartialEq)]
    struct Row {
        #[key(with = "Small")]
        #[payload(with = "Small")]
        small: u64,
        #[key(with = "Small", desc)]
        large: u64,
        #[key(with = "Tail", tail)]
        #[payload(with = "Tail", tail)]
        tail: String,
    }
    let row = Row { small: 7, large: 1, tail: "Ab".into() };
    assert_eq!(row.to_key().as_bytes(), [7, 0xFE, b'a', b'b']);
    assert_eq!(row.encoded_key_len(), 4);
    assert_eq!(row.to_payload().as_bytes(), [7, 0, 0, 0, 0, 0, 0, 0, 1, b'a', b'b']);
    assert_eq!(
        row.to_key().decode::<Row>().unwrap(),
        Row { small: 7, large: 1, tail: "ab".into() }
    );
    let smaller = Row { small: 6, large: 1, tail: "x".into() };
    assert_eq!(smaller.key_cmp(&row), Ordering::Less);
}

#[test]
fn skipped_fields_are_not_written_and_read_as_their_default() {
    #[derive(Debug, PartialEq, Default, Clone)]
    struct NotAKey(f64);
    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug, PartialEq)]
    struct Cached {
        #[key(skip)]
        #[payload(skip)]
        before: NotAKey,
        id: u64,
        #[key(skip)]
        #[payload(skip)]
        after: NotAKey,
    }
    delimits_itself::<Cached>();
    let cached = Cached { before: NotAKey(1.0), id: 7, after: NotAKey(2.0) };
    assert_eq!(cached.to_key(), key!(7u64));
    assert_eq!(cached.to_payload(), payload!(7u64));
    let read = Cached { before: NotAKey(0.0), id: 7, after: NotAKey(0.0) };
    assert_eq!(key!(7u64).decode::<Cached>().unwrap(), read);
    assert_eq!(payload!(7u64).decode::<Cached>().unwrap(), read);
    assert_eq!(cached.key_cmp(&read), Ordering::Equal);
}

#[test]
fn payload_may_end_before_default_fields_but_not_inside_one() {
    #[derive(PayloadEncode, PayloadDecode, Debug, PartialEq)]
    struct Grown {
        id: u8,
        #[payload(default)]
        name: String,
        #[payload(default)]
        retries: Option<u64>,
    }
    let full = Grown { id: 1, name: "n".into(), retries: Some(2) };
    assert_eq!(full.to_payload(), payload!(1u8, "n", Some(2u64)));
    assert_eq!(full.to_payload().decode::<Grown>().unwrap(), full);
    let old = payload!(1u8).decode::<Grown>().unwrap();
    assert_eq!(old, Grown { id: 1, name: String::new(), retries: None });
    let middle = payload!(1u8, "n").decode::<Grown>().unwrap();
    assert_eq!(middle, Grown { id: 1, name: "n".into(), retries: None });
    let error = Grown::from_payload_bytes(&[1, 0]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "expected a length but found the end of the input at byte 1, in Grown.name"
    );
    assert!(Grown::from_payload_bytes(&[]).is_err());
}

#[test]
fn default_fields_work_in_variants() {
    #[derive(PayloadEncode, PayloadDecode, Debug, PartialEq)]
    enum Event {
        Sent {
            at: u64,
            #[payload(default)]
            by: String,
        },
        Lost,
    }
    assert_eq!(
        payload!(0i64, 5u64).decode::<Event>().unwrap(),
        Event::Sent { at: 5, by: String::new() }
    );
    assert_eq!(payload!(1i64).decode::<Event>().unwrap(), Event::Lost);
}

#[test]
fn ordered_type_has_the_order_of_its_keys() {
    #[derive(KeyEncode, PartialEq, Eq, PartialOrd, Ord)]
    #[key(ordered)]
    struct Plain<T> {
        id: u64,
        #[key(lex)]
        name: Option<String>,
        #[key(fixed)]
        hash: [u8; 4],
        rest: T,
        score: Total<f64>,
    }
    #[derive(KeyEncode, PartialEq, Eq, PartialOrd, Ord)]
    #[key(ordered)]
    enum Tagged {
        #[key(tag = -7)]
        First(u8),
        Second,
        #[key(tag = 30)]
        Third {
            #[key(lex)]
            next: Vec<Lex<String>>,
        },
    }
    is_ordered::<Plain<Shortlex<Vec<u8>>>>();
    is_ordered::<Tagged>();
    assert!(Tagged::Third { next: vec![] } > Tagged::Second && Tagged::Second > Tagged::First(9));
}

#[test]
fn key_ord_derives_ord_from_the_order_of_the_keys() {
    #[derive(KeyEncode, KeyOrd, Debug)]
    struct Any<T> {
        name: String,
        #[key(desc)]
        score: f64,
        #[key(skip)]
        #[allow(dead_code)]
        note: &'static str,
        rest: T,
    }
    is_ordered::<Any<Vec<String>>>();
    let any = |name: &str, score, note| Any { name: name.into(), score, note, rest: 1u8 };
    assert!(any("b", 0.0, "") < any("aa", 0.0, ""));
    assert!(any("b", 1.0, "") < any("b", 0.0, ""));
    assert_eq!(any("b", f64::NAN, "x"), any("b", f64::NAN, "y"));
}

#[test]
fn phantom_and_skipped_parameters_need_no_key_traits() {
    struct Unit;
    #[derive(KeyEncode, KeyDecode, Debug, PartialEq)]
    struct Id<T, S>(u64, PhantomData<T>, #[key(skip)] S);
    #[derive(PayloadEncode, PayloadDecode, Debug, PartialEq)]
    struct Grown<T>(u8, #[payload(skip)] PhantomData<T>, #[payload(default)] PhantomData<T>);
    let id: Id<Unit, Vec<f64>> = Id(7, PhantomData, vec![1.0]);
    assert_eq!(id.to_key(), key!(7u64));
    let read: Id<Unit, Vec<f64>> = key!(7u64).decode().unwrap();
    assert_eq!(read.2, Vec::<f64>::new());
    let grown: Grown<Unit> = payload!(1u8).decode().unwrap();
    assert_eq!(grown.0, 1);
}

#[test]
fn lex_counts_elements_without_bytes() {
    #[derive(KeyEncode, KeyDecode, Debug, PartialEq)]
    struct Counted {
        beats: Lex<Vec<()>>,
        #[key(lex)]
        phantoms: Vec<PhantomData<u8>>,
        list: PhantomData<Vec<()>>,
    }
    let counted =
        Counted { beats: Lex(vec![(); 3]), phantoms: vec![PhantomData], list: PhantomData };
    assert_eq!(counted.to_key().as_bytes(), [1, 1, 1, 0, 1, 0]);
    assert_eq!(counted.to_key().decode::<Counted>().unwrap(), counted);
}

#[test]
fn descriptors_show_attributes() {
    #[derive(KeyEncode)]
    #[allow(dead_code)]
    struct Shape {
        #[key(lex)]
        name: Option<String>,
        #[key(desc)]
        time: i64,
        #[key(fixed)]
        hash: [u8; 4],
        #[key(with = "Small")]
        small: u64,
        #[key(skip)]
        cache: f64,
        #[key(lex)]
        path: Vec<&'static u8>,
        next: Option<Box<Shape>>,
        kind: Kind,
    }
    #[derive(KeyEncode)]
    #[allow(dead_code)]
    enum Kind {
        Calm,
        #[key(tag = -3)]
        Pair(u8, Vec<u8>),
    }
    #[derive(PayloadEncode)]
    #[allow(dead_code)]
    struct Grown {
        id: usize,
        #[payload(default)]
        r#type: Option<String>,
    }
    assert_eq!(
        Shape::key_descriptor().to_string(),
        "struct Shape { name: opt(lex(str)), time: desc(i64), hash: fixed(4), small: opaque(\"Small\"), \
         path: lex(seq(u8)), next: opt(ref(Shape)), \
         kind: enum Kind { Calm = 0, Pair = -3 { 0: u8, 1: bytes } } }"
    );

    assert_eq!(
        Grown::payload_descriptor().to_string(),
        "struct Grown { id: u64, type: opt(str) = default }"
    );
}
