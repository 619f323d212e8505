//! The laws of the format, for every type that has an encoding. Derived shapes are in `derived_laws.rs`.
//!
//! `persist_tests::laws` describes the laws and the number of values.

#![allow(clippy::zero_sized_map_values)] // A map to `()` is one of the cases.

mod around_length_65_535;
mod beginnings;
mod escapes;

use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::hash::BuildHasherDefault;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::num::{NonZero, Saturating, Wrapping};
use std::ops::{Bound, Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use jiff::Timestamp;
use jiff::civil::Date;
use persist_core::{Fixed, Key, KeyDecode, KeyEncode, KeyRef, Lex, PayloadDecode, Shortlex, Total};
use persist_tests::adversarial::{
    Either, Event, Everything, Header, Keyed, Labelled, Marker, Message, Mood, Pair, Retagged,
    Signed, Tree, View, Wrapper,
};
use persist_tests::laws::{
    borrows_as_its_owner_decodes, equal_values_hash_alike, every, laws, laws_of_a_payload,
    laws_of_an_open_payload, laws_of_an_open_type, ord_is_key_order,
};
use uuid::Uuid;

mod all_laws_hold_for {
    use super::*;

    every! { laws:
        bool: bool;
        char: char;
        u8: u8;
        u16: u16;
        u32: u32;
        u64: u64;
        u128: u128;
        usize: usize;
        i8: i8;
        i16: i16;
        i32: i32;
        i64: i64;
        i128: i128;
        isize: isize;
        f32: f32;
        f64: f64;
        string: String;
        boxed_text: Box<str>;
        counted_text: Rc<str>;
        shared_text: Arc<str>;
        byte_vector: Vec<u8>;
        byte_deque: VecDeque<u8>;
        boxed_bytes: Box<[u8]>;
        counted_bytes: Rc<[u8]>;
        shared_bytes: Arc<[u8]>;
        byte_array: [u8; 4];
        empty_array: [u8; 0];
        vector_of_numbers: Vec<u64>;
        vector_of_text: Vec<String>;
        vector_of_floats: Vec<f64>;
        vector_of_bools: Vec<bool>;
        deque_of_text: VecDeque<String>;
        boxed_slice_of_options: Box<[Option<u8>]>;
        counted_slice_of_text: Rc<[String]>;
        shared_slice_of_numbers: Arc<[i16]>;
        array_of_text: [String; 3];
        array_of_arrays: [[u8; 2]; 2];
        vectors_in_vectors: Vec<Vec<Vec<u8>>>;
        vector_of_tuples: Vec<(String, i64)>;
        option_of_number: Option<i64>;
        option_of_text: Option<String>;
        option_of_unit: Option<()>;
        options_in_options: Option<Option<Option<bool>>>;
        option_of_vector_of_options: Option<Vec<Option<u8>>>;
        unit: ();
        tuple_of_1: (String,);
        tuple_of_2: (String, String);
        tuple_of_3: (Vec<u8>, f64, char);
        tuple_of_4: (bool, (), i8, Option<String>);
        tuple_of_5: (u8, u16, u32, u64, u128);
        tuple_of_6: (i8, i16, i32, i64, i128, isize);
        tuple_of_7: (String, u8, String, u8, String, u8, String);
        tuple_of_8: (u8, u8, u8, u8, u8, u8, u8, Vec<u8>);
        tuple_of_9: (f32, f64, char, bool, String, u8, i8, (), Option<u8>);
        tuple_of_10: (bool, bool, bool, bool, bool, bool, bool, bool, bool, String);
        tuple_of_11: (u8, u8, u8, u8, u8, String, u8, u8, u8, u8, u8);
        tuple_of_12: (bool, u8, i8, u16, i16, u32, i32, u64, i64, char, String, Vec<u8>);
        tuples_in_tuples: ((String, (i64, Vec<u8>)), ((), (Option<(bool, String)>,)));
        boxed: Box<String>;
        counted: Rc<Vec<u8>>;
        shared: Arc<(String, Option<f32>)>;
        pointers_in_pointers: Box<Rc<Arc<Option<String>>>>;
        struct_with_names: Header;
        struct_of_structs: Message;
        unit_struct: Marker;
        tuple_struct: Wrapper;
        generic_struct: Pair<String, Pair<Option<Wrapper>, Vec<Header>>>;
        generic_tuple_struct: Labelled<Mood, 3>;
        enum_without_fields: Mood;
        enum_with_negative_discriminants: Signed;
        enum_with_fields: Event;
        enum_with_tags: Retagged;
        generic_enum: Either<Header, Option<i64>>;
        recursive_enum: Tree;
        struct_of_everything: Everything;
        vector_of_structs: Vec<Header>;
        option_of_enum: Option<Event>;
        tuple_of_structs: (Header, Marker, Message);
        tree_set_of_numbers: BTreeSet<i64>;
        tree_set_of_text: BTreeSet<String>;
        tree_set_of_lexical_text: BTreeSet<Lex<String>>;
        tree_set_of_descending_numbers: BTreeSet<Reverse<u8>>;
        tree_set_of_floats: BTreeSet<Total<f32>>;
        tree_set_of_tree_sets: BTreeSet<BTreeSet<String>>;
        tree_set_of_options: BTreeSet<Option<Vec<u8>>>;
        hash_set_of_text: HashSet<String>;
        hash_set_of_tuples: HashSet<(Vec<u8>, bool)>;
        hash_set_with_another_hasher: HashSet<u16, BuildHasherDefault<DefaultHasher>>;
        tree_map_of_text: BTreeMap<String, String>;
        tree_map_of_floats: BTreeMap<i8, f64>;
        tree_map_to_nothing: BTreeMap<String, ()>;
        tree_map_of_tree_maps: BTreeMap<Option<bool>, BTreeMap<String, u8>>;
        tree_map_of_structs: BTreeMap<(i64, String), Message>;
        hash_map_of_text: HashMap<String, Option<u8>>;
        hash_map_of_bytes: HashMap<Vec<u8>, Vec<String>>;
        hash_map_with_another_hasher: HashMap<char, bool, BuildHasherDefault<DefaultHasher>>;
        descending_tree_set: Reverse<BTreeSet<String>>;
        descending_tree_map: Reverse<BTreeMap<String, u8>>;
        descending_set_of_descending_text: Reverse<BTreeSet<Reverse<String>>>;
        shortlex_set: Shortlex<BTreeSet<String>>;
        vector_of_hash_sets: Vec<HashSet<u8>>;
        lexical_sequence_of_sets: Lex<Vec<BTreeSet<u8>>>;
        result: Result<String, u8>;
        result_of_results: Result<Result<(), i64>, Option<bool>>;
        result_of_structs: Result<Message, Mood>;
        wrapping: Wrapping<i32>;
        saturating: Saturating<u64>;
        vector_of_wrapped_bytes: Vec<Wrapping<u8>>;
        non_zero_u8: NonZero<u8>;
        non_zero_u16: NonZero<u16>;
        non_zero_u32: NonZero<u32>;
        non_zero_u64: NonZero<u64>;
        non_zero_u128: NonZero<u128>;
        non_zero_usize: NonZero<usize>;
        non_zero_i8: NonZero<i8>;
        non_zero_i16: NonZero<i16>;
        non_zero_i32: NonZero<i32>;
        non_zero_i64: NonZero<i64>;
        non_zero_i128: NonZero<i128>;
        non_zero_isize: NonZero<isize>;
        vector_of_non_zero_bytes: Vec<NonZero<u8>>;
        ordering: Ordering;
        vector_of_orderings: Vec<Ordering>;
        descending_ordering: Reverse<(Ordering, String)>;
        duration: Duration;
        system_time: SystemTime;
        ipv4: Ipv4Addr;
        ipv6: Ipv6Addr;
        ip: IpAddr;
        socket_v4: SocketAddrV4;
        socket_v6: SocketAddrV6;
        socket: SocketAddr;
        uuid: Uuid;
        bytes_of_bytes: Bytes;
        jiff_timestamp: Timestamp;
        jiff_date: Date;
        chrono_date_time: DateTime<Utc>;
        chrono_date: NaiveDate;
        lexical_text: Lex<String>;
        lexical_boxed_text: Lex<Box<str>>;
        lexical_counted_text: Lex<Rc<str>>;
        lexical_shared_text: Lex<Arc<str>>;
        lexical_optional_text: Lex<Option<Box<String>>>;
        lexical_bytes: Lex<Vec<u8>>;
        lexical_counted_bytes: Lex<Rc<[u8]>>;
        lexical_shared_bytes: Lex<Arc<[u8]>>;
        lexical_deque_of_bytes: Lex<VecDeque<u8>>;
        lexical_byte_array: Lex<[u8; 3]>;
        lexical_bytes_of_bytes: Lex<Bytes>;
        lexical_numbers: Lex<Vec<u64>>;
        lexical_sequence_of_text: Lex<Vec<String>>;
        lexical_sequence_of_lexical_text: Lex<Vec<Lex<String>>>;
        lexical_sequence_of_wrapped_bytes: Lex<Vec<Wrapping<u8>>>;
        lexical_slice_of_options: Lex<Box<[Option<bool>]>>;
        lexical_counted_slice_of_text: Lex<Rc<[String]>>;
        lexical_shared_slice_of_numbers: Lex<Arc<[u16]>>;
        lexical_array_of_text: Lex<[String; 2]>;
        tuple_of_lexical_text: (Lex<String>, Lex<Vec<u8>>, u64);
        shortlex_text: Shortlex<String>;
        shortlex_sequence: Shortlex<Vec<String>>;
        shortlex_float: Shortlex<f64>;
        total_f32: Total<f32>;
        total_f64: Total<f64>;
        fixed: Fixed<[u8; 4]>;
        vector_of_fixed: Vec<Fixed<[u8; 2]>>;
        descending_number: Reverse<i64>;
        descending_text: Reverse<String>;
        descending_lexical_text: Reverse<Lex<String>>;
        descending_bytes: Reverse<Vec<u8>>;
        descending_lexical_bytes: Reverse<Lex<Vec<u8>>>;
        descending_lexical_sequence: Reverse<Lex<Vec<String>>>;
        descending_option: Reverse<Option<Vec<u8>>>;
        descending_twice: Reverse<(Reverse<String>, u8)>;
        descending_struct: Reverse<Message>;
        descending_enum: Reverse<Event>;
        descending_times: Reverse<(Duration, SystemTime, Timestamp, DateTime<Utc>)>;
        descending_addresses: Reverse<(IpAddr, SocketAddr, Uuid)>;
        tuple_of_descending_parts: (Reverse<String>, Reverse<Total<f64>>, Lex<String>);
    }

    #[test]
    fn borrowed_text() {
        borrows_as_its_owner_decodes!(&str, String);
        borrows_as_its_owner_decodes!(Cow<str>, String);
        borrows_as_its_owner_decodes!((&str, Option<Cow<str>>), (String, Option<String>));
    }

    #[test]
    fn struct_that_borrows() {
        borrows_as_its_owner_decodes!(View, (String, Vec<u8>, i64));
    }

    #[test]
    fn borrowed_lexical_text() {
        borrows_as_its_owner_decodes!(key Lex<Cow<str>>, Lex<String>);
        borrows_as_its_owner_decodes!(key Lex<Option<Cow<str>>>, Lex<Option<String>>);
        borrows_as_its_owner_decodes!(key Reverse<Lex<Cow<str>>>, Reverse<Lex<String>>);
    }

    #[test]
    fn borrowed_lexical_bytes() {
        borrows_as_its_owner_decodes!(key Lex<Cow<[u8]>>, Lex<Vec<u8>>);
        borrows_as_its_owner_decodes!(key Reverse<Lex<Cow<[u8]>>>, Reverse<Lex<Vec<u8>>>);
    }

    #[test]
    fn borrowed_bytes() {
        borrows_as_its_owner_decodes!(&[u8], Vec<u8>);
        borrows_as_its_owner_decodes!(Cow<[u8]>, Vec<u8>);
        borrows_as_its_owner_decodes!(Vec<&[u8]>, Vec<Vec<u8>>);
    }
}

mod all_laws_of_payloads_hold_for {
    use super::*;

    every! { laws_of_a_payload:
        range_of_numbers: Range<i64>;
        range_of_text: Range<String>;
        inclusive_range: RangeInclusive<u64>;
        range_from: RangeFrom<String>;
        range_to: RangeTo<Vec<u64>>;
        inclusive_range_to: RangeToInclusive<(u8, String)>;
        full_range: RangeFull;
        bound: Bound<String>;
        bounds: (Bound<i64>, Bound<Option<bool>>);
        vector_of_ranges: Vec<Range<u8>>;
        map_to_ranges: BTreeMap<String, Range<f64>>;
    }

    #[test]
    fn bound_of_key() {
        laws_of_an_open_payload::<Bound<Key>>();
    }
}

mod all_laws_but_delimiting_hold_for {
    use super::*;

    every! { laws_of_an_open_type:
        key: Key;
        option_of_key: Option<Key>;
        key_at_the_end_of_a_tuple: (String, i64, Key);
        key_deep_at_the_end: (u8, (bool, Box<Key>));
        key_at_the_end_of_a_struct: Keyed;
    }

    #[test]
    fn borrowed_key() {
        borrows_as_its_owner_decodes!(KeyRef<'_>, Key);
    }
}

mod ord_is_the_order_of_the_bytes_for {
    use super::*;

    every! { ord_is_key_order:
        bool: bool;
        char: char;
        u8: u8;
        u16: u16;
        u32: u32;
        u64: u64;
        u128: u128;
        usize: usize;
        i8: i8;
        i16: i16;
        i32: i32;
        i64: i64;
        i128: i128;
        isize: isize;
        unit: ();
        option: Option<Option<i64>>;
        array: [i16; 3];
        tuple: (i64, Option<char>, [u8; 2], u128);
        key: Key;
        tuple_with_key: (u64, Key);
        boxed: Box<i64>;
        shared: Arc<(bool, i8)>;
        result: Result<Option<i64>, (bool, char)>;
        wrapping: Wrapping<i16>;
        saturating: Saturating<u8>;
        non_zero: NonZero<i64>;
        ordering: Ordering;
        duration: Duration;
        system_time: SystemTime;
        ipv4: Ipv4Addr;
        ipv6: Ipv6Addr;
        ip: IpAddr;
        socket_v4: SocketAddrV4;
        socket_v6: SocketAddrV6;
        socket: SocketAddr;
        uuid: Uuid;
        jiff_timestamp: Timestamp;
        jiff_date: Date;
        chrono_date_time: DateTime<Utc>;
        chrono_date: NaiveDate;
        lexical_text: Lex<String>;
        lexical_optional_text: Lex<Option<Box<str>>>;
        lexical_bytes: Lex<Vec<u8>>;
        lexical_bytes_of_bytes: Lex<Bytes>;
        lexical_numbers: Lex<Vec<i64>>;
        lexical_sequence_of_lexical_text: Lex<VecDeque<Lex<String>>>;
        shortlex_text: Shortlex<String>;
        shortlex_set: Shortlex<BTreeSet<String>>;
        shortlex_map: Shortlex<HashMap<String, f64>>;
        total_f32: Total<f32>;
        total_f64: Total<f64>;
        fixed: Fixed<[u8; 4]>;
        descending: Reverse<(i64, Lex<String>)>;
    }
}

mod equal_values_hash_alike_of {
    use super::*;

    every! { equal_values_hash_alike:
        key: Key;
        lexical_text: Lex<String>;
        lexical_optional_text: Lex<Option<Box<str>>>;
        lexical_deque_of_bytes: Lex<VecDeque<u8>>;
        lexical_bytes_of_bytes: Lex<Bytes>;
        lexical_sequence_of_totals: Lex<Vec<Total<f32>>>;
        shortlex_text: Shortlex<String>;
        shortlex_float: Shortlex<f64>;
        shortlex_deque: Shortlex<VecDeque<u16>>;
        shortlex_set: Shortlex<BTreeSet<String>>;
        shortlex_hash_set: Shortlex<HashSet<u8>>;
        shortlex_map: Shortlex<HashMap<String, f64>>;
        total_f32: Total<f32>;
        total_f64: Total<f64>;
        fixed: Fixed<[u8; 4]>;
        descending: Reverse<(Shortlex<f32>, Lex<String>)>;
    }
}
