//! Other types for a stored value. The values are not in fields here: in fields they have the same bytes.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::num::NonZero;
use std::sync::Arc;

use super::Case;
use super::case::{Cells, New, Old};

pub(crate) const CASES: &[Case] = &[
    ("`u16` → `u32` → `u64`", widen_unsigned),
    ("`i8` → `i16` → `i32` → `i64`", widen_signed),
    ("`u8` → `u16`", u8_to_u16),
    ("`u64` → `u32`", narrow),
    ("`usize` ↔ `u64`", usize_and_u64),
    ("signed ↔ unsigned", signed_and_unsigned),
    ("`NonZero<T>` → `T`", non_zero_to_any),
    ("`T` → `NonZero<T>`", any_to_non_zero),
    ("`f32` → `f64`", f32_to_f64),
    ("`f32` → `f64`, with more fields behind", f32_to_f64_before_others),
    ("`String` → `&str`, `Cow<str>`, `Box<str>`", string_to_other_text),
    ("`String` → `Vec<u8>`", string_to_bytes),
    ("`Vec<u8>` → `String`", bytes_to_string),
    ("`Vec<T>` → `VecDeque<T>`, `Box<[T]>`", vec_to_other_sequences),
    ("`Vec<T>` → `[T; N]`", vec_to_array),
    ("`T` → `Option<T>`", to_option),
    ("`T` → `Box<T>`, `Arc<T>`", to_pointer),
    ("`BTreeMap` ↔ `HashMap`", maps),
    ("`BTreeSet<T>` → `Vec<T>`", set_to_vec),
    ("`Vec<T>` → `BTreeSet<T>`", vec_to_set),
];

fn some<T: Clone>(values: &[T]) -> Vec<Option<T>> {
    values.iter().cloned().map(Some).collect()
}

fn strings() -> [String; 2] {
    ["b".into(), "aa".into()]
}

fn widen_unsigned() -> Cells {
    let new_u32 = New::both(some(&[0u32, 0xFFFF]));
    let new_u64 = || New::both(some(&[0u64, 0xFFFF]));
    Cells::all([
        Old::both(&[0u16, 0xFFFF]).read_by(&new_u32),
        Old::both(&[0u16, 0xFFFF]).read_by(&new_u64()),
        Old::both(&[0u32, 0xFFFF]).read_by(&new_u64()),
    ])
}

fn widen_signed() -> Cells {
    let values = [i8::MIN, -1, 0, i8::MAX];
    let old_i8 = Old::both(&values);
    let old_i16 = Old::both(&values.map(i16::from));
    let old_i32 = Old::both(&values.map(i32::from));
    let new_i16 = New::both(some(&values.map(i16::from)));
    let new_i32 = New::both(some(&values.map(i32::from)));
    let new_i64 = New::both(some(&values.map(i64::from)));
    Cells::all([
        old_i8.read_by(&new_i16),
        old_i8.read_by(&new_i32),
        old_i8.read_by(&new_i64),
        old_i16.read_by(&new_i32),
        old_i16.read_by(&new_i64),
        old_i32.read_by(&new_i64),
    ])
}

fn u8_to_u16() -> Cells {
    Old::both(&[0u8, 1, 255]).read_by(&New::both(some(&[0u16, 1, 255])))
}

fn narrow() -> Cells {
    let new = New::both(vec![Some(7u32), Some(u32::MAX), None]);
    Old::both(&[7u64, u64::from(u32::MAX), u64::MAX]).read_by(&new)
}

fn usize_and_u64() -> Cells {
    Cells::all([
        Old::both(&[1usize, 2]).read_by(&New::both(some(&[1u64, 2]))),
        Old::both(&[1u64, 2]).read_by(&New::both(some(&[1usize, 2]))),
    ])
}

fn signed_and_unsigned() -> Cells {
    Cells::all([
        Old::both(&[1u64, 2]).read_by(&New::both(some(&[1i64, 2]))),
        Old::both(&[1i64, 2]).read_by(&New::both(some(&[1u64, 2]))),
    ])
}

fn non_zero_to_any() -> Cells {
    let one = NonZero::<u64>::MIN;
    Old::both(&[one, NonZero::<u64>::MAX]).read_by(&New::both(some(&[1, u64::MAX])))
}

fn any_to_non_zero() -> Cells {
    let new = New::both(vec![None, NonZero::new(1u64), NonZero::new(2)]);
    Old::both(&[0u64, 1, 2]).read_by(&new)
}

fn f32_to_f64() -> Cells {
    Old::both(&[-1.5f32, 0.0, 1.5]).read_by(&New::both(some(&[-1.5f64, 0.0, 1.5])))
}

fn f32_to_f64_before_others() -> Cells {
    // Two of the bytes after it go to the float, and two are the length of the rest.
    let bytes = [vec![7u8, 7, 0, 2, 8, 9], vec![1]];
    let old = Old::both(&bytes.clone().map(|bytes| (1.5f32, bytes)));
    old.read_by(&New::both(some(&bytes.map(|bytes| (1.5f64, bytes)))))
}

fn string_to_other_text() -> Cells {
    let old = Old::both(&strings());
    Cells::all([
        old.read_by(&New::both(some(&["b", "aa"]))),
        old.read_by(&New::both(some(&[Cow::Borrowed("b"), Cow::Borrowed("aa")]))),
        old.read_by(&New::both(some(&strings().map(String::into_boxed_str)))),
    ])
}

fn string_to_bytes() -> Cells {
    Old::both(&strings()).read_by(&New::both(some(&strings().map(String::into_bytes))))
}

fn bytes_to_string() -> Cells {
    let new = New::both(vec![Some("b".to_owned()), Some("aa".to_owned()), None]);
    Old::both(&[b"b".to_vec(), b"aa".to_vec(), vec![0xFF, 0xFF]]).read_by(&new)
}

fn vec_to_other_sequences() -> Cells {
    let values = [vec![3u64], vec![1, 2]];
    let old = Old::both(&values);
    Cells::all([
        old.read_by(&New::both(some(&values.clone().map(VecDeque::from)))),
        old.read_by(&New::both(some(&values.clone().map(Vec::into_boxed_slice)))),
    ])
}

fn vec_to_array() -> Cells {
    let new = New::both(vec![None, Some([1u64, 2]), Some([2, 1])]);
    Old::both(&[vec![3u64], vec![1, 2], vec![2, 1]]).read_by(&new)
}

fn to_option() -> Cells {
    Old::both(&[0u8, 1, 7]).read_by(&New::both(some(&[Some(0u8), Some(1), Some(7)])))
}

fn to_pointer() -> Cells {
    let old = Old::both(&strings());
    Cells::all([
        old.read_by(&New::both(some(&strings().map(Box::new)))),
        old.read_by(&New::both(some(&strings().map(Arc::new)))),
    ])
}

fn maps() -> Cells {
    let pairs = || [vec![("b".to_owned(), 1u64)], vec![("aa".to_owned(), 2), ("a".to_owned(), 3)]];
    let trees = || pairs().map(BTreeMap::from_iter);
    let hashes = || pairs().map(HashMap::<String, u64>::from_iter);
    Cells::all([
        Old::both(&trees()).read_by(&New::both(some(&hashes()))),
        Old::both(&hashes()).read_by(&New::both(some(&trees()))),
    ])
}

fn set_to_vec() -> Cells {
    let new = New::both(some(&[vec![7u64], vec![1, 2]]));
    Old::both(&[BTreeSet::from([7u64]), BTreeSet::from([2, 1])]).read_by(&new)
}

fn vec_to_set() -> Cells {
    let one_two = BTreeSet::from([1u64, 2]);
    let new = New::both(vec![Some(BTreeSet::from([7])), Some(one_two.clone()), Some(one_two)]);
    Old::both(&[vec![7u64], vec![1, 2], vec![2, 1]]).read_by(&new)
}
