//! Mistakes that can be seen in the item alone, without knowing types.

pub(crate) mod fields;
pub(crate) mod order;
pub(crate) mod packed;
pub(crate) mod static_borrows;
pub(crate) mod tags;

use crate::parse::errors::Errors;
use crate::parse::input::Input;

/// Adds the mistakes that matter to every derive of keys and payloads.
pub(crate) fn refuse(input: &Input, errors: &mut Errors) {
    if let Some(tags) = &input.tags {
        tags::refuse(tags, errors);
    }
    fields::refuse(input, errors);
    order::refuse(input, errors);
}
