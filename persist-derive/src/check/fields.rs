//! Mistakes in single fields and in their order.

use syn::{Error, Type, TypeArray, TypeReference, TypeSlice};

use crate::parse::errors::Errors;
use crate::parse::field_attributes::FieldAttributes;
use crate::parse::input::{Input, Variant};
use crate::parse::types::{is_phantom, type_arguments};

pub(crate) fn refuse(input: &Input, errors: &mut Errors) {
    for variant in &input.variants {
        refuse_in(variant, errors);
    }
}

fn refuse_in(variant: &Variant, errors: &mut Errors) {
    let last = variant.written().last().map(|field| &field.name);
    let mut default_before = None;
    for field in variant.written() {
        let FieldAttributes { tail, default, is_lex, is_foreign, .. } = field.attributes;
        if let Some(span) = tail
            && last != Some(&field.name)
        {
            errors
                .add_at(span, "only the last field can be the tail: it takes all remaining bytes");
        }
        if default.is_some() {
            default_before = default;
        } else if let Some(span) = default_before.take() {
            errors.add_at(
                span,
                format!(
                    "a stored value that ends before this field would lack `{}` too: make that `default` as well, \
                     or move this field to the end",
                    field.name,
                ),
            );
        }
        if !is_lex && !is_foreign && has_zero_width_elements(&field.ty) {
            let message =
                "a count of elements without bytes can't be read back: store the count itself";
            errors.add(Error::new_spanned(&field.ty, message));
        }
    }
}

/// Whether a type is a sequence or set of elements without bytes, judged by the names in it.
fn has_zero_width_elements(ty: &Type) -> bool {
    match ty {
        Type::Slice(TypeSlice { elem, .. }) | Type::Array(TypeArray { elem, .. }) => {
            is_unit(elem) || has_zero_width_elements(elem)
        }
        Type::Reference(TypeReference { elem, .. }) => has_zero_width_elements(elem),
        Type::Tuple(tuple) => tuple.elems.iter().any(has_zero_width_elements),
        Type::Group(group) => has_zero_width_elements(&group.elem),
        Type::Paren(paren) => has_zero_width_elements(&paren.elem),
        Type::Path(path) => path.path.segments.last().is_some_and(|segment| {
            // `Lex` writes a byte in front of each element, and `PhantomData` has no elements.
            let is_named = |names: &[&str]| names.iter().any(|name| segment.ident == name);
            let is_counted = is_named(&["Vec", "VecDeque", "BTreeSet", "HashSet"]);
            !is_named(&["Lex", "PhantomData"])
                && type_arguments(&segment.arguments)
                    .any(|ty| is_counted && is_unit(ty) || has_zero_width_elements(ty))
        }),
        _ => false,
    }
}

fn is_unit(ty: &Type) -> bool {
    match ty {
        Type::Tuple(tuple) => tuple.elems.iter().all(is_unit),
        Type::Group(group) => is_unit(&group.elem),
        Type::Paren(paren) => is_unit(&paren.elem),
        ty => is_phantom(ty),
    }
}
