//! Lints that projects turn on.

use persist_core::{KeyEncode, key};

use crate::is_ordered;

/// The lints of strict projects.
#[deny(
    elided_lifetimes_in_paths,
    missing_debug_implementations,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unreachable_pub,
    unused_lifetimes,
    unused_qualifications,
    unused_results,
    clippy::absolute_paths,
    clippy::allow_attributes,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::default_trait_access,
    clippy::empty_loop,
    clippy::exhaustive_enums,
    clippy::indexing_slicing,
    clippy::integer_division,
    clippy::missing_inline_in_public_items,
    clippy::nursery,
    clippy::panic,
    clippy::pattern_type_mismatch,
    clippy::question_mark_used,
    clippy::semicolon_outside_block,
    clippy::shadow_reuse,
    clippy::shadow_same,
    clippy::shadow_unrelated,
    clippy::single_call_fn,
    clippy::std_instead_of_core,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm
)]
mod strict {
    use persist_core::{KeyDecode, KeyEncode, KeyOrd, PayloadDecode, PayloadEncode};

    #[derive(KeyEncode, KeyDecode, KeyOrd, PayloadEncode, PayloadDecode, Debug)]
    pub(super) struct Sample<'a, T, const N: usize> {
        pub(super) text: &'a str,
        #[key(lex)]
        pub(super) name: String,
        #[key(desc, fixed)]
        #[payload(fixed)]
        pub(super) hash: [u8; N],
        pub(super) value: T,
        #[key(skip)]
        #[payload(default)]
        pub(super) note: String,
    }

    #[derive(
        KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug, PartialEq, Eq, PartialOrd, Ord,
    )]
    #[key(ordered)]
    pub(super) enum Mood {
        Calm = crate::SEVEN,
        #[key(tag = 100)]
        Happy,
        Angry = 200,
    }

    /// In parentheses, since macros wrap their arguments so.
    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug)]
    pub(super) enum Enclosed {
        Sum = (1 + 2),
        Cast = (crate::SEVEN),
    }

    #[derive(
        KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug, PartialEq, Eq, PartialOrd, Ord,
    )]
    #[key(crate = "crate::renamed::other", ordered)]
    #[payload(crate = "crate::renamed::other")]
    pub(super) struct Renamed {
        pub(super) id: u64,
        #[key(lex)]
        pub(super) name: Option<String>,
        pub(super) next: Option<Box<Self>>,
    }
}

#[test]
fn derives_pass_strict_lints() {
    use strict::{Enclosed, Mood, Renamed, Sample};

    let sample = Sample { text: "t", name: "n".into(), hash: [1, 2], value: 3u8, note: "n".into() };
    let key = sample.to_key();
    let back: Sample<'_, u8, 2> = key.decode().unwrap();
    assert_eq!(back, sample);
    assert!(back.note.is_empty());
    is_ordered::<Mood>();
    is_ordered::<Renamed>();
    assert_eq!([Enclosed::Sum.to_key(), Enclosed::Cast.to_key()], [key!(3i64), key!(7i64)]);
}
