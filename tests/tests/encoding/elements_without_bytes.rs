//! Elements without bytes can't be counted when they are read back. So a sequence of them doesn't compile under any
//! name of their type. The examples of `KeyEncode::IS_EMPTY` and of `refuse_empty` in persist-core show that; these
//! tests check the constants that decide it.

#![expect(clippy::zero_sized_map_values, reason = "values without bytes are the subject")]

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::marker::PhantomData;
use std::rc::Rc;

use persist_core::codec::{EncodeWith, Sink};
use persist_core::{Fixed, Key, KeyEncode, Lex, PayloadDecode, PayloadEncode, Shortlex};

#[derive(KeyEncode, PayloadEncode, PayloadDecode, Debug, PartialEq)]
struct Marker;

/// A recursive type, whose constant must not depend on itself.
#[derive(KeyEncode, PayloadEncode, PayloadDecode, Debug, PartialEq)]
struct Tree<T> {
    marker: Marker,
    value: Option<T>,
    children: Vec<Tree<T>>,
    next: Option<Box<Self>>,
    by_name: BTreeMap<u8, Self>,
}

/// Two types that contain only each other.
#[derive(PayloadEncode, PayloadDecode, Debug, PartialEq)]
struct Folder(Vec<Entry>);

#[derive(PayloadEncode, PayloadDecode, Debug, PartialEq)]
struct Entry(Box<Folder>);

/// A variant is written as its tag.
#[derive(KeyEncode, PayloadEncode, PayloadDecode, Debug, PartialEq)]
enum Only {
    One,
}

#[derive(PayloadEncode, PayloadDecode, Debug, PartialEq)]
struct All {
    trees: Vec<Tree<Marker>>,
    folders: Vec<Folder>,
    entries: [Entry; 1],
    only: VecDeque<Only>,
    options: Vec<Option<Marker>>,
    pairs: Vec<(Marker, u8, PhantomData<u8>)>,
    values: HashMap<u8, Marker>,
    arrays: BTreeSet<Fixed<[u8; 1]>>,
}

#[test]
fn sequence_of_elements_with_bytes_is_read_back() {
    let tree = || Tree {
        marker: Marker,
        value: Some(Marker),
        children: vec![],
        next: None,
        by_name: BTreeMap::new(),
    };
    let all = All {
        trees: vec![Tree { children: vec![tree()], ..tree() }],
        folders: vec![Folder(vec![])],
        entries: [Entry(Box::new(Folder(vec![])))],
        only: [Only::One].into(),
        options: vec![None, Some(Marker)],
        pairs: vec![(Marker, 7, PhantomData)],
        values: [(7, Marker)].into(),
        arrays: [Fixed([7])].into(),
    };
    assert_eq!(all.to_payload().decode::<All>().unwrap(), all);
    assert_eq!(vec![tree()].to_key().len(), 2 + 1 + 2 + 1 + 2);
    assert_eq!(Lex(vec![Marker, Marker]).to_key().as_bytes(), [1, 1, 0]);
}

type Alias = ((), ((), PhantomData<u8>));

#[derive(KeyEncode, PayloadEncode)]
struct Generic<T> {
    value: Box<T>,
    marker: Marker,
}

#[derive(KeyEncode, PayloadEncode)]
struct Skipping {
    #[key(skip)]
    #[payload(skip)]
    _skipped: u8,
    _unit: (),
    #[key(fixed)]
    #[payload(fixed)]
    _fixed: [u8; 0],
    #[key(with = "Nothing")]
    #[payload(with = "Nothing")]
    _coded: u8,
}

#[derive(KeyEncode, PayloadEncode)]
struct Coded {
    #[key(lex)]
    _lex: Vec<u8>,
    #[key(desc)]
    _desc: (),
}

/// A codec that writes nothing.
struct Nothing;

impl EncodeWith<u8> for Nothing {
    const IS_EMPTY: bool = true;

    fn encode(_: &u8, _: &mut Sink<'_>) {}
}

impl persist_core::codec::SelfDelimitingWith<u8> for Nothing {}

#[derive(KeyEncode)]
struct Descending {
    #[key(desc)]
    _unit: (),
    #[key(desc, with = "Nothing")]
    _coded: u8,
}

macro_rules! of_keys {
    ($($Type:ty),* $(,)?) => { [$(<$Type as KeyEncode>::IS_EMPTY),*] };
}

macro_rules! of_payloads {
    ($($Type:ty),* $(,)?) => { [$(<$Type as PayloadEncode>::IS_EMPTY),*] };
}

#[test]
fn type_without_bytes_is_empty_under_any_name() {
    let of_keys = of_keys![
        (),
        Alias,
        Marker,
        PhantomData<String>,
        Generic<()>,
        Generic<Generic<Marker>>,
        Skipping,
        Descending,
        Fixed<[u8; 0]>,
        Reverse<Shortlex<Marker>>,
        &Rc<Box<Marker>>,
    ];
    assert!(of_keys.iter().all(|is_empty| *is_empty), "{of_keys:?}");
    let of_payloads = of_payloads![
        (),
        Alias,
        Marker,
        Generic<()>,
        Skipping,
        Fixed<[u8; 0]>,
        Reverse<()>,
        std::ops::Range<()>,
        std::ops::RangeFull,
    ];
    assert!(of_payloads.iter().all(|is_empty| *is_empty), "{of_payloads:?}");
}

#[test]
fn type_with_bytes_is_not_empty() {
    let of_keys = of_keys![
        u8, String, str, Key, Generic<u8>, Coded, Only, Tree<Marker>, Option<()>, Result<(), ()>, Vec<u8>, [u8; 0],
        BTreeSet<u8>, BTreeMap<u8, ()>, Lex<Vec<()>>, Fixed<[u8; 1]>, ((), u8), (u8, ()), std::cmp::Ordering,
        std::convert::Infallible,
    ];
    assert!(!of_keys.iter().any(|is_empty| *is_empty), "{of_keys:?}");
    let of_payloads = of_payloads![
        u8, String, Generic<u8>, Only, Tree<Marker>, Folder, Entry, Option<()>, Vec<u8>, HashMap<u8, ()>, ((), u8),
        std::ops::Range<u8>, std::ops::Bound<()>,
    ];
    assert!(!of_payloads.iter().any(|is_empty| *is_empty), "{of_payloads:?}");
}
