//! `can_read` as a relation between shapes.

use persist_core::descriptor::{Changes, Descriptor, can_read};
use persist_tests::properties::config;
use proptest::prelude::*;

use super::REGRESSIONS;
use super::edits::{changed, changes};
use super::generated::{descriptor, simple_descriptor};

proptest! {
    #![proptest_config(config(256, REGRESSIONS))]

    #[test]
    fn every_shape_reads_itself_without_changes(descriptor in descriptor()) {
        let changes = can_read(&descriptor, &descriptor);
        prop_assert!(changes.as_ref().is_ok_and(Changes::is_empty), "{:?}", changes);
    }

    #[test]
    fn shapes_without_changes_are_equal(
        stored in simple_descriptor(),
        changes in changes(),
    ) {
        let current = changed(&stored, &changes);
        if let Ok(notes) = can_read(&stored, &current) {
            prop_assert_eq!(notes.is_empty(), stored == current, "{}", notes);
            prop_assert!(notes.iter().all(|note| !note.contains('\n')));
        }
    }

    #[test]
    fn can_read_is_transitive(
        first in simple_descriptor(),
        changes in (changes(), changes()),
    ) {
        let second = changed(&first, &changes.0);
        let third = changed(&second, &changes.1);
        if can_read(&first, &second).is_ok() && can_read(&second, &third).is_ok() {
            let direct = can_read(&first, &third);
            prop_assert!(direct.is_ok(), "{}\n{}\n{}\n{:?}", first, second, third, direct);
        }
    }
}

/// A row may end before a field with a default although a field without bytes follows.
#[test]
fn field_without_bytes_after_a_default_does_not_hide_it() {
    let outer = |default: &str, after: &str| -> Descriptor {
        format!("struct Outer {{ inner: struct Inner {{ a: bool{default} }}, after: {after} }}")
            .parse()
            .unwrap()
    };
    for after in ["fixed(0)", "desc(fixed(0))", "desc(desc((fixed(0), fixed(0))))"] {
        let [with, without] = [" = default", ""].map(|default| outer(default, after));
        let refused = can_read(&with, &without).unwrap_err();
        assert_eq!(refused.place(), "Outer.inner.a", "{refused}");
        assert!(can_read(&without, &with).is_ok(), "{after}");
    }
    let [with, without] = [" = default", ""].map(|default| outer(default, "u8"));
    assert!(can_read(&with, &without).is_ok(), "no row ends before the default");
}

#[test]
fn long_cycles_do_not_overflow_the_stack() {
    // The cycles have 62 and 63 steps, so they meet again after 3,906.
    let cycle = |length: usize| -> Descriptor {
        let inner = format!("opt(ref(L, {}))", length - 1);
        let text = (0..length).fold(inner, |inner, _| {
            let shape = format!("struct L {{ head: u8, tail: {inner} }}");
            format!("opt({shape})")
        });
        text.parse().unwrap()
    };
    for (stored, current) in [(1, 63), (62, 63), (63, 62)] {
        assert!(can_read(&cycle(stored), &cycle(current)).is_ok());
    }
}

#[test]
fn leaf_below_127_structs_is_compared() {
    let below = |leaf: &str| -> Descriptor {
        let (open, close) = ("struct A { a: ".repeat(127), " }".repeat(127));
        format!("{open}{leaf}{close}").parse().unwrap()
    };
    assert!(can_read(&below("u8"), &below("u8")).unwrap().is_empty());
    let refused = can_read(&below("u8"), &below("bool")).unwrap_err();
    assert!(refused.place().starts_with("A.a.a"), "{refused}");
}
