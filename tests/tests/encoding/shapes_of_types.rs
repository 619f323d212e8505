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
fn has_shape<T: KeyEncode + PayloadEncode>(shape: &Descriptor) {
    assert_eq!(&T::key_descriptor(), shape);
    assert_eq!(&T::payload_descriptor(), shape);
}

#[test]
fn sets_and_maps_name_their_parts() {
    has_shape::<BTreeSet<String>>(&Descriptor::Set(Descriptor::Str.into()));
    has_shape::<HashSet<u8>>(&Descriptor::Set(Descriptor::U8.into()));
    let map = Descriptor::Map(Descriptor::Str.into(), Descriptor::Bool.into());
    has_shape::<BTreeMap<String, bool>>(&map);
    has_shape::<HashMap<String, bool>>(&map);
}

#[test]
fn the_values_of_a_map_in_a_payload_are_payloads() {
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
fn a_result_names_both_its_parts() {
    let shape = Descriptor::Res(Descriptor::U8.into(), Descriptor::Str.into());
    has_shape::<Result<u8, String>>(&shape);
    assert_eq!(
        <Result<u8, Payload>>::payload_descriptor(),
        Descriptor::Res(Descriptor::U8.into(), Descriptor::Key.into())
    );
}

#[test]
fn what_wraps_a_number_vanishes() {
    has_shape::<Wrapping<i16>>(&Descriptor::I16);
    has_shape::<Saturating<u64>>(&Descriptor::U64);
    has_shape::<NonZero<u128>>(&Descriptor::U128);
    has_shape::<Vec<NonZero<u8>>>(&Descriptor::Bytes);
}

#[test]
fn times_have_one_shape_whatever_crate_they_are_of() {
    has_shape::<Duration>(&Descriptor::Duration);
    has_shape::<SystemTime>(&Descriptor::Time);
    has_shape::<Timestamp>(&Descriptor::Time);
    has_shape::<DateTime<Utc>>(&Descriptor::Time);
    has_shape::<Date>(&Descriptor::Date);
    has_shape::<NaiveDate>(&Descriptor::Date);
}

#[test]
fn addresses_have_shapes_of_their_own_and_sockets_of_their_parts() {
    has_shape::<Ipv4Addr>(&Descriptor::Ipv4);
    has_shape::<Ipv6Addr>(&Descriptor::Ipv6);
    has_shape::<IpAddr>(&Descriptor::Ip);
    has_shape::<SocketAddr>(&Descriptor::Socket);
    has_shape::<SocketAddrV4>(&Descriptor::Tuple(vec![Descriptor::Ipv4, Descriptor::U16]));
    has_shape::<SocketAddrV6>(&Descriptor::Tuple(vec![
        Descriptor::Ipv6,
        Descriptor::U16,
        Descriptor::Fixed(4),
        Descriptor::Fixed(4),
    ]));
}

#[test]
fn types_of_other_crates_have_shapes() {
    has_shape::<Uuid>(&Descriptor::Uuid);
    has_shape::<Bytes>(&Descriptor::Bytes);
    has_shape::<Lex<Bytes>>(&Descriptor::Lex(Descriptor::Bytes.into()));
}
