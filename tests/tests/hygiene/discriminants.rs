//! Discriminants that are not literals.

use persist_core::{KeyDecode, KeyEncode, key};

#[derive(KeyEncode, KeyDecode, Debug, PartialEq)]
#[repr(u8)]
enum OfItsOwn {
    First = Self::BASE,
    Second,
    Third = { Self::BASE } + Self::BASE,
}

impl OfItsOwn {
    const BASE: u8 = 3;
}

#[test]
fn discriminant_may_be_a_constant_of_the_type_itself() {
    assert_eq!(OfItsOwn::First.to_key(), key!(3i64));
    assert_eq!(OfItsOwn::Second.to_key(), key!(4i64));
    assert_eq!(key!(6i64).decode::<OfItsOwn>().unwrap(), OfItsOwn::Third);
}

const LARGE: u128 = u128::MAX;
const LEAST: i128 = i128::MIN;

#[derive(KeyEncode, PartialEq, Eq, PartialOrd, Ord)]
#[key(ordered)]
#[repr(u128)]
enum Unsigned {
    #[key(tag = 2)]
    Large = LARGE,
    #[key(tag = 1)]
    Small = 1,
}

#[derive(KeyEncode, PartialEq, Eq, PartialOrd, Ord)]
#[key(ordered)]
#[repr(i128)]
enum Signed {
    #[key(tag = 2)]
    Small = 1,
    #[key(tag = 1)]
    Least = LEAST,
}

#[test]
fn tags_replace_discriminants_of_128_bits_in_their_order() {
    crate::is_ordered::<Unsigned>();
    crate::is_ordered::<Signed>();
    assert_eq!(Unsigned::Small.cmp(&Unsigned::Large), Unsigned::Small.key_cmp(&Unsigned::Large));
    assert_eq!(Signed::Small.cmp(&Signed::Least), Signed::Small.key_cmp(&Signed::Least));
}
