//! Variants that are added, removed, moved, renamed, or get another tag or fields.

use super::Case;
use super::case::{Cells, Old, new, old};

pub(crate) const CASES: &[Case] = &[
    ("rename a variant", rename_a_variant),
    ("add a variant at the end", add_at_the_end),
    ("add a variant in the middle, without tags", add_in_the_middle),
    ("add a variant in the middle, all tags given", add_in_the_middle_with_tags),
    ("reorder variants, without tags", reorder),
    ("reorder variants, all tags given", reorder_with_tags),
    ("remove a variant", remove),
    ("change a tag", change_a_tag),
    ("add fields to a variant", add_fields),
    ("add fields with `default` to a variant", add_defaults),
];

fn without_tags() -> Old {
    old!({ enum Mood { Calm, Happy, Angry } } Mood::Calm, Mood::Happy, Mood::Angry)
}

fn with_tags() -> Old {
    old!({ enum Mood { #[key(tag = 1)] Calm, #[key(tag = 2)] Happy, #[key(tag = 3)] Angry } }
        Mood::Calm, Mood::Happy, Mood::Angry)
}

fn rename_a_variant() -> Cells {
    let new = new!({ enum Mood { Quiet, Happy, Angry } }
        Some(Mood::Quiet), Some(Mood::Happy), Some(Mood::Angry));
    without_tags().read_by(&new)
}

fn add_at_the_end() -> Cells {
    let new = new!({ enum Mood { Calm, Happy, Angry, Sad { since: i64 } } }
        Some(Mood::Calm), Some(Mood::Happy), Some(Mood::Angry));
    without_tags().read_by(&new)
}

fn add_in_the_middle() -> Cells {
    let new = new!({ enum Mood { Calm, Sad, Happy, Angry } }
        Some(Mood::Calm), Some(Mood::Happy), Some(Mood::Angry));
    without_tags().read_by(&new)
}

fn add_in_the_middle_with_tags() -> Cells {
    let new = new!({ enum Mood {
            #[key(tag = 1)] Calm, #[key(tag = 4)] Sad, #[key(tag = 2)] Happy, #[key(tag = 3)] Angry,
        } }
        Some(Mood::Calm), Some(Mood::Happy), Some(Mood::Angry));
    with_tags().read_by(&new)
}

fn reorder() -> Cells {
    let new = new!({ enum Mood { Angry, Calm, Happy } }
        Some(Mood::Calm), Some(Mood::Happy), Some(Mood::Angry));
    without_tags().read_by(&new)
}

fn reorder_with_tags() -> Cells {
    let new = new!({ enum Mood { #[key(tag = 3)] Angry, #[key(tag = 1)] Calm, #[key(tag = 2)] Happy } }
        Some(Mood::Calm), Some(Mood::Happy), Some(Mood::Angry));
    with_tags().read_by(&new)
}

fn remove() -> Cells {
    let new = new!({ enum Mood { Calm, Happy } } Some(Mood::Calm), Some(Mood::Happy), None);
    without_tags().read_by(&new)
}

fn change_a_tag() -> Cells {
    let new = new!({ enum Mood { #[key(tag = 1)] Calm, #[key(tag = 9)] Happy, #[key(tag = 3)] Angry } }
        Some(Mood::Calm), Some(Mood::Happy), Some(Mood::Angry));
    with_tags().read_by(&new)
}

fn add_fields() -> Cells {
    let new = new!({ enum Mood { Calm, Happy { since: i64 }, Angry } }
        Some(Mood::Calm), Some(Mood::Happy { since: 0 }), Some(Mood::Angry));
    without_tags().read_by(&new)
}

fn add_defaults() -> Cells {
    let old = old!(payloads { enum Mood { Calm, Happy { since: i64 } } }
        Mood::Calm, Mood::Happy { since: 7 });
    let new = new!(payloads { enum Mood {
            Calm { #[payload(default)] since: i64 },
            Happy { since: i64, #[payload(default)] why: String },
        } }
        Some(Mood::Calm { since: 0 }), Some(Mood::Happy { since: 7, why: String::new() }));
    old.read_by(&new)
}
