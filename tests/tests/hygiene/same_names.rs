//! Names of the user that are also names of other items.

use persist_core::codec::SelfDelimiting;
use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode, key};

/// Recursive types with the names of open types.
mod named_like_open_types {
    use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug, PartialEq)]
    pub(super) struct Key<T> {
        pub(super) name: T,
        pub(super) parent: Option<Box<Key<T>>>,
    }

    #[derive(PayloadEncode, PayloadDecode, Debug, PartialEq)]
    pub(super) enum Payload {
        Leaf,
        Fork(u8, Box<Payload>),
    }
}

#[derive(KeyEncode, KeyDecode, Debug, PartialEq)]
struct User {
    key: named_like_open_types::Key<u8>,
    age: u8,
}

#[derive(PayloadEncode, PayloadDecode, Debug, PartialEq)]
struct Twice(named_like_open_types::Payload, named_like_open_types::Payload);

fn delimits_itself<T: SelfDelimiting>(_: &T) {}

#[test]
fn recursive_type_may_have_the_name_of_an_open_type() {
    use named_like_open_types::{Key, Payload};

    let parent = Key { name: 1, parent: None };
    let user = User { key: Key { name: 2, parent: Some(Box::new(parent)) }, age: 3 };
    delimits_itself(&user.key);
    assert_eq!(user.to_key(), key!(2u8, true, 1u8, false, 3u8));
    assert_eq!(user.to_key().decode::<User>().unwrap(), user);
    let twice = Twice(Payload::Fork(7, Box::new(Payload::Leaf)), Payload::Leaf);
    assert_eq!(twice.to_payload().decode::<Twice>().unwrap(), twice);
}

/// Constants with the names of types in scope.
mod named_like_types {
    use persist_core::{KeyDecode, KeyEncode, KeyOrd, PayloadDecode, PayloadEncode};

    pub(super) struct N;
    pub(super) struct C;

    #[derive(KeyEncode, KeyDecode, KeyOrd, PayloadEncode, PayloadDecode, Debug)]
    pub(super) struct Block<const C: char, const N: usize>(pub(super) [u8; N]);

    #[derive(KeyEncode, PartialEq, Eq, PartialOrd, Ord)]
    #[key(ordered)]
    pub(super) struct Ordered<T, const N: usize> {
        pub(super) blocks: [T; N],
        pub(super) next: Option<Box<Self>>,
    }
}

#[test]
fn constant_may_have_the_name_of_a_type() {
    use named_like_types::{Block, C, N, Ordered};

    let _ = (N, C);
    let block = Block::<'x', 2>([1, 2]);
    assert_eq!(block.to_key().decode::<Block<'x', 2>>().unwrap(), block);
    assert_eq!(block.to_payload().decode::<Block<'x', 2>>().unwrap(), block);
    crate::is_ordered::<Ordered<u8, 1>>();
    assert_eq!(Ordered { blocks: [1u8], next: None }.to_key(), key!([1u8], false));
}
