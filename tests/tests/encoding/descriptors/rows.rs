//! `can_read` compared with real reading by the [model](super::model), and the model compared with decoders.

use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use persist_core::descriptor::{Descriptor, can_read};
use persist_core::{KeyDecode, KeyEncode, Lex, PayloadDecode, PayloadEncode};
use persist_tests::adversarial::derived::{
    containers, descending, enums, fixed, generics, growing, lexical, recursive, runs, skipped,
    wrapped,
};
use persist_tests::adversarial::{Adversarial, Message, Tree};
use persist_tests::properties::config;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::REGRESSIONS;
use super::edits::{changed, changes};
use super::generated::simple_descriptor;
use super::model::{row, value};

/// Returns the configuration for `cases` cases, or for a tenth of them under Miri, which is slow.
fn cases(cases: u32) -> ProptestConfig {
    let cases = if cfg!(miri) { cases / 10 } else { cases };
    config(cases, REGRESSIONS)
}

/// Each row of a shape, whole or ended before a field with a default, has the same value in every shape that can read
/// it.
#[test]
fn rows_that_can_be_read_have_the_same_value() {
    let choices = proptest::collection::vec(any::<u8>(), 0..40);
    let (pairs, compared, rows) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let count = |of: &Cell<u32>| of.set(of.get() + 1);
    let strategy = (simple_descriptor(), changes(), choices);
    let result = TestRunner::new(cases(4_000)).run(&strategy, |(stored, changes, choices)| {
        let current = changed(&stored, &changes);
        for (one, other) in [(&stored, &current), (&current, &stored)] {
            if one == other {
                continue;
            }
            count(&pairs);
            if can_read(one, other).is_err() {
                continue;
            }
            count(&compared);
            let Some(row) = row(one, &choices) else { continue };
            for end in 0..=row.len() {
                let Some(stored) = value(one, &row[..end]) else { continue };
                count(&rows);
                let read = value(other, &row[..end]);
                prop_assert_eq!(Some(stored), read, "{:?} of {}, by {}", &row[..end], one, other);
            }
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    let [pairs, compared, rows] = [pairs, compared, rows].map(Cell::into_inner);
    assert!(compared > pairs / 3, "of {pairs} pairs only {compared} read the other's rows");
    assert!(rows > compared, "of {compared} pairs that read there are only {rows} rows");
}

/// Checks that the model accepts the same rows as a decoder: values, their prefixes, rows of the model, and all of them
/// with one byte changed.
fn check_model_against_decoder(
    shape: &Descriptor,
    values: impl Strategy<Value = Vec<u8>>,
    decodes: impl Fn(&[u8]) -> bool,
) {
    let choices = proptest::collection::vec(any::<u8>(), 0..40);
    let change =
        (any::<prop::sample::Index>(), proptest::sample::select(vec![0, 1, 2, 0x80, 0xFF]));
    let strategy = (values, choices, change);
    let (accepted, refused) = (Cell::new(0), Cell::new(0));
    let result = TestRunner::new(cases(200)).run(&strategy, |case| {
        let (value_bytes, choices, (place, byte)) = case;
        prop_assert!(value(shape, &value_bytes).is_some(), "{:?} is a value", value_bytes);
        for mut row in [Some(value_bytes), row(shape, &choices)].into_iter().flatten() {
            prop_assert!(decodes(&row), "{:?} is a value", row);
            let end = place.index(row.len() + 1);
            let beginning = row[..end].to_vec();
            if let Some(changed) = row.get_mut(end) {
                *changed = byte;
            }
            for row in [beginning, row] {
                let is_value = decodes(&row);
                prop_assert_eq!(value(shape, &row).is_some(), is_value, "{:?} of {}", row, shape);
                let counter = if is_value { &accepted } else { &refused };
                counter.set(counter.get() + 1);
            }
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    assert!(
        accepted.get() > 10 && refused.get() > 10,
        "{shape}: {accepted:?} accepted, {refused:?} refused"
    );
}

fn reads_keys_as<T: Adversarial + KeyEncode + for<'de> KeyDecode<'de>>() {
    let values = T::values().prop_map(|value| value.to_key().into_bytes());
    check_model_against_decoder(&T::key_descriptor(), values, |row| T::from_key_bytes(row).is_ok());
}

fn reads_payloads_as<T: Adversarial + PayloadEncode + for<'de> PayloadDecode<'de>>() {
    let values = T::values().prop_map(|value| value.to_payload().into_bytes());
    check_model_against_decoder(&T::payload_descriptor(), values, |row| {
        T::from_payload_bytes(row).is_ok()
    });
}

#[test]
fn model_accepts_the_keys_that_derived_decoders_accept() {
    reads_keys_as::<lexical::LexText>();
    reads_keys_as::<lexical::LexDerived>();
    reads_keys_as::<lexical::LexWithin>();
    reads_keys_as::<lexical::LexVariants>();
    reads_keys_as::<descending::DescNumbers>();
    reads_keys_as::<descending::DescText>();
    reads_keys_as::<descending::DescCompounds>();
    reads_keys_as::<descending::DescOfDesc<Option<i64>>>();
    reads_keys_as::<wrapped::InReverse>();
    reads_keys_as::<fixed::FixedSizes>();
}

#[test]
fn model_accepts_the_payloads_that_derived_decoders_accept() {
    reads_payloads_as::<growing::GrownOnce>();
    reads_payloads_as::<growing::GrownTwice>();
    reads_payloads_as::<growing::GrownVariants>();
    reads_payloads_as::<growing::GrownInside>();
    reads_payloads_as::<runs::Mixed>();
    reads_payloads_as::<runs::AroundText>();
    reads_payloads_as::<enums::Tagged>();
    reads_payloads_as::<enums::Negative>();
    reads_payloads_as::<skipped::SkipVariants>();
    reads_payloads_as::<containers::Options>();
    reads_payloads_as::<containers::Tuples>();
    reads_payloads_as::<recursive::Sparse<String>>();
    reads_payloads_as::<recursive::Folder>();
    reads_payloads_as::<recursive::Term>();
    reads_payloads_as::<generics::OneOf<u8, String, Message>>();
    reads_payloads_as::<wrapped::InLex>();
    reads_payloads_as::<Tree>();
    reads_payloads_as::<(BTreeSet<u16>, BTreeMap<String, Option<i8>>)>();
    reads_payloads_as::<Result<BTreeSet<Reverse<u8>>, BTreeMap<Lex<String>, f32>>>();
}
