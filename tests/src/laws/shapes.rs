//! The laws of descriptors: the text of a descriptor parses to the same descriptor, and a type can read its own rows.

use persist_core::descriptor::{Descriptor, can_read};
use persist_core::{KeyEncode, PayloadEncode};

pub(super) fn of_a_key<T: KeyEncode>() {
    check(&T::key_descriptor());
}

pub(super) fn of_a_payload<T: PayloadEncode>() {
    check(&T::payload_descriptor());
}

fn check(descriptor: &Descriptor) {
    let text = descriptor.to_string();
    let parsed = text.parse::<Descriptor>();
    assert_eq!(parsed.as_ref(), Ok(descriptor), "{text}");
    match can_read(descriptor, descriptor) {
        Ok(changes) => assert!(changes.is_empty(), "{text} differs from itself: {changes}"),
        Err(error) => panic!("{text} can't read itself: {error}"),
    }
}
