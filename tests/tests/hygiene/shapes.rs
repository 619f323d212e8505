//! Types of every shape that Rust allows.

use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode, key, payload};

use crate::is_ordered;

#[test]
fn configured_out_fields_and_variants_are_absent() {
    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug, PartialEq)]
    struct Configured {
        #[cfg(any())]
        gone: Missing,
        here: u8,
        #[cfg(not(any()))]
        #[cfg_attr(all(), key(desc))]
        also: u8,
    }
    #[derive(KeyEncode, KeyDecode, Debug, PartialEq)]
    enum Variants {
        #[cfg(any())]
        Gone(Missing),
        Here,
        #[cfg_attr(all(), key(tag = 9))]
        Also,
    }
    assert_eq!(Configured { here: 1, also: 2 }.to_key().as_bytes(), [1, !2]);
    assert_eq!(Variants::Here.to_key(), key!(0i64));
    assert_eq!(key!(9i64).decode::<Variants>().unwrap(), Variants::Also);
}

/// A type of every outer kind of Rust.
mod kinds {
    use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

    /// With documentation.
    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug, PartialEq)]
    #[non_exhaustive]
    #[repr(C, align(8))]
    pub(crate) struct Aligned {
        /// On a field.
        pub(crate) first: u8,
        pub(crate) second: u8,
        pub(super) third: u8,
    }

    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug, PartialEq, Clone, Copy)]
    #[repr(C, packed)]
    pub(super) struct Packed(pub(super) bool, pub(super) [u8; 2], pub(super) i8);

    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug, PartialEq)]
    #[repr(transparent)]
    pub(super) struct r#Transparent(pub(super) u8);

    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug, PartialEq)]
    #[non_exhaustive]
    #[repr(C, u16)]
    pub(crate) enum Kind {
        /// On a variant.
        #[non_exhaustive]
        First {
            a: u8,
        } = 3,
        Second(u8),
        Third {},
        Fourth(),
    }

    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug, PartialEq)]
    pub(super) struct Empty {}

    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug, PartialEq)]
    pub(super) struct AlsoEmpty();
}

#[test]
fn derives_support_every_kind_of_type() {
    use kinds::{Aligned, AlsoEmpty, Empty, Kind, Packed, Transparent};

    let aligned = Aligned { first: 1, second: 2, third: 3 };
    assert_eq!(aligned.to_key().as_bytes(), [1, 2, 3]);
    assert_eq!(key!(1u8, 2u8, 3u8).decode::<Aligned>().unwrap(), aligned);
    let packed = Packed(true, [1, 2], -3);
    assert_eq!(packed.to_key(), key!(true, [1u8, 2], -3i8));
    assert_eq!(packed.to_payload().decode::<Packed>().unwrap(), packed);
    assert_eq!(Transparent(7).to_key(), key!(7u8));
    assert_eq!(Kind::First { a: 1 }.to_key(), key!(3i64, 1u8));
    assert_eq!(key!(5i64).decode::<Kind>().unwrap(), Kind::Third {});
    assert_eq!(payload!(6i64).decode::<Kind>().unwrap(), Kind::Fourth());
    assert_eq!(Empty {}.to_key(), key!());
    assert_eq!(AlsoEmpty().to_payload(), payload!());
}

/// `Self`, in every place of a type where Rust allows it.
mod own_name {
    use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

    pub(super) trait Sized2 {
        type Part;
        const COUNT: usize;
    }

    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug, PartialEq)]
    pub(super) struct Row {
        pub(super) part: <Self as Sized2>::Part,
        pub(super) array: [u8; Self::COUNT],
        pub(super) next: Option<Box<Self>>,
        pub(super) others: Vec<Self>,
    }

    impl Sized2 for Row {
        type Part = u16;
        const COUNT: usize = 2;
    }

    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug, PartialEq)]
    pub(super) enum Tree<T>
    where
        Self: Sized,
        T: Clone + PartialEq<T>,
    {
        Leaf(T),
        Fork(Box<Self>, Box<Tree<T>>),
    }

    #[derive(KeyEncode, PartialEq, Eq, PartialOrd, Ord)]
    #[key(ordered)]
    pub(super) struct Ordered<T>
    where
        Self: Sized,
    {
        pub(super) value: T,
        pub(super) next: Option<Box<Self>>,
    }
}

#[test]
fn type_may_name_itself() {
    use own_name::{Ordered, Row, Tree};

    let row = |next, others| Row { part: 1, array: [2, 3], next, others };
    let row = row(Some(Box::new(row(None, vec![]))), vec![row(None, vec![])]);
    assert_eq!(row.to_key().decode::<Row>().unwrap(), row);
    let tree = Tree::Fork(Box::new(Tree::Leaf(1u8)), Box::new(Tree::Leaf(2)));
    assert_eq!(tree.to_payload().decode::<Tree<u8>>().unwrap(), tree);
    is_ordered::<Ordered<u8>>();
    assert_eq!(Ordered { value: 1u8, next: None }.to_key(), key!(1u8, false));
}

#[test]
fn deprecated_field_is_reported_once_and_can_be_allowed() {
    #[deprecated]
    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
    struct Old(u8);

    #[allow(deprecated)]
    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
    struct Holder {
        first: Old,
        #[deprecated]
        last: Option<Old>,
    }
    assert!(
        key!(1u8, false).decode::<Holder>().is_ok_and(|holder| holder.to_key() == key!(1u8, false))
    );
}
