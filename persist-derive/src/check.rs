//! What can be seen to be wrong with a type as a whole.

use syn::{Error, GenericArgument, PathArguments, Type, TypeArray, TypeReference, TypeSlice};

use crate::attributes::Errors;
use crate::input::{Input, Variant};
use crate::order;
use crate::way::FieldAttributes;

pub(crate) fn input(input: &Input, errors: &mut Errors) {
    for variant in &input.variants {
        variant_of(variant, errors);
    }
    order::refuse(input, errors);
}

fn variant_of(variant: &Variant, errors: &mut Errors) {
    let last = variant.written().last().map(|field| &field.name);
    let mut default_before = None;
    for field in variant.written() {
        let FieldAttributes { tail, default, is_lex, is_foreign, .. } = field.attributes;
        if let Some(span) = tail
            && last != Some(&field.name)
        {
            errors.add_at(
                span,
                "only the last field can be the tail: nothing could be found behind it",
            );
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

fn has_zero_width_elements(ty: &Type) -> bool {
    let is_unit = |ty: &Type| matches!(ty, Type::Tuple(tuple) if tuple.elems.is_empty());
    match ty {
        Type::Slice(TypeSlice { elem, .. }) | Type::Array(TypeArray { elem, .. }) => is_unit(elem),
        Type::Reference(TypeReference { elem, .. }) => has_zero_width_elements(elem),
        Type::Group(group) => has_zero_width_elements(&group.elem),
        Type::Paren(paren) => has_zero_width_elements(&paren.elem),
        Type::Path(path) => path.path.segments.last().is_some_and(|segment| {
            let counted = ["Vec", "VecDeque"].iter().any(|name| segment.ident == name);
            type_arguments(&segment.arguments)
                .any(|ty| counted && is_unit(ty) || has_zero_width_elements(ty))
        }),
        _ => false,
    }
}

/// The types among the arguments of a path.
pub(crate) fn type_arguments(arguments: &PathArguments) -> impl Iterator<Item = &Type> {
    let arguments = match arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        _ => None,
    };
    arguments.into_iter().flatten().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}
