//! The laws of the format, over every type that has it. Derived shapes have a file of their own.
//!
//! Which laws there are, and over how many values they are checked, is said in `persist_tests::laws`.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use persist_core::{Key, KeyDecode, KeyEncode, KeyRef, PayloadDecode};
use persist_tests::adversarial::{
    Either, Event, Everything, Header, Keyed, Labelled, Marker, Message, Mood, Pair, Retagged,
    Signed, Tree, View, Wrapper,
};
use persist_tests::laws::{
    Stored, borrows_as_its_owner_decodes, every, laws, laws_of_an_open_type, ord_is_key_order,
};

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
        byte_vector: Vec<u8>;
        byte_deque: VecDeque<u8>;
        boxed_bytes: Box<[u8]>;
        byte_array: [u8; 4];
        empty_array: [u8; 0];
        vector_of_numbers: Vec<u64>;
        vector_of_text: Vec<String>;
        vector_of_floats: Vec<f64>;
        vector_of_bools: Vec<bool>;
        deque_of_text: VecDeque<String>;
        boxed_slice_of_options: Box<[Option<u8>]>;
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
    fn borrowed_bytes() {
        borrows_as_its_owner_decodes!(&[u8], Vec<u8>);
        borrows_as_its_owner_decodes!(Cow<[u8]>, Vec<u8>);
        borrows_as_its_owner_decodes!(Vec<&[u8]>, Vec<Vec<u8>>);
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
    }
}

/// The step from two-byte to ten-byte lengths, over values too large for random ones.
mod around_length_65_535 {
    use super::*;

    const LENGTHS: [usize; 5] = [65_533, 65_534, 65_535, 65_536, 65_537];

    /// Of each length three values, in documented order, that differ only at their ends.
    fn of_each_length<T>(of: impl Fn(usize, usize) -> T) -> Vec<T> {
        LENGTHS
            .iter()
            .flat_map(|length| (0..3).map(|end| of(*length, end)).collect::<Vec<_>>())
            .collect()
    }

    fn laws_of_all<T: Stored>(values: &[T]) {
        for (index, left) in values.iter().enumerate() {
            let key = left.to_key();
            assert_eq!(key.len(), left.encoded_key_len());
            assert_eq!(key.as_bytes(), left.to_payload().as_bytes());
            let again = key.decode::<T>().expect("what was encoded decodes");
            assert!(again.documented_cmp(left).is_eq());
            for right in &values[..index] {
                let smaller = right.to_key();
                assert!(
                    smaller < key && right.key_cmp(left).is_lt() && left.key_cmp(right).is_gt()
                );
                assert!(!key.as_bytes().starts_with(smaller.as_bytes()));
            }
        }
    }

    #[test]
    fn text_keeps_the_laws() {
        laws_of_all(&of_each_length(|length, end| {
            "x".repeat(length - 1) + ["\0", "a", "\x7F"][end]
        }));
    }

    #[test]
    fn bytes_keep_the_laws() {
        laws_of_all(&of_each_length(|length, end| {
            let mut bytes = vec![0xFFu8; length];
            bytes[length - 1] = [0, 1, 0xFF][end];
            bytes
        }));
    }

    #[test]
    fn sequences_keep_the_laws() {
        laws_of_all(&of_each_length(|length, end| {
            let mut options = vec![None; length];
            options[length - 1] = [None, Some(false), Some(true)][end];
            options
        }));
    }

    #[test]
    fn text_of_one_char_more_or_less_than_the_step_has_the_other_form() {
        let short = "x".repeat(65_534).to_key();
        assert_eq!(&short.as_bytes()[..3], [0xFF, 0xFE, b'x']);
        let long = "x".repeat(65_535).to_key();
        assert_eq!(&long.as_bytes()[..11], b"\xFF\xFF\0\0\0\0\0\0\xFF\xFFx");
    }
}
