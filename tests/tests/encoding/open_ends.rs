//! Last fields that take the rest of the input, and last fields that only have the name of such a type.

use persist_core::codec::{SelfDelimiting, SelfDelimitingPayload};
use persist_core::{
    Key, KeyDecode, KeyEncode, Payload, PayloadDecode, PayloadEncode, key, payload,
};

/// Whether a type has a marker, determined in the way that a derive determines whether two types are the same.
struct Marked<T>(std::marker::PhantomData<T>);

impl<T: SelfDelimiting> Marked<T> {
    const IN_KEYS: bool = true;
}

impl<T: SelfDelimitingPayload> Marked<T> {
    const IN_PAYLOADS: bool = true;
}

trait NotMarked {
    const IN_KEYS: bool = false;
    const IN_PAYLOADS: bool = false;
}

impl<T> NotMarked for Marked<T> {}

fn round_trips<T>(value: &T)
where
    T: KeyEncode + PayloadEncode + for<'a> KeyDecode<'a> + for<'a> PayloadDecode<'a>,
{
    let (key, payload) = (value.to_key(), value.to_payload());
    assert_eq!(key.decode::<T>().unwrap().to_key(), key);
    assert_eq!(payload.decode::<T>().unwrap().to_payload(), payload);
}

/// Types that contain themselves under a path and have the names of open types.
mod recursive {
    use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
    pub(super) struct Key {
        pub(super) parent: Option<Box<self::Key>>,
    }

    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
    pub(super) enum Payload {
        Leaf,
        Fork(u8, Box<crate::open_ends::recursive::Payload>),
    }

    #[derive(KeyEncode, PayloadEncode)]
    pub(super) struct KeyRef<'a> {
        pub(super) name: &'a str,
        pub(super) next: Option<&'a self::KeyRef<'a>>,
    }

    pub(super) mod generic {
        use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

        #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
        pub(crate) struct Key<T> {
            pub(crate) value: T,
            pub(crate) next: Option<Box<super::generic::Key<T>>>,
        }
    }

    pub(super) mod other_path {
        use crate::open_ends::recursive::other_path as me;
        use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

        #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
        pub(crate) struct Key {
            pub(crate) next: Option<Box<me::Key>>,
        }
    }
}

#[test]
fn type_that_contains_itself_under_a_path_compiles_and_delimits_itself() {
    use recursive::{Key, KeyRef, Payload, generic, other_path};

    round_trips(&Key { parent: Some(Box::new(Key { parent: None })) });
    round_trips(&Payload::Fork(7, Box::new(Payload::Leaf)));
    let next = generic::Key { value: 2u8, next: None };
    round_trips(&generic::Key { value: 1u8, next: Some(Box::new(next)) });
    round_trips(&other_path::Key { next: Some(Box::new(other_path::Key { next: None })) });
    let last = KeyRef { name: "b", next: None };
    assert_eq!(KeyRef { name: "a", next: Some(&last) }.to_key(), key!("a", true, "b", false));
    const { assert!(Marked::<Key>::IN_KEYS && Marked::<Key>::IN_PAYLOADS) };
    const { assert!(Marked::<Payload>::IN_KEYS && Marked::<Payload>::IN_PAYLOADS) };
    const { assert!(Marked::<KeyRef<'_>>::IN_KEYS && Marked::<KeyRef<'_>>::IN_PAYLOADS) };
    const { assert!(Marked::<generic::Key<u8>>::IN_KEYS && Marked::<generic::Key<u8>>::IN_PAYLOADS) };
    const { assert!(Marked::<other_path::Key>::IN_KEYS && Marked::<other_path::Key>::IN_PAYLOADS) };
}

/// Types that contain another type of the same name.
mod same_name {
    use persist_core::Key;

    pub(super) mod open {
        use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

        #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
        pub(crate) struct Key {
            pub(crate) id: u8,
            pub(crate) rest: persist_core::Key,
        }
    }

    pub(super) mod open_by_super {
        use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

        #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
        pub(crate) struct Key {
            pub(crate) id: u8,
            pub(crate) rest: Option<super::Key>,
        }
    }

    pub(super) mod delimited {
        use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

        #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
        pub(crate) struct Key {
            pub(crate) id: u8,
            pub(crate) inner: Option<crate::open_ends::recursive::Key>,
        }
    }

    pub(super) fn rest() -> Key {
        persist_core::key!("rest")
    }
}

#[test]
fn type_that_contains_another_type_of_its_name_ends_as_that_type_does() {
    use same_name::{delimited, open, open_by_super, rest};

    round_trips(&open::Key { id: 7, rest: rest() });
    round_trips(&open_by_super::Key { id: 7, rest: Some(rest()) });
    round_trips(&delimited::Key { id: 7, inner: Some(recursive::Key { parent: None }) });
    const { assert!(!Marked::<open::Key>::IN_KEYS && !Marked::<open::Key>::IN_PAYLOADS) };
    const { assert!(!Marked::<open_by_super::Key>::IN_KEYS) };
    const { assert!(!Marked::<open_by_super::Key>::IN_PAYLOADS) };
    const { assert!(Marked::<delimited::Key>::IN_KEYS && Marked::<delimited::Key>::IN_PAYLOADS) };
}

/// Types that contain each other and have the names of open types. One field of such a circle is marked.
mod circles {
    use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

    #[derive(PayloadEncode, PayloadDecode)]
    pub(super) enum Payload {
        Of(#[payload(delimited)] Box<Key>),
    }

    #[derive(PayloadEncode, PayloadDecode)]
    pub(super) struct Key {
        pub(super) value: Option<Box<Payload>>,
    }

    pub(super) mod in_keys {
        use persist_core::{KeyDecode, KeyEncode};

        #[derive(KeyEncode, KeyDecode)]
        pub(crate) struct Key {
            #[key(delimited)]
            pub(crate) of: Option<Box<KeyRef>>,
        }

        #[derive(KeyEncode, KeyDecode)]
        pub(crate) struct KeyRef {
            pub(crate) to: Box<Key>,
        }
    }

    /// A circle of one type, under another name of it.
    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
    pub(super) struct Node {
        #[key(delimited)]
        #[payload(delimited)]
        pub(super) next: Option<Box<renamed::Key>>,
    }

    mod renamed {
        pub(super) type Key = super::Node;
    }
}

#[test]
fn types_that_contain_each_other_compile_with_one_field_marked_as_delimited() {
    use circles::{Key, Node, Payload, in_keys};

    let value = Payload::Of(Box::new(Key { value: None }));
    let payload = Key { value: Some(Box::new(value)) }.to_payload();
    assert_eq!(payload, payload!(true, 0i64, false));
    assert_eq!(payload.decode::<Key>().unwrap().to_payload(), payload);
    let inner = in_keys::KeyRef { to: Box::new(in_keys::Key { of: None }) };
    let key = in_keys::Key { of: Some(Box::new(inner)) }.to_key();
    assert_eq!(key, key!(true, false));
    assert_eq!(key.decode::<in_keys::Key>().unwrap().to_key(), key);
    round_trips(&Node { next: Some(Box::new(Node { next: None })) });
    const { assert!(Marked::<Payload>::IN_PAYLOADS && Marked::<Key>::IN_PAYLOADS) };
    const { assert!(Marked::<in_keys::Key>::IN_KEYS && Marked::<in_keys::KeyRef>::IN_KEYS) };
    const { assert!(Marked::<Node>::IN_KEYS && Marked::<Node>::IN_PAYLOADS) };
}

#[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
struct Tail<T> {
    id: u8,
    #[key(tail)]
    #[payload(tail)]
    rest: T,
}

#[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
enum Tails<T, U> {
    Boxed(
        #[key(tail)]
        #[payload(tail)]
        Option<Box<T>>,
    ),
    InTuple(
        #[key(tail)]
        #[payload(tail)]
        (u8, U),
    ),
    Skipped(
        #[key(tail)]
        #[payload(tail)]
        T,
        #[key(skip)]
        #[payload(skip)]
        std::marker::PhantomData<u8>,
    ),
    InResult {
        id: u8,
        #[key(tail)]
        #[payload(tail)]
        rest: Result<T, U>,
    },
}

#[derive(PayloadEncode, PayloadDecode)]
struct Grown<T> {
    id: u8,
    #[payload(default)]
    rest: T,
}

/// The field's type is the user's own, so the derive can't know what it requires of its parameter.
#[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
#[key(bound = "T: KeyEncode", decode_bound = "T: for<'a> KeyDecode<'a>")]
#[payload(bound = "T: PayloadEncode", decode_bound = "T: for<'a> PayloadDecode<'a>")]
struct Outer<T> {
    id: u8,
    #[key(tail)]
    #[payload(tail)]
    inner: Tail<T>,
}

#[test]
fn tail_of_a_generic_type_may_be_an_open_type() {
    let rest = || key!("rest");
    round_trips(&Tail { id: 7, rest: rest() });
    round_trips(&Tail { id: 7, rest: "text".to_owned() });
    round_trips(&Tails::<Key, Key>::Boxed(Some(Box::new(rest()))));
    round_trips(&Tails::<Key, Key>::InTuple((7, rest())));
    round_trips(&Tails::<Key, Key>::Skipped(rest(), std::marker::PhantomData));
    round_trips(&Tails::<Key, Key>::InResult { id: 7, rest: Err(rest()) });
    round_trips(&Outer { id: 7, inner: Tail { id: 8, rest: rest() } });

    let payload = Tail { id: 7, rest: payload!("rest") }.to_payload();
    assert_eq!(payload, payload!(7u8, "rest"));
    assert_eq!(payload.decode::<Tail<Payload>>().unwrap().rest, payload!("rest"));
    let payload = Grown { id: 7, rest: payload!("rest") }.to_payload();
    assert_eq!(payload.decode::<Grown<Payload>>().unwrap().rest, payload!("rest"));
    const { assert!(!Marked::<Tail<u8>>::IN_KEYS && !Marked::<Grown<u8>>::IN_PAYLOADS) };
}
