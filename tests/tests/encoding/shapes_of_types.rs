//! The shapes of types that the crate implements, in keys and in payloads.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::num::{NonZero, Saturating, Wrapping};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use jiff::Timestamp;
use jiff::civil::Date;
use persist_core::descriptor::Descriptor;
use persist_core::{KeyEncode, Lex, Payload, PayloadEncode};
use uuid::Uuid;

/// Asserts the shape of `T`, which is the same in both formats.
#[track_caller]
fn assert_shape<T: KeyEncode + PayloadEncode>(shape: &Descriptor) {
    assert_eq!(&T::key_descriptor(), shape);
    assert_eq!(&T::payload_descriptor(), shape);
}

#[test]
fn sets_and_maps_name_their_parts() {
    assert_shape::<BTreeSet<String>>(&Descriptor::Set(Descriptor::Str.into()));
    assert_shape::<HashSet<u8>>(&Descriptor::Set(Descriptor::U8.into()));
    let map = Descriptor::Map(Descriptor::Str.into(), Descriptor::Bool.into());
    assert_shape::<BTreeMap<String, bool>>(&map);
    assert_shape::<HashMap<String, bool>>(&map);
}

#[test]
fn map_values_in_a_payload_are_payloads() {
    type Stored = BTreeMap<String, Option<Outcome>>;
    #[derive(PayloadEncode)]
    struct Outcome {
        done: bool,
    }
    assert!(Outcome { done: true }.done);
    let Descriptor::Map(key, value) = Stored::payload_descriptor() else { panic!("no map") };
    assert_eq!(*key, Descriptor::Str);
    assert_eq!(*value, Descriptor::Opt(Outcome::payload_descriptor().into()));
}

#[test]
fn result_names_both_its_parts() {
    let shape = Descriptor::Res(Descriptor::U8.into(), Descriptor::Str.into());
    assert_shape::<Result<u8, String>>(&shape);
    assert_eq!(
        <Result<u8, Payload>>::payload_descriptor(),
        Descriptor::Res(Descriptor::U8.into(), Descriptor::Key.into())
    );
}

#[test]
fn wrapper_of_a_number_has_the_shape_of_the_number() {
    assert_shape::<Wrapping<i16>>(&Descriptor::I16);
    assert_shape::<Saturating<u64>>(&Descriptor::U64);
    assert_shape::<NonZero<u128>>(&Descriptor::U128);
    assert_shape::<Vec<NonZero<u8>>>(&Descriptor::Bytes);
}

#[test]
fn times_of_all_crates_have_one_shape() {
    assert_shape::<Duration>(&Descriptor::Duration);
    assert_shape::<SystemTime>(&Descriptor::Time);
    assert_shape::<Timestamp>(&Descriptor::Time);
    assert_shape::<DateTime<Utc>>(&Descriptor::Time);
    assert_shape::<Date>(&Descriptor::Date);
    assert_shape::<NaiveDate>(&Descriptor::Date);
}

#[test]
fn addresses_have_their_own_shapes_and_sockets_those_of_their_parts() {
    assert_shape::<Ipv4Addr>(&Descriptor::Ipv4);
    assert_shape::<Ipv6Addr>(&Descriptor::Ipv6);
    assert_shape::<IpAddr>(&Descriptor::Ip);
    assert_shape::<SocketAddr>(&Descriptor::Socket);
    assert_shape::<SocketAddrV4>(&Descriptor::Tuple(vec![Descriptor::Ipv4, Descriptor::U16]));
    assert_shape::<SocketAddrV6>(&Descriptor::Tuple(vec![
        Descriptor::Ipv6,
        Descriptor::U16,
        Descriptor::Fixed(4),
        Descriptor::Fixed(4),
    ]));
}

#[test]
fn types_of_other_crates_have_shapes() {
    assert_shape::<Uuid>(&Descriptor::Uuid);
    assert_shape::<Bytes>(&Descriptor::Bytes);
    assert_shape::<Lex<Bytes>>(&Descriptor::Lex(Descriptor::Bytes.into()));
}
