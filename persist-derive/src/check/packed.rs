//! Fields of packed types, which can't all be borrowed.

use syn::Type;

use crate::parse::errors::Errors;
use crate::parse::input::{Input, Variant};

/// Refuses a packed type unless its fields consist of single bytes, which are never misaligned.
pub(crate) fn refuse(input: &Input, errors: &mut Errors) {
    let mut fields = input.variants.iter().flat_map(Variant::written);
    if let Some(span) = input.repr.packed
        && !fields.all(|field| is_of_bytes(&field.ty))
    {
        errors.add_at(
            span,
            "encoding borrows the fields, and in a packed type only those of single bytes can be: derive it for a \
             type that isn't packed, and convert",
        );
    }
}

/// Whether a type consists of single bytes, judged by its tokens.
fn is_of_bytes(ty: &Type) -> bool {
    match ty {
        Type::Array(array) => is_of_bytes(&array.elem),
        Type::Group(group) => is_of_bytes(&group.elem),
        Type::Paren(paren) => is_of_bytes(&paren.elem),
        Type::Tuple(tuple) => tuple.elems.iter().all(is_of_bytes),
        Type::Path(path) => ["u8", "i8", "bool"].iter().any(|name| path.path.is_ident(name)),
        _ => false,
    }
}
