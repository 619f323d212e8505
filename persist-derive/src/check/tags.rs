//! Mistakes in the tags of an enum's variants.
//!
//! Discriminants can be expressions that only the compiler can evaluate. For these, `expand/tags.rs` generates assertions
//! with the same messages.

use std::collections::HashMap;

use crate::parse::errors::Errors;
use crate::parse::tags::{Tags, VariantTag};

pub(crate) const TOO_LARGE: &str =
    "the discriminant of this variant does not fit an i64: give it a `tag`";

pub(crate) const OTHER_ORDER: &str = "this tag contradicts `ordered`: `Ord` sorts variants by their discriminants, and \
    the tags sort otherwise; number them in one order, or take `#[derive(KeyOrd)]` in place of `ordered`";

pub(crate) fn refuse(tags: &Tags, errors: &mut Errors) {
    for variant in tags.variants.iter().filter(|variant| variant.given.is_none()) {
        if variant.discriminant.is_some_and(|value| i64::try_from(value).is_err()) {
            errors.add_at(variant.variant.span(), TOO_LARGE);
        }
    }
    refuse_equal(tags, errors);
}

/// Refuses equal tags of which at least one is given. The compiler refuses equal discriminants itself.
fn refuse_equal(tags: &Tags, errors: &mut Errors) {
    let mut seen: HashMap<i128, &VariantTag> = HashMap::new();
    for variant in &tags.variants {
        let Some(value) = variant.tag else { continue };
        let Some(first) = seen.insert(value, variant) else { continue };
        if first.given.is_some() || variant.given.is_some() {
            errors.add_at(first.place(), format!("two variants have the tag {value}"));
            let message = format!("the other one with the tag {value}: give it another");
            errors.add_at(variant.place(), message);
        }
    }
}

/// Refuses tags that don't sort as `Ord` sorts the variants, which is by discriminant.
pub(crate) fn refuse_other_order(tags: &Tags, errors: &mut Errors) {
    for (index, later) in tags.variants.iter().enumerate() {
        for earlier in &tags.variants[..index] {
            if let (Some(left), Some(right), Some(left_tag), Some(right_tag)) =
                (earlier.discriminant, later.discriminant, earlier.tag, later.tag)
                && (left < right) != (left_tag < right_tag)
            {
                let given = later.given.or(earlier.given);
                let place = given.map_or_else(|| later.variant.span(), |given| given.span);
                errors.add_at(place, OTHER_ORDER);
                return;
            }
        }
    }
}
