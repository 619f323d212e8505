//! The comparison of two leaves, and the reasons for a mismatch in words.

use alloc::format;
use alloc::string::{String, ToString};

use crate::encoding::descriptor::shape::Descriptor;

/// Whether `current` has all values of `stored`, in the same bytes, and more.
pub(super) fn widens(stored: &Descriptor, current: &Descriptor) -> bool {
    use Descriptor::{I8, I16, I32, I64, U16, U32, U64};
    matches!(
        (stored, current),
        (U16, U32 | U64) | (U32, U64) | (I8, I16 | I32 | I64) | (I16, I32 | I64) | (I32, I64)
    )
}

/// Returns the reason why `current` can't read `stored`.
pub(super) fn mismatch(stored: &Descriptor, current: &Descriptor) -> String {
    let (stored_word, current_word) = (shown(stored), shown(current));
    if widens(current, stored) {
        return format!(
            "{stored_word} was stored, and {current_word} can't hold all of its values"
        );
    }
    match (integer_width(stored), integer_width(current)) {
        (Some(stored_width), Some(current_width)) if stored_width != current_width => {
            format!(
                "{stored_word} is stored in {stored_width}, and {current_word} in {current_width}"
            )
        }
        _ => format!("{stored_word} was stored, which {current_word} doesn't read"),
    }
}

/// Returns the shape without its inner shapes.
pub(super) fn shown(shape: &Descriptor) -> String {
    match shape {
        Descriptor::Enum { name, .. } => format!("enum {name}"),
        Descriptor::Opt(_)
        | Descriptor::Res(..)
        | Descriptor::Seq(_)
        | Descriptor::Map(..)
        | Descriptor::Set(_)
        | Descriptor::Lex(_)
        | Descriptor::Desc(_) => format!("{}(…)", shape.word()),
        leaf => leaf.to_string(),
    }
}

fn integer_width(shape: &Descriptor) -> Option<&'static str> {
    use Descriptor::{I8, I16, I32, I64, I128, U8, U16, U32, U64, U128};
    match shape {
        U8 => Some("one byte"),
        U16 | U32 | U64 | I8 | I16 | I32 | I64 => Some("eight bytes"),
        U128 | I128 => Some("sixteen bytes"),
        _ => None,
    }
}
