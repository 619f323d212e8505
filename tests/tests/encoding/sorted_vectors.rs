//! The original's sorted lists: 200 values of each of seven types, in the order of its keys.

use super::interpreter::{encode, text, unhex};
use persist_core::{Key, Payload};
use serde_json::Value;

struct Item {
    value: Value,
    key: Vec<u8>,
}

struct List {
    ty: String,
    items: Vec<Item>,
}

fn lists() -> Vec<List> {
    let lines = include_str!("../../data/sorted.jsonl").lines();
    lines
        .map(|line| {
            let list: Value = serde_json::from_str(line).expect("a JSON object a line");
            let items = list["items"].as_array().expect("items");
            assert_eq!(list["n"], items.len(), "the number of items is that in the list");
            List {
                ty: text(&list["type"]).to_owned(),
                items: items
                    .iter()
                    .map(|item| Item {
                        value: item["value"].clone(),
                        key: unhex(text(&item["hex"])),
                    })
                    .collect(),
            }
        })
        .collect()
}

/// The Fisher–Yates shuffle, with the same numbers in every run (`xorshift64`).
fn shuffled<T>(mut items: Vec<T>) -> Vec<T> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    for last in (1..items.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let upto = u64::try_from(last).expect("a small index") + 1;
        items.swap(last, usize::try_from(state % upto).expect("a small index"));
    }
    items
}

#[test]
fn lists_are_seven_with_200_values_each() {
    let lists = lists();
    assert_eq!(lists.len(), 7);
    assert!(lists.iter().all(|list| list.items.len() == 200));
}

#[test]
fn listed_values_have_the_bytes_of_the_original() {
    for List { ty, items } in lists() {
        for Item { value, key } in items {
            assert_eq!(encode::<Key>(&ty, &value).as_bytes(), key, "{ty} {value}");
            assert_eq!(encode::<Payload>(&ty, &value).as_bytes(), key, "{ty} {value} as a payload");
        }
    }
}

#[test]
fn listed_keys_ascend() {
    for List { ty, items } in lists() {
        let keys: Vec<Key> = items.iter().map(|item| encode(&ty, &item.value)).collect();
        assert!(keys.is_sorted(), "{ty}");
        assert!(keys.first() < keys.last(), "{ty} has different keys");
    }
}

#[test]
fn shuffled_list_sorted_by_bytes_equals_the_list() {
    for List { ty, items } in lists() {
        let sorted: Vec<Key> = items.iter().map(|item| encode(&ty, &item.value)).collect();
        let mut keys = shuffled(sorted.clone());
        assert_ne!(keys, sorted, "{ty} is shuffled");
        keys.sort();
        assert_eq!(keys, sorted, "{ty}");
    }
}
