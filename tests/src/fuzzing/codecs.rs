//! Decoders of keys and payloads, applied to any bytes.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::num::{NonZero, Saturating, Wrapping};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use jiff::Timestamp;
use jiff::civil::Date;
use persist_core::{
    DecodeError, Fixed, Key, KeyDecode, KeyEncode, KeyRef, Lex, Payload, PayloadDecode,
    PayloadEncode, Shortlex, Total,
};
use uuid::Uuid;

use crate::adversarial::derived::{
    borrowing, codecs, containers, descending, enums, fixed, generics, growing, lexical, ordered,
    recursive, runs, skipped, tails, wrapped,
};
use crate::adversarial::{
    Either, Event, Everything, Header, Keyed, Labelled, Marker, Message, Mood, Pair, Retagged,
    Signed, Tree, View, Wrapper,
};

/// A check of bytes as a value of one type.
type Check = fn(&[u8]);

/// Returns whether bytes are a value of one type.
pub type Decodes = fn(&[u8]) -> bool;

/// A type that the fuzz targets decode, with its decoders.
pub struct Decoders {
    /// The name of the type, as it is written in the list.
    pub name: &'static str,
    /// Returns whether bytes are a key of the type, if it is a key type.
    pub is_key: Option<Decodes>,
    /// Returns whether bytes are a payload of the type, if it is a payload type.
    pub is_payload: Option<Decodes>,
}

/// Lists one check per type: as a key and as a payload, unless a word after the type says otherwise. The first byte of
/// an input selects the type, so new types go to the end and the corpus keeps its meaning.
macro_rules! checks {
    ($make:ident: $($Type:ty $(=> $only:ident)?;)*) => {
        [$($make!($Type $(=> $only)?)),*]
    };
    ($make:ident) => {
        checks! { $make:
            bool; u8; u16; u32; u64; u128; usize;
            i8; i16; i32; i64; i128; isize;
            f32; f64; char;
            String; &str; Cow<str>; Box<str>;
            Vec<u8>; &[u8]; Cow<[u8]>; [u8; 4]; VecDeque<u8>; Box<[u8]>;
            Vec<u64>; Vec<String>; Vec<&str>; VecDeque<Option<bool>>; [Option<u16>; 2]; Vec<Vec<Vec<u8>>>;
            Vec<()> => decoded; Vec<Marker> => decoded; [f64; 2];
            Option<String>; Option<Option<i8>>; Option<()>;
            (); (String,); (&str, i64); (String, String, u8); (Vec<u8>, f32, char, Option<bool>);
            (bool, u8, i8, u16, i16, u32, i32, u64, i64, char, String, Vec<u8>);
            Box<String>; Rc<Option<u8>>; Arc<(u64, bool)>;
            Key; KeyRef<'_>; (String, Key); Option<Key>;
            Header; Message; Marker; Wrapper; Pair<String, Pair<u8, Vec<Header>>>; Labelled<Mood, 3>;
            Mood; Signed; Event; Retagged; Either<Header, Option<i64>>; Tree; Everything; Keyed; View;
            Reverse<String>; Reverse<(u8, Option<i64>)>; Lex<String>; Lex<Vec<u8>>; Lex<Vec<String>>; Lex<Option<Cow<str>>>;
            Lex<Bytes>; Lex<[u16; 2]>; Shortlex<Vec<String>>; Total<f64>; Total<f32>; Fixed<[u8; 4]>;
            Reverse<Lex<Vec<Lex<String>>>>;
            BTreeSet<u8>; BTreeSet<String>; BTreeSet<BTreeSet<Reverse<u8>>>; Reverse<BTreeSet<&[u8]>>; HashSet<Option<bool>>;
            BTreeSet<()> => decoded; BTreeMap<u8, f32>; BTreeMap<String, ()>; BTreeMap<Lex<String>, BTreeMap<u8, bool>>;
            HashMap<String, Header>; Reverse<HashMap<u16, String>>;
            Result<String, u8>; Wrapping<i16>; Saturating<u8>; NonZero<u8>; NonZero<i64>;
            Duration; SystemTime; Reverse<SystemTime>;
            Ipv4Addr; Ipv6Addr; IpAddr; SocketAddrV4; SocketAddrV6; SocketAddr;
            Uuid; Bytes; Timestamp; Date; DateTime<Utc>; NaiveDate;
            lexical::LexText => key; lexical::LexBytes => key; lexical::LexSequences => key;
            lexical::LexDerived => key; lexical::LexWithin => key; lexical::LexVariants => key;
            lexical::LexOf<enums::Tagged> => key;
            descending::DescNumbers => key; descending::DescText => key; descending::DescCompounds => key;
            descending::DescFixed => key; descending::DescVariants => key; descending::DescOfDesc<Option<i64>> => key;
            runs::UpAndDown => key; borrowing::Escaped<'_> => key; codecs::DescByCodecs => key;
            ordered::Claimed => key; ordered::ClaimedVariants => key; ordered::Made<recursive::Term> => key;
            fixed::FixedSizes; fixed::FixedOf<5>; fixed::FixedVariants;
            codecs::ByCodecs; codecs::OpenByCodec; codecs::CodecVariants;
            skipped::SkipsSome; skipped::SkipsAll; skipped::SkipVariants;
            tails::KeyLast; tails::TailLast; tails::MaybeKeyLast; tails::KeyInOne; tails::PayloadLast => payload;
            growing::GrownOnce => growing; growing::GrownTwice => growing; growing::AllGrown => growing;
            growing::GrownVariants => growing; growing::GrownInside => growing;
            wrapped::InLex; wrapped::InReverse; wrapped::InOthers;
            borrowing::Lines<'_>; borrowing::Mingled<'_, '_, &str>; borrowing::Notice<'_>;
            runs::Mixed; runs::AroundText; runs::InVariants;
            enums::Numbered; enums::Tagged; enums::Huge;
            containers::Sequences; containers::Texts; containers::Options; containers::Layers;
            recursive::Chain; recursive::Rose; recursive::Sparse<String>; recursive::Folder; recursive::Term;
            generics::OneOf<u8, String, Header>; generics::Grid<String, 0, 1>;
            Rc<str>; Arc<str>; Rc<[u8]>; Arc<[u64]>;
        }
    };
}

macro_rules! key {
    ($Type:ty $(=> key)?) => {
        |bytes| check_key::<$Type>(bytes)
    };
    ($Type:ty => decoded) => {
        |bytes| check_empty_sequence(<$Type>::from_key_bytes(bytes), bytes)
    };
    ($Type:ty => $other:ident) => {
        |_| ()
    };
}

macro_rules! payload {
    ($Type:ty $(=> payload)?) => {
        |bytes| check_payload::<$Type>(bytes)
    };
    ($Type:ty => decoded) => {
        |bytes| check_empty_sequence(<$Type>::from_payload_bytes(bytes), bytes)
    };
    ($Type:ty => growing) => {
        |bytes| check_growing_payload::<$Type>(bytes)
    };
    ($Type:ty => key) => {
        |_| ()
    };
}

macro_rules! decoders {
    ($Type:ty) => {
        decoders!(@ $Type, [$Type] [$Type])
    };
    ($Type:ty => decoded) => {
        decoders!(@ $Type, [$Type] [$Type])
    };
    ($Type:ty => key) => {
        decoders!(@ $Type, [$Type] [])
    };
    ($Type:ty => $payload:ident) => {
        decoders!(@ $Type, [] [$Type])
    };
    (@ $Type:ty, $Key:tt $Payload:tt) => {
        Decoders {
            name: stringify!($Type),
            is_key: decoders!(@ from_key_bytes $Key),
            is_payload: decoders!(@ from_payload_bytes $Payload),
        }
    };
    (@ $decode:ident []) => { None };
    (@ $decode:ident [$Type:ty]) => { Some(|bytes| <$Type>::$decode(bytes).is_ok()) };
}

const KEYS: [Check; TYPES] = checks!(key);
const PAYLOADS: [Check; TYPES] = checks!(payload);

/// The decoders of each type, in the order of the list.
pub const DECODERS: [Decoders; TYPES] = checks!(decoders);

/// The number of types, from which the first byte selects.
pub const TYPES: usize = 175;

/// Decodes a key of the type that the first byte selects.
///
/// # Panics
///
/// If the bytes decode to a value with another encoding, or an error has an offset outside the input.
pub fn decode_key(data: &[u8]) {
    check_chosen(&KEYS, data);
}

/// Decodes a payload of the type that the first byte selects.
///
/// # Panics
///
/// Like [`decode_key`].
pub fn decode_payload(data: &[u8]) {
    check_chosen(&PAYLOADS, data);
}

fn check_chosen(checks: &[Check; TYPES], data: &[u8]) {
    if let Some((choice, bytes)) = data.split_first() {
        checks[usize::from(*choice) % TYPES](bytes);
    }
}

fn check_key<'de, T: KeyEncode + KeyDecode<'de>>(bytes: &'de [u8]) {
    match T::from_key_bytes(bytes) {
        Ok(value) => {
            assert_eq!(
                value.to_key().as_bytes(),
                bytes,
                "a decoded value is encoded to the same bytes"
            );
        }
        Err(error) => check_error(&error, bytes),
    }
    let Ok((first, rest)) = T::from_key_prefix(bytes) else { return };
    let read = &bytes[..bytes.len() - rest.len()];
    assert_eq!(
        first.to_key().as_bytes(),
        read,
        "a decoded prefix is encoded to the bytes that were read"
    );
    assert_eq!(first.encoded_key_len(), read.len());
    // A second value often follows, often one close to the first.
    if let Ok((second, after)) = T::from_key_prefix(rest) {
        let second_read = &rest[..rest.len() - after.len()];
        assert_eq!(
            first.key_cmp(&second),
            read.cmp(second_read),
            "key_cmp is the order of the bytes"
        );
    }
}

fn check_payload<'de, T: PayloadEncode + PayloadDecode<'de>>(bytes: &'de [u8]) {
    match T::from_payload_bytes(bytes) {
        Ok(value) => {
            assert_eq!(
                value.to_payload(),
                Payload::from_bytes(bytes),
                "a decoded value is encoded to the same bytes"
            );
            assert_eq!(value.encoded_payload_len(), bytes.len());
        }
        Err(error) => check_error(&error, bytes),
    }
    if let Ok((value, rest)) = T::from_payload_prefix(bytes) {
        let read = &bytes[..bytes.len() - rest.len()];
        assert_eq!(
            value.to_payload().as_bytes(),
            read,
            "a decoded prefix is encoded to the bytes that were read"
        );
    }
}

/// Like [`check_payload`], for a type whose payload may end before its last fields. They are always written.
fn check_growing_payload<'de, T: PayloadEncode + PayloadDecode<'de>>(bytes: &'de [u8]) {
    match T::from_payload_bytes(bytes) {
        Ok(value) => {
            let whole = value.to_payload();
            assert!(whole.as_bytes().starts_with(bytes), "missing fields are written at the end");
            assert_eq!(value.encoded_payload_len(), whole.as_bytes().len());
        }
        Err(error) => check_error(&error, bytes),
    }
    if let Ok((value, rest)) = T::from_payload_prefix(bytes) {
        let read = &bytes[..bytes.len() - rest.len()];
        assert!(value.to_payload().as_bytes().starts_with(read));
        assert!(
            rest.is_empty() || value.to_payload().as_bytes() == read,
            "only the end of the input ends a payload early"
        );
    }
}

/// Checks a sequence of elements without bytes. It can't be encoded, so only an empty one is decoded.
fn check_empty_sequence<T>(decoded: Result<T, DecodeError>, bytes: &[u8]) {
    match decoded {
        Ok(_) => assert_eq!(bytes, [0, 0]),
        Err(error) => check_error(&error, bytes),
    }
}

fn check_error(error: &DecodeError, bytes: &[u8]) {
    assert!(error.offset() <= bytes.len(), "the offset of {error} is within {} bytes", bytes.len());
    assert!(error.to_string().contains(error.expected()));
}
