//! Mistakes in the claim that a type's `Ord` is the order of its keys.

use super::tags;
use crate::parse::errors::Errors;
use crate::parse::input::Input;

/// Refuses attributes and tags that contradict the attribute `ordered`.
pub(crate) fn refuse(input: &Input, errors: &mut Errors) {
    if input.ordered.is_none() {
        return;
    }
    for field in input.variants.iter().flat_map(|variant| &variant.fields) {
        if let Some((attribute, span)) = field.attributes.reordered {
            let why = match attribute {
                "skip" => "`Ord` compares it and the key doesn't have it",
                "desc" => "the key has it in the other direction than `Ord`",
                _ => "nothing is known of the order that it writes",
            };
            errors.add_at(
                span,
                format!(
                    "`{attribute}` on `{}` contradicts `ordered`: {why}; leave one of the two out, or take \
                     `#[derive(KeyOrd)]` in place of `ordered` and the derives of `Ord`",
                    field.name,
                ),
            );
        }
    }
    if let Some(tags) = &input.tags {
        tags::refuse_other_order(tags, errors);
    }
}

/// Refuses `ordered` on a type with `KeyOrd`. The type's `KeyEncode` reports all other mistakes.
pub(crate) fn refuse_key_ord(input: &Input, errors: &mut Errors) {
    if let Some(span) = input.ordered {
        errors.add_at(
            span,
            "`KeyOrd` makes the order of the keys that of `Ord`: leave `ordered` out",
        );
    }
}
