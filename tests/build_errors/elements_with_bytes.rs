use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::marker::PhantomData;

use persist_core::{Fixed, KeyEncode, Lex, PayloadDecode, PayloadEncode};

#[derive(KeyEncode, PayloadEncode, PayloadDecode, Debug, PartialEq)]
struct Marker;

/// A recursive type, in which the question would go round in circles.
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

fn main() {
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
    assert_eq!([Marker::IS_EMPTY_KEY, Tree::<u8>::IS_EMPTY_KEY], [true, false]);
}

trait IsEmpty: KeyEncode {
    const IS_EMPTY_KEY: bool = <Self as KeyEncode>::IS_EMPTY;
}

impl<T: KeyEncode> IsEmpty for T {}
